"""A saved mail or web archive → its letter as a document, and its attachments as members.

The letter is read as HTML or as plain text, whichever holds more. Quoted headers, signatures and
lines about the subscription are taken off; of a forwarded mail, the inner subject and date count.
Headers are decoded here, as many are written against the rules. A saved page (.mht) declares
itself in its own mark-up: its mail headers say when it was saved, not when it was published.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr, parsedate_tz

from rag.ingest import flow
from rag.ingest.charset import in_utf8
from rag.ingest.credits import is_outlet
from rag.ingest.dates import date_line, iso_date
from rag.ingest.decode import NotTextError, decode
from rag.ingest.fold import letters
from rag.ingest.html import read_html
from rag.ingest.layout import read_blocks
from rag.ingest.lines import Kind, kind
from rag.ingest.model import Block, Declared, Document, Dropped, Reading, Unread
from rag.ingest.surnames import is_chinese_name

Part = tuple[str, bytes] | Document | Reading | Unread
_WORD = re.compile(r"=\?([\w.:-]{2,30})(?:\*\w*)?\?([bBqQ])\?([^?]*)\?=")
_WORDS = re.compile(r"(?:=\?[\w.:-]{2,30}(?:\*\w*)?\?[bBqQ]\?[^?]*\?=)+")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_REPLY = re.compile(
    r"\s*(?:(?:re|fw|fwd|aw|转发|轉發|轉寄|回复|回覆|答复)(?:\[\d+\])?\s*[:：]|[【\[(（](?:转发|fwd?)[】\])）])\s*",
    re.IGNORECASE,
)
_LABELS = {
    "from": "发件人|发信人|寄件者|寄件人|from",
    "date": "发送时间|发送日期|发件时间|日期|时间|寄件日期|傳送時間|sent|date",
    "to": "收件人|收信人|收件者|to",
    "cc": "抄送|密送|副本|cc|bcc",
    "subject": "主题|主題|主旨|标题|subject",
    "other": "附件|重要性|回复至|attachments?|importance|reply-to",
}
_LABEL = re.compile(
    r"(?:^|(?<=\s))[*＊]{0,2}(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")[*＊]{0,2}\s?[:：][*＊]{0,2}\s*",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"\W*(?:-{3,}|_{5,}|={5,}|\*{5,})\s*(?:.{0,12}(?:原始?邮件|转发|轉寄|forwarded|original).{0,20})?\W*$"
    r"|(?:begin forwarded message|以下是转发的邮件)\W*$"
    r"|(?:在 ?\d{4}.{4,60}|on .{6,80})(?:写道|wrote)\W*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s*$")
_FURNITURE = re.compile(
    r"退订|取消订阅|退閱|unsubscribe|不(?:想|愿|希望)(?:再|继续)?(?:收到|接收)|勿(?:直接)?回复"
    r"|系统自动(?:发出|发送)|manage (?:your )?(?:preferences|subscription)|update your preferences"
    r"|(?:view|open|read) (?:it |this (?:e-?mail |message )?)?(?:in|on) (?:a|your|the) "
    r"(?:web )?browser|在浏览器中?(?:查看|打开|阅读)|无法(?:正常)?显示.{0,12}(?:邮件|点击)"
    r"|^发自我的|^从我的.{1,12}(?:发送|发出)$|^sent from my |^获取 ?outlook|^get outlook"
    r"|^(?:阅读全文|查看(?:全文|原文|详情)|点击(?:阅读|查看).{0,6}|继续阅读|read (?:more|on)"
    r"|full story)\W*(?:https?://\S+)?$|^<?https?://\S+>?$"
    r"|you (?:are|'re) receiving this|您?收到(?:此|这封|本)邮件|本邮件及其附件",
    re.IGNORECASE,
)
_MAX_FURNITURE = 160  # characters of a line
_MAX_SIGNATURE = 12  # lines
_MAX_CONTENTS = 800  # characters of all that stands above the first story
_MAX_HEADLINE = 60
_MAX_FOOT = 150
_MAX_NOTE = 60
_MAX_LETTER = 300
_GREETING = re.compile(
    r"(?:各位|尊敬的|亲爱的|敬爱的|.{0,16}(?:老师|同仁|编辑|记者|朋友|女士|先生)们?[：:，,]|[您你大]家?好"
    r"|Dear\b|Hi\b|Hello\b|To the editor)",
    re.IGNORECASE,
)
_RULE = re.compile(r"[=*_~+#·—─━-][=*_~+#·—─━ -]{2,}")
_URL = re.compile(r"<?https?://\S+>?")
_MAX_PARTS = 1000
_MAX_NESTING = 20


@dataclass(slots=True)
class _Letter:
    """The parts of one mail: the texts of its body, and what is attached to it."""

    html: list[str]
    plain: list[str]
    attached: list[tuple[str, bytes]]
    inner: list[Message]
    location: str | None = None
    parts: int = 0


def read_mail(data: bytes) -> Iterator[Part]:
    """The letter, then (name, content) of each attachment and the letters attached to it.

    Raises:
        NotTextError: the file is no mail.
    """
    try:
        message: Message = message_from_bytes(data)
        if not message.keys():
            raise NotTextError("is no saved mail: save it again as .eml")
        yield from _read_message(message, "", 0)
    except RecursionError as error:
        raise NotTextError("is nested too deep: save its text as .txt") from error


def _read_message(message: Message, name: str, depth: int) -> Iterator[Part]:
    letter = _Letter([], [], [], [])
    _collect(message, letter, 0)
    carries = bool(letter.attached or letter.inner)
    document = _document(message, letter)
    note = "\n".join(block.text for block in document.blocks) if document is not None else ""
    if carries and _size(note) <= _MAX_NOTE:
        dropped = (Dropped(note, "note above attachments"),) if note else ()
        yield Reading((), name, "mail", dropped)
    elif document is not None:
        yield replace(document, name=name)
    else:
        yield Unread("holds no text: save it again as .eml", name)
    yield from ((_inside(name, attached), content) for attached, content in letter.attached)
    for number, inner in enumerate(letter.inner, 1):
        way = _inside(name, f"mail {number}")
        if depth < _MAX_NESTING:
            yield from _read_message(inner, way, depth + 1)
        else:
            yield Unread("lies too deep in other mails: save it on its own", way)


def _inside(name: str, member: str) -> str:
    return f"{name}/{member}" if name else member


def _collect(part: Message, letter: _Letter, depth: int) -> None:
    """Sort the parts of a mail; one that is nested or split beyond reason ends early."""
    letter.parts += 1
    if depth > _MAX_NESTING or letter.parts > _MAX_PARTS:
        return
    form = part.get_content_type()
    if part.is_multipart():
        inner = [child for child in part.get_payload() if isinstance(child, Message)]
        if form == "message/rfc822":
            letter.inner += inner
        else:
            for child in inner:
                _collect(child, letter, depth + 1)
        return
    name = _file_name(part)
    attached = (_header(part, "Content-Disposition") or "").lower().startswith("attachment")
    if form in ("text/html", "text/plain") and not attached and not name:
        text = _text(part, markup=form == "text/html")
        if form == "text/html":
            letter.location = letter.location or _header(part, "Content-Location")
        (letter.html if form == "text/html" else letter.plain).append(text)
    elif name and part.get_content_maintype() not in ("image", "audio", "video"):
        letter.attached.append((name, _payload(part)))


def _document(message: Message, letter: _Letter) -> Document | None:
    """The letter as a document; None when it has no text."""
    if letter.html and _is_saved_page(message):
        return _as_page(read_html(letter.html[0]), message, letter)
    plain = "\n\n".join(letter.plain)
    size = _size(_URL.sub("", plain))
    found = [block for html in letter.html for block in _blocks(html)]
    if not size and not found:
        return None
    # Mark-up adds its buttons: plain text is the cleaner of two equals.
    if sum(_size(block.text) for block in found) > 1.2 * size:
        kept, inner, dropped = _strip([block.text for block in found])
        blocks = [found[index] for index in kept]
    else:
        lines = _unquoted(plain).split("\n")
        kept, inner, dropped = _strip(lines)
        text = dict.fromkeys(range(len(lines)), "") | {index: lines[index] for index in kept}
        blocks = read_blocks("\n".join(text.values()))
    declared = _declared(message, inner, blocks)
    if (release := _release(blocks)) is not None:
        origins = {**declared.origins, "title": "headline of the release"}
        declared = replace(declared, title=blocks[release].text, origins=origins)
        dropped += [Dropped(block.text, "letter around a release") for block in blocks[:release]]
        dated = [block for block in blocks[:release] if date_line(block.text)]
        blocks = [*dated, *blocks[release + 1 :]]
    return Document(blocks, declared, "", "mail", tuple(dropped))


def _release(blocks: list[Block]) -> int | None:
    """The index of the headline below a letter that hands over a press release."""
    if not blocks or _GREETING.match(blocks[0].text) is None:
        return None
    first = next((i for i, block in enumerate(blocks) if block.heading), None)
    if first is None or len(blocks) - first < 3:
        return None
    return first if sum(len(block.text) for block in blocks[:first]) <= _MAX_LETTER else None


def _blocks(html: str) -> list[Block]:
    try:
        return flow.read_blocks(flow.parse(html))
    except NotTextError:
        return []


def _is_saved_page(message: Message) -> bool:
    sender = _header(message, "From") or ""
    return "saved by" in sender.lower() or message["Snapshot-Content-Location"] is not None


def _as_page(document: Document, message: Message, letter: _Letter) -> Document:
    """A web page that was saved as one file: its mark-up says what it is."""
    declared = document.declared
    title, origins = declared.title, dict(declared.origins)
    if title is None and (title := _header(message, "Subject")):
        origins["title"] = "name of the saved page"
    url = declared.url or _header(message, "Snapshot-Content-Location") or letter.location
    declared = replace(declared, title=title, url=url, origins=origins)
    return replace(document, declared=declared, how="saved web page")


def _declared(message: Message, inner: dict[str, str], blocks: list[Block]) -> Declared:
    """What the headers declare; those of a forwarded mail stand for its own."""
    headers = inner or {name: _header(message, name) or "" for name in ("from", "date", "subject")}
    title, origin = _subject(headers.get("subject")), "mail subject"
    headed = blocks[0].text if blocks and blocks[0].heading else None
    if title is not None and (printed := _printed(title, blocks) or headed) is not None:
        title, origin = printed, "headline in the mail"
    declared = Declared(
        title=title, some_date=_day(headers.get("date")), publisher=_sender(headers.get("from"))
    )
    origins = {"title": origin, "some_date": "mail date", "publisher": "mail sender"}
    known = {name: origin for name, origin in origins.items() if getattr(declared, name)}
    return replace(declared, origins=known)


def _printed(subject: str, blocks: list[Block]) -> str | None:
    """The headline above the text that the subject repeats, with more words around it."""
    whole = letters(subject)
    lines = [block.text for block in blocks[:6] if len(block.text) <= len(subject)]
    return next((t for t in lines if len(letters(t)) > 5 and letters(t) in whole), None)


def _subject(text: str | None) -> str | None:
    while text and (prefix := _REPLY.match(text)) is not None and prefix.end():
        text = text[prefix.end() :]
    return " ".join(text.split()) or None if text else None


def _day(text: str | None) -> str | None:
    """The calendar day of a header's date in its own time zone."""
    if not text:
        return None
    if (day := iso_date(text)) is not None:
        return day
    try:
        parts = parsedate_tz(text)
        return date(*parts[:3]).isoformat() if parts else None
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _sender(text: str | None) -> str | None:
    """The name beside an address; a person's is no publisher."""
    if not text:
        return None
    name = parseaddr(text)[0] if "<" in text else "" if "@" in text else text
    name = " ".join(re.sub(r"[\"'<>\[\]]|\S+@\S+", " ", name).split())
    person = is_chinese_name(name) or re.fullmatch(r"[A-Z][\w'-]+,? [A-Z][\w.'-]+", name)
    return None if not name or (person and not is_outlet(name)) else name


