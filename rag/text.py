"""What every stage must agree on about running text: its sentences and its language.

Offsets are into the text as given, which is never changed here: no normalisation, no folding of
case or script (the tokenizer does that). Sentence ends follow Chinese and English newspaper
typography; there is no model behind them. Standard library only.
"""

from __future__ import annotations

import re

from rag.types import Language

_CLOSERS = "”’」』）)\\]】》〉\"'"
# A full-width end mark ends a sentence wherever it stands; an ASCII one only before white space or
# the end of a line, since it also stands in numbers, names and addresses. Closing quotes and
# brackets belong to the sentence they close.
_END = re.compile(rf"(?:[。！？；｡]|…{{2,}}|[.!?;]+(?=[{_CLOSERS}]*(?:\s|$)))[。！？；｡….!?;]*")
_CLOSING = re.compile(rf"[{_CLOSERS}]+")
_LINE = re.compile(r"[^\r\n]+")
_LAST_WORD = re.compile(r"[A-Za-z][A-Za-z.]*$")
_LAST_WORD_LENGTH = 24
_INITIALS = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")
_NUMBERING = re.compile(r"\s*[(（]?(?:\d{1,3}|[A-Za-z])")
# The same ranges as `is_han`, for counting in long texts.
_HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_OTHER_WORD = re.compile(rf"[^\W\d_{_HAN}]+")

# Words whose point is not a full stop. A number must follow some of them, and a small letter those
# that end sentences too.
_ABBREVIATION = re.compile(
    r"Mr|Mrs|Ms|Messrs|Dr|Prof|St|Mt|Ft|Gen|Col|Lt|Maj|Capt|Cmdr|Sgt|Adm|Reps?|Sens?|Gov|Pres|Rev"
    r"|Hon|Supt|Dept|Univ|vs|viz|cf|al|approx|est|Figs?|Vol|Ph"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)
_ABBREVIATION_BEFORE_NUMBER = re.compile(r"[Nn]os?|pp?|[Aa]rt|[Ss]ec")
_ABBREVIATION_BEFORE_SMALL = re.compile(r"Inc|Ltd|Co|Corp|Bros|Jr|Sr|Ave|Blvd|Rd|etc")


def is_han(char: str) -> bool:
    """Whether a single character is a Chinese character, traditional or simplified."""
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
        or code in (0x3005, 0x3007)
    )


def detect_language(text: str) -> Language:
    """`zh` when a text has at least as many Chinese characters as words in other letters.

    A text without letters is `en`.
    """
    if text.isascii():
        return "en"
    han = sum(map(len, _HAN_RUN.findall(text)))
    return "zh" if han and han >= len(_OTHER_WORD.findall(text)) else "en"


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """(start, end) of each sentence in `text[start:end]`, as offsets into `text`.

    No span begins or ends with white space, and together they hold every other character of the
    range. A sentence ends after 。！？； or ……, after an ASCII `.!?;` before white space (not one
    that belongs to an abbreviation, initials or a list number), and at every line end.
    """
    stop = len(text) if end is None else min(end, len(text))
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text, max(start, 0), stop):
        begin = counted = line.start()
        quotes = 0
        for mark in _END.finditer(text, begin, line.end()):
            quotes += text.count('"', counted, mark.end())
            counted = mark.end()
            after = _after_closers(text, counted, line.end(), inside_quotes=quotes % 2 == 1)
            if _ends_sentence(text, begin, mark, after, line.end()):
                _append_stripped(spans, text, begin, after)
                begin = after
        _append_stripped(spans, text, begin, line.end())
    return spans


def _append_stripped(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _after_closers(text: str, position: int, line_end: int, *, inside_quotes: bool) -> int:
    """The position after the closing quotes and brackets that follow an end mark."""
    closing = _CLOSING.match(text, position, line_end)
    if closing is None:
        return position
    for index in range(position, closing.end()):
        # Straight quotes also open.
        if text[index] == '"' and not inside_quotes:
            return index
        if text[index] == "'" and index + 1 < line_end and not text[index + 1].isspace():
            return index
    return closing.end()


def _ends_sentence(text: str, start: int, mark: re.Match[str], after: int, line_end: int) -> bool:
    first = text[mark.start()]
    if first not in ".!?;" or after >= line_end:
        return True
    following = text[after:line_end].lstrip()[:1]
    if first != ".":
        # "Why?" he asked: the quotation ends here, the sentence does not.
        return not (after > mark.end() and following.islower())
    if mark.end() - mark.start() > 1 or after > mark.end():
        return not following.islower()
    return not _is_abbreviation(text, start, mark.start(), following)


def _is_abbreviation(text: str, start: int, point: int, following: str) -> bool:
    """Whether the point at `point` belongs to the word or number before it."""
    if _NUMBERING.fullmatch(text, start, point):
        return True
    word = _LAST_WORD.search(text, max(start, point - _LAST_WORD_LENGTH), point)
    if word is None:
        return False
    name = word.group()
    if _ABBREVIATION.fullmatch(name) or _INITIALS.fullmatch(name):
        return True
    if following.isdigit():
        return _ABBREVIATION_BEFORE_NUMBER.fullmatch(name) is not None
    return following.islower() and _ABBREVIATION_BEFORE_SMALL.fullmatch(name) is not None
