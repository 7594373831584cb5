"""Bytes → text: byte order marks, strict UTF-8, then the Chinese encodings.

Only whole files are judged, and a file that is not text is said to be so rather than decoded to
rubbish. What the text means, and its declared charset in HTML apart, is not looked at here.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENCODINGS = ["utf_8", "gb18030", "big5", "utf_16"]
_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"\x7fELF")
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
_SAMPLE = 64 * 1024
_LONE_HIGH_BYTE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# Carriage returns and tabs are white space; every other control is no character of a text. Zero
# width characters and marks of text direction go too: they hide in a quote.
_NO_TEXT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
_PLAIN = re.compile(r"[\s -~\u00a0-\u024f\u2010-\u2027\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_LINE_END = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")


class NotTextError(ValueError):
    """The bytes are no text; the message says why and names the fix."""


def decode(data: bytes, *, markup: bool = False) -> str:
    """The text of a file, its line ends as `\\n` and without control characters.

    With `markup` a charset declared in a meta tag is tried before guessing.

    Raises:
        NotTextError: the bytes are binary, or in no encoding known here.
    """
    text = _decode(data, markup=markup)
    return _NO_TEXT.sub("", _LINE_END.sub("\n", text))


def _decode(data: bytes, *, markup: bool) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    if data.startswith(_MAGIC):
        raise NotTextError("is binary, not text: save it as text")
    if b"\x00" in data:
        return _decode_wide(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # One bad byte, or a character cut at the end of the file, is no other encoding.
        if _bad_utf8(data) <= max(1, len(data) // 20_000) and error.start > 0:
            return data.decode("utf-8", errors="ignore")
    if markup and (text := _decode_declared(data)) is not None:
        return text
    if _is_western(data):
        return data.decode("cp1252", errors="replace")
    return _decode_guessed(data)


def _bad_utf8(data: bytes) -> int:
    return data.decode("utf-8", errors="replace").count("\ufffd")


def _decode_wide(data: bytes) -> str:
    """UTF-16 without its mark: nearly all of it is letters and marks in one byte order."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = data.decode(encoding, errors="replace")
        if len(_PLAIN.findall(text)) * 20 >= len(text) * 19:
            return text
    raise NotTextError("is binary, not text: save it as text")


def _decode_declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:_SAMPLE])
    if found is None:
        return None
    name = found.group(1).decode("ascii", errors="ignore").lower()
    if name in ("gb2312", "gbk", "gb_2312-80"):
        name = "gb18030"
    try:
        return data.decode(name)
    except (LookupError, UnicodeDecodeError):
        return None


def _is_western(data: bytes) -> bool:
    """Whether the bytes beyond ASCII stand alone, as in Windows-1252; Chinese ones do not."""
    high = len(_HIGH_BYTE.findall(data))
    return high * 10 < len(data) and len(_LONE_HIGH_BYTE.findall(data)) * 10 >= high * 9


def _decode_guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    match = from_bytes(data[:_SAMPLE], cp_isolation=_ENCODINGS).best()
    guesses = [match.encoding] if match is not None else []
    for encoding in [*guesses, "gb18030", "big5"]:
        try:
            return _checked(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    for encoding in [*guesses, "gb18030"]:
        text = data.decode(encoding, errors="replace")
        if text.count("\ufffd") * 200 < len(text):
            return text.replace("\ufffd", "")
    raise NotTextError("is in no known text encoding: save it as UTF-8")


def _checked(text: str) -> str:
    """The text, unless too much of it is controls or unassigned: then it was binary."""
    odd = len(_NO_TEXT.findall(text)) + sum(0xE000 <= ord(char) <= 0xF8FF for char in text)
    if odd * 50 > len(text):
        raise NotTextError("is binary, not text: save it as text")
    return text