def _strip(texts: Sequence[str]) -> tuple[list[int], dict[str, str], list[Dropped]]:
    """(indices of what is kept, headers of the forwarded mail, what was taken off and why)."""
    reasons: dict[int, str] = {}
    forwarded: list[tuple[int, dict[str, str]]] = []
    index = 0
    while index < len(texts):
        end, fields = _quoted_headers(texts, index)
        if fields:
            reasons.update(dict.fromkeys(range(index, end), "headers of a forwarded mail"))
            forwarded.append((end, fields))
        elif not texts[index].strip() or len(texts[index]) > _MAX_FURNITURE:
            pass
        elif _DIVIDER.match(texts[index]):
            reasons[index] = "line between mails"
        elif _FURNITURE.search(texts[index].strip()):
            reasons[index] = "line about the mail itself"
        index = max(end, index + 1)
    inner: dict[str, str] = {}
    first, last = 0, len(texts)
    for begin, fields in forwarded:
        if _size("".join(texts[begin:])) >= _size("".join(texts[first:begin])):
            first, inner = begin, fields
        else:
            last = begin
            break
    for number in range(last, len(texts)):
        reasons.setdefault(number, "quoted mail")
    for number in range(first):
        reasons.setdefault(number, "note above a forwarded mail")
    for number in _contents(texts, first, last):
        reasons.setdefault(number, "head and contents of the digest")
    for number in _foot(texts, first, last):
        reasons.setdefault(number, "foot of the digest")
    for number in _signature(texts, first, last):
        reasons.setdefault(number, "signature")
    kept = [number for number in range(len(texts)) if number not in reasons]
    dropped = [Dropped(texts[n].strip(), reasons[n]) for n in sorted(reasons) if texts[n].strip()]
    return kept, inner, dropped


