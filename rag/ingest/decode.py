"""Bytes → text: marks, strict UTF-8, then whichever encoding gives the most ordinary Chinese.

A reading is judged by its characters alone: those of running Chinese count for it, rare ones and
losses against it, so a declared charset is a hint that can be wrong. UTF-8 that was misread before
it was saved is read back, or said to be lost. What the text means is not looked at here.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from rag.text import is_han

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_NAMES = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030",
    "big5hkscs": "Big5",
    "cp1252": "Windows-1252",
    "hz": "HZ",
    **{codec: codec[:6].upper() for codec in _WIDE},
}
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"\x7fELF")
_DECLARED = re.compile(
    rb"<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,80}?encoding)\s*=\s*[\"']?\s*([\w.:-]{2,24})",
    re.IGNORECASE,
)
_SAMPLE = 64 * 1024
_HIGH = re.compile(rb"[\x80-\xff]+")
_HZ = re.compile(rb"~\{(?:[!-w][!-~])+~\}")
_NOT_ASCII = re.compile("[^\x00-\x7f]+")
# Carriage returns and tabs are white space; every other control is no character of a text. Zero
# width characters and marks of text direction go too: they hide in a quote.
_NO_TEXT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
# A file that was saved twice for Windows has \r\r\n.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINE_END = re.compile(r"\r+\n|[\r\v\f\x85\u2028\u2029]")
_LOST = "\ufffd"

# Seven in ten characters of Chinese papers and encyclopedias are of these, counted by us; then the
# traditional forms of the same.
_COMMON = (
    "的一在是国年为中有人大和了学不以于会地时上个成发这后生出用到家行可对来与作我他分要公部之日长方主"
    "多能其们月经而新名政自区理法现也民业最市开动斯过下并高及被前机西电得由所三等工全将本同加体内物面"
    "南美者子文十但定位化里代种进因此期当特员重都尔度如系合间力制通海世科就产小外实建天数至入第关球场"
    "道事利水统平任说亚性次两使北表东或立提称明比德元克然起些保山军金二从治联基台式共教计目米设战院量"
    "社更心品果相资义还应点正常四无界路府程总约展已意安拉布议线原赛首城问该务济手达州持形省运影队领好"
    "管万组交司车改情直研受江口马单流没格据英包网题很选认取接史件论示结收报非解罗信类只华究书向变则它"
    "商处导门术巴视广洲每近欧标周纪百县去兰始士王那活决今各给样色着岛河气阿古需权五造少委语党级局强带"
    "支放供许指六质尼医族记复看专列女林即源打规太反属维集观著历身回知先游条风费卡未续别空增获项推例技"
    "传消价剧校命确域片际型防易求朝调举星何击助龙创清花老准纳做查号户乐构完再转字又境器把让划她具您言"
    "國爲為學於會時個發這後對來與長們經區現業開動過並機電將體內裏裡種進當員爾間產實數關場統說亞兩東稱"
    "軍從聯臺計設戰資義還應點無總約議線賽問該務濟達運隊領萬組車馬單沒據網題選認論結報羅類華書變則處導"
    "門術視廣歐標紀縣蘭決給樣島氣權語黨級強帶許質醫記復專規屬維觀歷遊條風費續別獲項傳價劇確際調舉擊龍"
    "創準納號戶樂構轉讓劃頭離師證爭圖邊參"
)
_PUNCTUATION = "，。、；：？！“”‘’「」『』（）《》〈〉【】—–…·•\u3000\u00a0"

_GBK = "UTF-8 read as GBK"
_IRRECOVERABLE = (
    ("锟斤拷", _GBK),
    ("烫烫", "blank memory read as GBK"),
    ("屯屯", "blank memory read as GBK"),
    (_LOST, "characters replaced by question marks"),
    ("ï¿½", "characters replaced by question marks"),
)
# (wrong codec, right codec) of a text that was misread and then saved.
_MISREADINGS = (
    ("gb18030", "utf-8"),
    ("cp1252", "utf-8"),
    ("big5hkscs", "utf-8"),
    ("cp1252", "gb18030"),
    ("cp1252", "big5hkscs"),
    ("gb18030", "big5hkscs"),
    ("big5hkscs", "gb18030"),
)
# Software decodes Windows-1252 with or without the controls that it leaves undefined.
_CP1252_CHARS = {ord(bytes([b]).decode("cp1252", "ignore") or chr(b)): b for b in range(128, 256)}
# A no-break space inside a character is easily lost; a question mark stands for what is lost.
_BLANK_IN_CHARACTER = re.compile(rb"((?<=[\xe0-\xef])[\x80-\xbf]|[\xe0-\xef](?= [\x80-\xbf])) ")
_LOSSES = re.compile(f"{_LOST}[{_LOST}?]*")
_DECLARED_BONUS = 0.15  # of two readings about as good, the declared one
# Any bytes are some characters in UTF-16: to be taken for it, they must be good Chinese.
_PRIOR = {"utf-16-le": -0.4, "utf-16-be": -0.4}
_ORDINARY = 0.3  # fluency below which a text is looked at as misread; see _fluency
_MAX_LOST = 20  # a reading may lose one character in so many


class NotTextError(ValueError):
    """The bytes are no text; the message says why and names the fix."""


def decode(data: bytes, *, markup: bool = False) -> str:
    """The text of a file, its line ends as `\\n` and without control characters.

    With `markup` a charset declared in a meta tag or an XML declaration is a hint.

    Raises:
        NotTextError: the bytes are binary, in no encoding known here, or lost in a misreading.
    """
    return decode_named(data, markup=markup)[0]


def decode_named(
    data: bytes, *, markup: bool = False, charset: str | None = None
) -> tuple[str, str]:
    """The text as by `decode`, and how it was read: `GB18030 (declared as gb2312)`.

    `charset` is a hint from outside the file, such as a transport header. A character that is lost
    stands as U+FFFD, so that no quote hides it; one that is cut at the end of the file is left out.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    label = charset
    if label is None and markup and (found := _DECLARED.search(data[:_SAMPLE])) is not None:
        label = found.group(1).decode("ascii")
    codec = _codec(data, label)
    text = _decoded(data, codec)
    name = _NAMES[codec]
    if codec.startswith("utf"):
        text, name = _as_written(text, name)
    _refuse_binary(text)
    if label is not None and _plain(label) not in (_plain(name), _plain(codec)):
        name = f"{name} (declared as {label})"
    return _NO_TEXT.sub("", _LINE_END.sub("\n", text)), name


