"""Lines of plain text → blocks: columns side by side are read one after the other, and hard-wrapped
lines are joined.

Cues are the display width of lines, blank lines, indents, end marks and the kinds of `lines`.
Which block belongs to which story is not decided here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.credits import opening
from rag.ingest.fold import fold
from rag.ingest.lines import TERMINAL, Kind, kind
from rag.ingest.model import Block
from rag.text import detect_language, is_han

_GUTTER = re.compile(r"(?<=\S)(?: {3,}|　{2,}| ?\t+ ?)(?=\S)")
_NARROW = re.compile(r"[\x00-\u02ff]+")
_MIN_GUTTER_LINES = 5
_TAB = 4
_FULL = 0.8  # of the width of the lines around: a line this wide was broken by the page
_MIN_WIDTH, _MAX_WIDTH = 14, 140  # display columns of a hard-wrapped line
_WINDOW = 10
_LEFTOVER = "…。，、；：！？”’）》」』"
_CREDITS = 100  # characters that a dateline and its credits take at most
_CLOSING = "”’」』）)】]》〉\"'"


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    indent: int
    width: int  # display columns, indent included
    gap: bool  # a blank line stands before it

    @property
    def open(self) -> bool:
        """Whether it ends without an end mark, so that its sentence may go on."""
        return self.text.rstrip(_CLOSING)[-1:] not in (*TERMINAL, ".", "：", ":")


def read_blocks(text: str) -> list[Block]:
    """The paragraphs and single lines of a plain text, in reading order."""
    lines = _lines(_one_column(text.split("\n")))
    widths = _page_widths(lines)
    paragraphs = _join_clauses(lines) if widths is None else _unwrap(lines, widths)
    return [Block(text) for text in paragraphs]


def display_width(text: str) -> int:
    """Columns of a terminal: one for a Latin character, two for a Chinese one."""
    return 2 * len(text) - sum(map(len, _NARROW.findall(text)))


def join(left: str, right: str) -> str:
    """Two parts of a broken line as one: a space stands between words of Latin letters only."""
    last, first = left[-1:], right[:1]
    if is_han(last) or is_han(first) or not (last.isascii() and first.isascii()):
        spaced = last.isalpha() and first.isalpha() and not (is_han(last) or is_han(first))
    elif detect_language(left[-80:] + " " + right[:80]) == "en":
        spaced = not (last in "-/" and left[-2:-1].isalnum())
    else:
        spaced = first.isalpha() and (last.isalpha() or last in ",.;:!?)")
    return f"{left} {right}" if spaced else left + right


def _one_column(lines: list[str]) -> list[str]:
    """Columns that were printed side by side, set one below the other."""
    lines = [line.expandtabs(_TAB).rstrip() for line in lines]
    edges = Counter(
        display_width(line[: gutter.end()]) // 2
        for line in lines
        for gutter in _GUTTER.finditer(line)
    )
    if not edges:
        return lines
    edge = max(edges, key=lambda at: (edges[at] + edges[at + 1] + edges[at - 1], edges[at])) * 2
    cuts = [
        None if _is_between_blanks(lines, number) else _cut(line, edge)
        for number, line in enumerate(lines)
    ]
    both = sum(
        cut is not None and 0 < cut < len(line) for line, cut in zip(lines, cuts, strict=True)
    )
    content = sum(bool(line.strip()) for line in lines)
    if both < _MIN_GUTTER_LINES or both * 3 < content:
        return lines
    result: list[str] = []
    left: list[str] = []
    right: list[str] = []
    for line, cut in zip(lines, cuts, strict=True):
        if cut is None:
            # A line across the gutter, such as a headline: what stood above it is read first.
            result += [*_stack(left, right), line]
            left, right = [], []
        else:
            left.append(line[:cut].rstrip())
            right.append(line[cut:])
    return [*result, *_stack(left, right)]


def _stack(left: list[str], right: list[str]) -> list[str]:
    """Two columns one below the other; a paragraph may go on from one to the next."""
    while left and not left[-1].strip():
        left.pop()
    below = _one_column(right)
    while below and not below[0].strip():
        below.pop(0)
    return [*left, *below, ""]


def _is_between_blanks(lines: list[str], number: int) -> bool:
    """Whether a line without columns has the page to itself, as a headline has."""
    around = (*lines[max(0, number - 1) : number], *lines[number + 1 : number + 2])
    return bool(lines[number].strip()) and not any(around) and not _GUTTER.search(lines[number])


def _cut(line: str, edge: int) -> int | None:
    """Where the right column begins in a line: its length if empty, None if a word is across."""
    if display_width(line) <= edge - 2:
        return len(line)
    columns = position = 0
    while position < len(line) and (columns < edge - 2 or line[position].isspace()):
        columns += display_width(line[position])
        position += 1
    if abs(columns - edge) > 4:
        return None
    before = line[:position]
    if before.strip() and not _GUTTER.search(before + "x", len(before.rstrip()) - 1):
        return None
    return position


def _lines(lines: list[str]) -> list[_Line]:
    result: list[_Line] = []
    gap = False
    for line in lines:
        text = " ".join(line.split())
        if not text:
            gap = True
            continue
        stripped = line.lstrip()
        indent = display_width(line[: len(line) - len(stripped)])
        # Runs of spaces inside a line are the page's, except in slogans, which `lines` must see.
        result.append(_Line(text, indent, display_width(line.rstrip()), gap))
        gap = False
    return result


def _page_widths(lines: list[_Line]) -> list[int] | None:
    """The width of full lines around each line; None when lines are not hard-wrapped."""
    text = [line for line in lines if line.width >= _MIN_WIDTH and not _is_short_kind(line.text)]
    broken = sorted(
        (line.width, _is_running(line.text))
        for line, after in pairwise(lines)
        if line.open
        and not after.gap
        and _MIN_WIDTH <= line.width <= _MAX_WIDTH
        and not _is_short_kind(line.text)
        and (_is_running(f"{line.text} {after.text}") or not after.open)
    )
    # One line may be a headline above its text, unless it reads as part of a sentence.
    if not broken or (len(broken) == 1 and not broken[0][1]):
        return None
    typical = broken[len(broken) * 3 // 4][0]
    alike = sum(typical * _FULL <= width <= typical / _FULL for width, _ in broken)
    full = sum(line.width >= typical * _FULL for line in text)
    if alike * 5 < len(broken) * 3 or alike * 5 < full * 2:
        return None
    return _local_widths(lines, typical)


def _local_widths(lines: list[_Line], typical: int) -> list[int]:
    """For each line the upper quartile of the widths of unfinished lines around it."""
    window: list[int] = []
    usable = [
        line.width if line.open and typical / 2 <= line.width <= typical * 2 else None
        for line in lines
    ]
    for width in usable[:_WINDOW]:
        if width is not None:
            insort(window, width)
    widths = []
    for index in range(len(lines)):
        if index + _WINDOW < len(usable) and (added := usable[index + _WINDOW]) is not None:
            insort(window, added)
        if index > _WINDOW and (left := usable[index - _WINDOW - 1]) is not None:
            del window[bisect_left(window, left)]
        widths.append(window[len(window) * 3 // 4] if window else typical)
    return widths


def _join_clauses(lines: list[_Line]) -> list[str]:
    """Lines as paragraphs, but for those that break off at a comma."""
    paragraphs = [line.text for line in lines[:1]]
    for before, line in pairwise(lines):
        if _breaks_at_comma(before, line):
            paragraphs[-1] = join(paragraphs[-1], line.text)
        else:
            paragraphs.append(line.text)
    return paragraphs


def _breaks_at_comma(before: _Line, line: _Line) -> bool:
    return before.text[-1] in "，、," and not line.gap


def _unwrap(lines: list[_Line], widths: list[int]) -> list[str]:
    """Paragraphs of hard-wrapped lines."""
    paragraphs: list[str] = []
    deck = False
    for index, line in enumerate(lines):
        if index == 0:
            paragraphs.append(line.text)
            continue
        before = lines[index - 1]
        following = lines[index + 1] if index + 1 < len(lines) else None
        if _continues(paragraphs[-1], before, line, following, widths[index - 1]):
            paragraphs[-1] = join(paragraphs[-1], line.text)
            deck = False
        elif (
            not deck
            and line.width < widths[index] * _FULL
            and _is_second_headline_line(paragraphs[-1], before, line, following)
        ):
            paragraphs[-1] = f"{paragraphs[-1]} {line.text}"
            deck = True
        else:
            paragraphs.append(line.text)
            deck = False
    return paragraphs


def _continues(
    paragraph: str, before: _Line, line: _Line, following: _Line | None, width: int
) -> bool:
    """Whether a line goes on with the paragraph that the line before it belongs to."""
    if _is_inside_brackets(paragraph) and not line.gap:
        return True
    if _breaks_at_comma(before, line) or _is_leftover(line):
        return True
    if paragraph == before.text and _is_bare_dateline(paragraph) and not line.gap:
        return True
    if paragraph == before.text and _is_headline_pair(before, line, following):
        return False
    full = before.width >= width * _FULL
    indented = line.indent >= before.indent + 2
    if not full or _stands_alone(line, following, width):
        return False
    if not before.open:
        return not line.gap and not indented
    if _is_short_kind(before.text) and paragraph == before.text:
        return False
    if indented and line.indent >= 2 and not _is_running(paragraph):
        return False
    if line.gap:
        return _is_running(paragraph)
    return True


def _is_inside_brackets(paragraph: str) -> bool:
    """Whether credits in brackets at the start of a paragraph go on in the next line."""
    head = fold(paragraph[:_CREDITS])
    return head.count("(") > head.count(")") and len(paragraph) < _CREDITS


def _is_bare_dateline(text: str) -> bool:
    """Whether a line is a dateline that ends where the line does, so that its text follows."""
    found = opening(text)
    return found is not None and found.end == len(text) and fold(text)[-1] in ")讯电"


def _is_running(paragraph: str) -> bool:
    """Whether what was joined so far reads as sentences, not as a headline."""
    return any(mark in paragraph for mark in "。，,；、") or len(paragraph.split()) > 22


def _is_leftover(line: _Line) -> bool:
    """Whether a line holds but the marks that did not fit on the line above it."""
    return not line.gap and not any(map(str.isalnum, line.text)) and line.text[0] in _LEFTOVER


def _is_headline_pair(before: _Line, line: _Line, following: _Line | None) -> bool:
    """Whether two lines between blank ones are the two lines of a headline."""
    if line.gap or not before.gap or not before.open or not line.open:
        return False
    ends = following is None or following.gap or kind(following.text) is Kind.OPENING
    return ends and not _is_running(before.text) and not _is_running(line.text)


def _begins_story(line: _Line, following: _Line | None) -> bool:
    """Whether a line begins with a dateline, which may go on in the next line."""
    if kind(line.text) is Kind.OPENING:
        return True
    if following is None or following.gap or not line.open or kind(following.text) is Kind.OPENING:
        return False
    found = opening(join(line.text, following.text))
    return found is not None and found.end > len(line.text)


def _stands_alone(line: _Line, following: _Line | None, width: int) -> bool:
    """Whether a line cannot go on with a paragraph: an opening, credits, furniture, a headline."""
    if _begins_story(line, following):
        return True
    line_kind = kind(line.text)
    if line.width >= width * _FULL and not line.gap:
        return False
    if line_kind in (Kind.META, Kind.EDITOR, Kind.TAIL, Kind.CAPTION, Kind.FURNITURE):
        return True
    # The last line of a paragraph has an end mark; a short line without one is a headline.
    ends = following is None or following.gap or following.indent > line.indent
    return line_kind is Kind.HEADLINE and line.open and ends


def _is_short_kind(text: str) -> bool:
    return kind(text) in (Kind.META, Kind.EDITOR, Kind.TAIL, Kind.CAPTION, Kind.FURNITURE)


def _is_second_headline_line(
    paragraph: str, before: _Line, line: _Line, following: _Line | None
) -> bool:
    """Whether two short lines, one right below the other, are one headline."""
    if line.gap or not (before.open and line.open) or following is None:
        return False
    if kind(paragraph) is not Kind.HEADLINE or kind(line.text) is not Kind.HEADLINE:
        return False
    if _is_running(paragraph) or _is_running(line.text):
        return False
    return paragraph == before.text and not line.text.startswith(("—", "-", "–"))