def _quoted_headers(texts: Sequence[str], start: int) -> tuple[int, dict[str, str]]:
    """(index behind them, fields) of the headers of another mail, if they begin there.

    Each stands on a line of its own, or all on one; without a sender and two more they are none.
    """
    fields: dict[str, str] = {}
    index, end = start, start
    while index < len(texts) and index < end + 2:
        line = texts[index].strip()
        labels = list(_LABEL.finditer(line)) if len(line) < 600 else []
        if labels and labels[0].start() == 0:
            stops = [label.start() for label in labels[1:]] + [len(line)]
            for label, stop in zip(labels, stops, strict=True):
                fields.setdefault(label.lastgroup or "", line[label.end() : stop].strip())
            end = index + 1
        elif line:
            break
        elif index == start:
            return start, {}
        index += 1
    if "from" in fields and len(fields.keys() & {"date", "to", "subject", "cc"}) >= 2:
        return end, fields
    return start, {}


def _contents(texts: Sequence[str], first: int, last: int) -> range:
    """The lines up to the last of two or more headlines that come again below, if near the top."""
    keys = [letters(text).lstrip("0123456789") for text in texts[:last]]
    above, entries, length = first, 0, 0
    for number in range(first, last):
        length += len(keys[number])
        if length > _MAX_CONTENTS:
            break
        below = (key for key in keys[number + 1 :] if len(key) <= _MAX_HEADLINE)
        listed = len(keys[number]) > 5 and kind(texts[number]) is not Kind.META
        if listed and any(keys[number] in key for key in below):
            above, entries = number + 1, entries + 1
    return range(first, above if entries > 1 else first)