def _plain(label: str) -> str:
    return label.lower().replace("-", "").replace("_", "")


def _codec(data: bytes, label: str | None) -> str:
    """The encoding of a file."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return codec
    if data.startswith(_MAGIC):
        raise NotTextError("is binary, not text: save it as text")
    if b"\x00" in data[:_SAMPLE] and (wide := _wide(data)) is not None:
        return wide
    if _is_utf8(data):
        return "hz" if _is_hz(data) else "utf-8"
    return _guess(data, label)


def _is_utf8(data: bytes) -> bool:
    """Whether all is UTF-8, but for a character cut at the end."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return not text.isascii() or data.isascii()


def _is_hz(data: bytes) -> bool:
    """Whether ASCII holds runs of HZ, the encoding of Chinese in old mail."""
    if b"~{" not in data or not data.isascii():
        return False
    runs = b"".join(_HZ.findall(data[:_SAMPLE]))
    return bool(runs) and _fluency(runs.decode("hz", "replace")) > _ORDINARY


def _wide(data: bytes) -> str | None:
    """The kind of UTF-16 or UTF-32 of unmarked data with zero bytes, None if it is neither."""
    best, codec = max((_legible(_decoded(data[:_SAMPLE], codec)), codec) for codec in _WIDE)
    return codec if best > 0.5 else None


def _legible(text: str) -> float:
    """The fluency of a text in which printable ASCII counts as ordinary."""
    other = sum(map(len, _NOT_ASCII.findall(text)))
    controls = len(_NO_TEXT.findall(text))
    return (len(text) - other - 2 * controls + _fluency(text) * other) / max(1, len(text))


def _guess(data: bytes, label: str | None) -> str:
    """The encoding of eight-bit data that is not quite UTF-8, or UTF-16 without any ASCII."""
    first = _HIGH.search(data)
    start = first.start() & ~3 if first else 0
    sample = data[start : start + _SAMPLE]
    declared = _declared_codec(label)
    scores = {
        codec: _fluency(_decoded(sample, codec)) + _PRIOR.get(codec, 0.0)
        for codec in _candidates(sample)
    }
    if declared is not None:
        scores[declared] += _DECLARED_BONUS
    codec = max(scores, key=scores.__getitem__)
    if scores[codec] < 0:
        _refuse_binary(data.decode("latin-1"))
        raise NotTextError("is in no known text encoding: save it as UTF-8")
    return codec


