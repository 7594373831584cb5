"""Lines of plain text → blocks: hard-wrapped lines are joined, lines that stand alone kept apart.

Cues are the display width of lines, blank lines, indents, end marks and the kinds of `lines`.
Which block belongs to which story is not decided here.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.columns import display_width, one_column
from rag.ingest.credits import opening
from rag.ingest.fold import fold
from rag.ingest.lines import TERMINAL, Kind, kind
from rag.ingest.model import Block
from rag.text import detect_language, is_han

_FULL = 0.8  # of the width of the lines around: a line this wide was broken by the page
_MIN_WIDTH, _MAX_WIDTH = 14, 140  # display columns of a hard-wrapped line
_WINDOW = 10
_LEFTOVER = "…。，、；：！？”’）》」』"
_CREDITS = 100  # characters that a dateline and its credits take at most
_CLOSING = "”’」』）)】]》〉\"'"
_END_MARKS = frozenset((*TERMINAL, ".", "：", ":"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was printed; `indent` and `width` are columns of a terminal."""

    text: str
    indent: int
    width: int  # display columns, indent included
    gap: bool  # a blank line stands before it

    @property
    def open(self) -> bool:
        """Whether it ends without an end mark, so that its sentence may go on."""
        return self.text.rstrip(_CLOSING)[-1:] not in _END_MARKS


def read_blocks(text: str) -> list[Block]:
    """The paragraphs and single lines of a plain text, in reading order."""
    blocks: list[Block] = []
    for stretch in one_column(text.split("\n")):
        lines = _lines(stretch)
        widths = _page_widths(lines)
        blocks += _join_clauses(lines) if widths is None else _unwrap(lines, widths)
    return blocks


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


def _lines(lines: list[str]) -> list[Line]:
    result: list[Line] = []
    gap = False
    for line in lines:
        text = " ".join(line.split())
        if not text:
            gap = True
            continue
        stripped = line.lstrip()
        indent = display_width(line[: len(line) - len(stripped)])
        # Runs of spaces inside a line are the page's, except in slogans, which `lines` must see.
        result.append(Line(text, indent, display_width(line.rstrip()), gap))
        gap = False
    return result


def _page_widths(lines: list[Line]) -> list[int] | None:
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


def _local_widths(lines: list[Line], typical: int) -> list[int]:
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


def _join_clauses(lines: list[Line]) -> list[Block]:
    """Lines as paragraphs, but for those that break off at a comma."""
    paragraphs = [_begin(line) for line in lines[:1]]
    for before, line in pairwise(lines):
        if _breaks_at_comma(before, line):
            paragraphs[-1] = _extend(paragraphs[-1], join(paragraphs[-1].text, line.text))
        else:
            paragraphs.append(_begin(line))
    return paragraphs


def _begin(line: Line) -> Block:
    return Block(line.text, tight=not line.gap)


def _extend(block: Block, text: str) -> Block:
    return Block(text, tight=block.tight)


def _breaks_at_comma(before: Line, line: Line) -> bool:
    return before.text[-1] in "，、," and not line.gap


def _unwrap(lines: list[Line], widths: list[int]) -> list[Block]:
    """Paragraphs of hard-wrapped lines."""
    paragraphs = [_begin(line) for line in lines[:1]]
    deck = False
    for index, (before, line) in enumerate(pairwise(lines), start=1):
        following = lines[index + 1] if index + 1 < len(lines) else None
        text = paragraphs[-1].text
        if continues(text, before, line, following, widths[index - 1]):
            paragraphs[-1] = _extend(paragraphs[-1], join(text, line.text))
            deck = False
        elif (
            not deck
            and line.width < widths[index] * _FULL
            and _is_second_headline_line(text, before, line, following)
        ):
            paragraphs[-1] = _extend(paragraphs[-1], f"{text} {line.text}")
            deck = True
        else:
            paragraphs.append(_begin(line))
            deck = False
    return paragraphs


def continues(paragraph: str, before: Line, line: Line, following: Line | None, width: int) -> bool:
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


def _is_leftover(line: Line) -> bool:
    """Whether a line holds but the marks that did not fit on the line above it."""
    return not line.gap and not any(map(str.isalnum, line.text)) and line.text[0] in _LEFTOVER


def _is_headline_pair(before: Line, line: Line, following: Line | None) -> bool:
    """Whether two lines between blank ones are the two lines of a headline."""
    if line.gap or not before.gap or not before.open or not line.open:
        return False
    ends = following is None or following.gap or kind(following.text) is Kind.OPENING
    return ends and not _is_running(before.text) and not _is_running(line.text)


def _begins_story(line: Line, following: Line | None) -> bool:
    """Whether a line begins with a dateline, which may go on in the next line."""
    if kind(line.text) is Kind.OPENING:
        return True
    if following is None or following.gap or not line.open or kind(following.text) is Kind.OPENING:
        return False
    found = opening(join(line.text, following.text))
    return found is not None and found.end > len(line.text)


def _stands_alone(line: Line, following: Line | None, width: int) -> bool:
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
    paragraph: str, before: Line, line: Line, following: Line | None
) -> bool:
    """Whether two short lines, one right below the other, are one headline."""
    if line.gap or not (before.open and line.open) or following is None:
        return False
    if kind(paragraph) is not Kind.HEADLINE or kind(line.text) is not Kind.HEADLINE:
        return False
    if _is_running(paragraph) or _is_running(line.text):
        return False
    return paragraph == before.text and not line.text.startswith(("—", "-", "–"))