def _foot(texts: Sequence[str], first: int, last: int) -> range:
    """The few words below the last of the rules that part the stories of a digest."""
    rules = [n for n in range(first, last) if _RULE.fullmatch(texts[n].strip())]
    below = range(rules[-1], last) if len(rules) > 2 else range(0)
    return below if sum(_size(texts[number]) for number in below) <= _MAX_FOOT else range(0)


def _signature(texts: Sequence[str], first: int, last: int) -> range:
    """The lines from the mark of a signature on; a long rest is none."""
    for number in range(last - 1, first - 1, -1):
        if _SIGNATURE.match(texts[number].strip() or "."):
            below = sum(bool(text.strip()) for text in texts[number:last])
            return range(number, last) if below <= _MAX_SIGNATURE else range(0)
    return range(0)


def _unquoted(text: str) -> str:
    """Plain text without the marks of quotes in front of its lines."""
    return re.sub(r"(?m)^(?:> ?)+", "", text)


def _size(text: str) -> int:
    return sum(map(str.isalnum, text))


def _text(part: Message, *, markup: bool) -> str:
    """A part's text; its charset counts only where the bytes agree."""
    try:
        return decode(in_utf8(_payload(part), _charset(part)), markup=markup)
    except NotTextError:
        return ""


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, AssertionError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def _charset(part: Message) -> str | None:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", _header(part, "Content-Type") or "", re.I)
    return found.group(1) if found else None


def _file_name(part: Message) -> str | None:
    """The name of an attachment, without the folders in front of it."""
    for header, label in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        value = part.get_param(label, header=header.lower())
        if isinstance(value, tuple):
            charset, _, text = value
            raw = text.encode("latin-1", "replace")
            value = _words(raw, charset)
        elif isinstance(value, str):
            value = _unfold(value)
        if value:
            return re.split(r"[/\\]", value.strip())[-1].replace("\0", "") or None
    return None


def _header(part: Message, name: str) -> str | None:
    """The first header of that name, decoded."""
    for key, value in part.raw_items():
        if key.lower() == name.lower():
            return _unfold(str(value))
    return None


def _unfold(value: str) -> str:
    """A header as text: folded lines joined, encoded words decoded, raw bytes guessed."""
    value = _BETWEEN_WORDS.sub(r"\1", " ".join(value.split()))
    return _WORDS.sub(_decoded, _words(value.encode("utf-8", "surrogateescape"), None))


def _decoded(found: re.Match[str]) -> str:
    """Encoded words as text; neighbours in one charset may share the bytes of a character."""
    words = list(_WORD.finditer(found.group()))
    charsets = {word.group(1).lower() for word in words}
    if len(charsets) == 1:
        return _words(b"".join(map(_word, words)), charsets.pop())
    return "".join(_words(_word(word), word.group(1)) for word in words)


def _word(found: re.Match[str]) -> bytes:
    raw = found.group(3).encode("utf-8", "surrogateescape")
    if found.group(2) in "qQ":
        return binascii.a2b_qp(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return b""


def _words(raw: bytes, charset: str | None) -> str:
    try:
        return decode(in_utf8(raw, charset)) if raw else ""
    except NotTextError:
        return raw.decode("utf-8", "replace")