def _candidates(sample: bytes) -> Iterator[str]:
    yield from ("utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
    # In Western text letters beyond ASCII mostly stand alone; those of Chinese run on.
    runs = _HIGH.findall(sample)
    if sum(len(run) == 1 for run in runs) * 10 >= 6 * sum(map(len, runs)):
        yield "cp1252"


def _declared_codec(label: str | None) -> str | None:
    """The Chinese codec that a label asks for; labels are used loosely for a whole family."""
    name = (label or "").lower()
    if "gb" in name:
        return "gb18030"
    return "big5hkscs" if "big5" in name or name == "cp950" else None


def _decoded(data: bytes, codec: str) -> str:
    """The text, each loss as U+FFFD; a character cut at the end and a mark are left out."""
    if codec == "hz":
        return data.decode("hz", "replace")
    return codecs.getincrementaldecoder(codec)("replace").decode(data).removeprefix("\ufeff")


def _refuse_binary(text: str) -> None:
    text = text.rstrip("\0")  # padding
    if len(_CONTROL.findall(text)) * 20 > len(text):
        raise NotTextError("is binary, not text: save it as text")


def _sample(text: str) -> str:
    """The first characters beyond ASCII, enough to judge by."""
    runs = []
    length = 0
    for found in _NOT_ASCII.finditer(text):
        runs.append(found.group())
        length += len(runs[-1])
        if length > _SAMPLE // 4:
            break
    return "".join(runs)


def _fluency(text: str) -> float:
    """How ordinary the characters beyond ASCII are: about 0.8 in Chinese papers, 0 without any.

    A common character or mark counts 1, one of the first level of GB2312 or Big5 0.3, a rare one
    -0.5, a loss or what is no character -3.
    """
    sample = _sample(text)
    weights = _weights()
    counts = Counter(sample)
    total = sum(weights.get(char, _other_weight(char)) * n for char, n in counts.items())
    return total / max(1, len(sample))


def _other_weight(char: str) -> float:
    if char == _LOST or "\ue000" <= char <= "\uf8ff" or _NO_TEXT.match(char):
        return -3.0
    if "\u00a1" <= char <= "\u024f" or "\uff01" <= char <= "\uff5e":
        return 0.1
    return -0.5


@cache
def _weights() -> dict[str, float]:
    def row(lead: int, trails: range, codec: str) -> str:
        return b"".join(bytes((lead, trail)) for trail in trails).decode(codec, "ignore")

    leads = (0xA1, 0xA2, 0xA3, 0xA9, *range(0xB0, 0xD8))
    level = "".join(row(lead, range(0xA1, 0xFF), "gb2312") for lead in leads)
    for lead in range(0xA1, 0xC7):
        for trails in (range(0x40, 0x7F), range(0xA1, 0xFF)):
            level += row(lead, trails, "big5")
    return dict.fromkeys(level, 0.3) | dict.fromkeys(_COMMON + _PUNCTUATION, 1.0)


def _as_written(text: str, name: str) -> tuple[str, str]:
    """The text before it was misread and saved, if it was; a text that is ordinary stays as is."""
    if text.isascii() or (fluency := _fluency(text)) > _ORDINARY:
        return text, name
    head = text[: _SAMPLE // 4]
    readings = {pair: _read_back(head, *pair) for pair in _misreadings(head)}
    wrong, right = max(readings, key=lambda pair: _plausibility(readings[pair]))
    if not _is_better(readings[wrong, right], fluency, right):
        _refuse_lost(text)
        return text, name
    was, had_been = _NAMES[right], "GBK" if wrong == "gb18030" else _NAMES[wrong]
    text = _read_back(text, wrong, right)
    # Chinese taken for other Chinese comes back altered, with nothing to show it.
    altered = {wrong, right} == {"gb18030", "big5hkscs"}
    if altered or text.count(_LOST) * _MAX_LOST > max(_MAX_LOST, len(text)):
        cause = f"{was} read as {had_been}"
        raise NotTextError(f"is mojibake ({cause} and saved): get the original file")
    return text, f"{was} after repair: it had been read as {had_been}"


def _refuse_lost(text: str) -> None:
    """Refuse what is in large part the rubbish of a misreading; an article may quote some."""
    for rubbish, cause in _IRRECOVERABLE:
        if text.count(rubbish) * len(rubbish) * 5 > len(text):
            raise NotTextError(f"is mojibake ({cause} and saved): get the original file")


def _misreadings(text: str) -> tuple[tuple[str, str], ...]:
    """The (wrong, right) codecs that can have given a text: a Chinese codec gives Chinese."""
    sample = _sample(text)
    chinese = sum(is_han(char) for char in sample) * 4 > len(sample)
    return tuple(pair for pair in _MISREADINGS if (pair[0] != "cp1252") == chinese)


def _is_better(reading: str, before: float, codec: str) -> bool:
    """Whether text that was read back is clearly the original.

    Three characters that all come out as UTF-8 are no chance, even if they are but accents.
    """
    after = _plausibility(reading)
    characters = len(_sample(reading))
    if codec == "utf-8" and _LOST not in reading and characters >= 3:
        return after > before
    return characters >= 2 and after > max(1.5 * _ORDINARY, before + _ORDINARY)


def _plausibility(reading: str) -> float:
    """The fluency of what was not lost, -3 where that is less than two thirds."""
    sample = _sample(reading)
    if sample.count(_LOST) * 3 > len(sample):
        return -3.0
    return _fluency(sample.replace(_LOST, ""))


def _read_back(text: str, wrong: str, right: str) -> str:
    """The text, had its bytes been read by the right codec; what is lost is U+FFFD."""
    if wrong == "cp1252":
        data = text.translate(_CP1252_CHARS).encode("latin-1", "replace")
    else:
        # Browsers read the byte 80 of a broken pair as the euro sign. FF is lost in any codec.
        data = b"\xff".join(
            b"\x80".join(part.encode(wrong, "replace") for part in run.split("€"))
            for run in text.split(_LOST)
        )
    if right == "utf-8":
        data = _BLANK_IN_CHARACTER.sub(b"\\1\xa0", data)
    return _LOSSES.sub(_LOST, _decoded(data, right))
