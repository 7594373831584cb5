"""Lines of typeset columns → blocks: paragraphs across columns and pages, headings by their type.

The cues are those of the typesetter: indents, the distance of lines, where a line ends and the
size of its type; where they leave it open the rules of `layout` for plain text decide. Wording is
looked at in no other way, but that hyphens at line ends go where the rest of the document has the
word without one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median_low

from rag.ingest.glyphs import SOFT_HYPHEN, TextLine
from rag.ingest.layout import Line, continues, join
from rag.ingest.model import Block
from rag.ingest.reading_order import LARGER, body_size

_BOLD_LARGER = 1.04  # times the type of the text: with bold type, that of a heading
_SAME_SIZE = 0.06
_GAP = 1.35  # times the usual distance of baselines: the next paragraph
_TIGHT = 1.0  # em of white, at most, between a line and what is printed right below it
_HEADING_PITCH = 2.1  # em between the baselines of one headline
_HEADING_LINES = 4
_HEADING_LENGTH = 120  # characters
_LEDE_LINES = 5  # in larger type are a paragraph that leads a story
_FEW = 100  # characters: in a column of fewer, type is compared with the whole document's
_INDENT = (0.7, 4.5)  # em
_INDENTED = 0.5  # of the paragraphs: in more, one that is not indented goes on with the one before
_FULL = 0.8  # of the width of a column
_HALF = 0.6
_BROKEN = 0.95  # of it: such a line ends because the column does, whatever it says
_COLUMN_LINES = 3  # at least, to tell how wide a column is
_LIST_PITCH = 2.1  # em
_CAP = 1.8  # times the type of the text: a large initial letter
_WORD = re.compile(r"[A-Za-z]+(?:[-'’][A-Za-z]+)*")
_HYPHEN = re.compile(r"([A-Za-z]+)-$")


def typeset_blocks(columns: Sequence[list[TextLine]], body: float) -> list[Block]:
    """The blocks of columns in reading order; `body` is the size of most of the type."""
    text = _Text(_words(columns), indented=_is_indented(columns, body))
    for column in columns:
        text.add(column, body)
    return [_block(paragraph, body) for paragraph in text.paragraphs]


@dataclass(frozen=True, slots=True)
class _Measure:
    """The size of some type in a column, and the edges and the distance of its lines."""

    size: float
    left: float
    right: float
    pitch: float
    lines: int

    def line(self, line: TextLine, above: TextLine | None) -> Line:
        """A line measured in columns of a terminal, as one of plain text is."""
        half = self.size / 2
        gap = above is not None and line.base - above.base > self.reach
        indent = max(0, round((line.left - self.left) / half))
        return Line(line.text, indent, round((line.right - self.left) / half), gap)

    @property
    def reach(self) -> float:
        """The distance of baselines from which on lines are apart."""
        return _GAP * self.pitch

    @property
    def width(self) -> int:
        """The width of a full line in columns of a terminal."""
        return round((self.right - self.left) * 2 / self.size)

    def is_indented(self, line: TextLine) -> bool:
        """Whether a line begins where the first line of a paragraph does."""
        return _INDENT[0] <= (line.left - self.left) / self.size <= _INDENT[1]

    def is_set_off(self, line: TextLine) -> bool:
        """Whether a line stands by itself on the right: a signature and its date."""
        return (line.left - self.left) / self.size > _INDENT[1]

    def is_full(self, line: TextLine, share: float = _FULL) -> bool:
        """Whether a line ends because the column does."""
        return line.right - self.left >= share * (self.right - self.left)


@dataclass(slots=True)
class _Paragraph:
    """Lines that were joined, and the last of them with the measure and number of its column."""

    text: str
    heading: bool
    last: TextLine
    line: Line
    measure: _Measure
    column: int
    pages: list[tuple[int, int]]
    tight: bool
    lines: int = 1


class _Text:
    """The paragraphs of a document in the making; columns are added in reading order."""

    def __init__(self, words: frozenset[str], *, indented: bool) -> None:
        self.paragraphs: list[_Paragraph] = []
        self._words = words
        self._indented = indented
        self._column = 0
        self._last: _Paragraph | None = None

    def add(self, column: list[TextLine], body: float) -> None:
        """The lines of a column, read after those that were added."""
        self._column += 1
        column = _with_drop_caps(column, body, self._words)
        measures = _measures(column, body)
        headings = _headings(column, measures, body)
        for index, line in enumerate(column):
            above = column[index - 1] if index else None
            below = column[index + 1] if index + 1 < len(column) else None
            measure = measures[_size(line)]
            measured = measure.line(line, above)
            following = measure.line(below, line) if below is not None else None
            for paragraph in self._open(line, measured, heading=headings[index]):
                if headings[index] or self._goes_on(paragraph, line, measured, following, measure):
                    self._extend(paragraph, line, measured, measure)
                    break
            else:
                self._begin(line, above, measured, measure, heading=headings[index])

    def _open(self, line: TextLine, measured: Line, *, heading: bool) -> list[_Paragraph]:
        """The paragraph that a line may go on with: none or one."""
        last = self._last
        here = last is not None and last.column == self._column
        if last is not None and here:
            if heading:
                return [last] if _is_one_headline(last, line) else []
            if not (last.heading or measured.gap) and _is_same_type(last.last, line):
                return [last]
        if heading:
            return []
        # A caption, a box or a header may stand where a column or a page ends.
        for paragraph in reversed(self.paragraphs):
            if paragraph.heading or line.page - paragraph.last.page > 1:
                break
            if _is_same_type(paragraph.last, line):
                if paragraph.column == self._column:
                    return [paragraph] if paragraph.line.open and paragraph is not last else []
                return [paragraph] if paragraph.measure.lines >= _COLUMN_LINES else []
        return []

    def _goes_on(
        self,
        paragraph: _Paragraph,
        line: TextLine,
        measured: Line,
        following: Line | None,
        measure: _Measure,
    ) -> bool:
        """Whether a line goes on with a paragraph above it, or in the column before."""
        before, old = paragraph.line, paragraph.measure
        if measure.is_set_off(line) or old.is_set_off(paragraph.last):
            return False
        if not self._indented:
            return continues(paragraph.text, before, measured, following, old.width)
        if measure.is_indented(line):
            # All of a quotation is indented; its lines are full.
            alike = paragraph.column == self._column and before.indent == measured.indent
            return alike and before.open and old.is_full(paragraph.last, _BROKEN)
        if before.open and paragraph.lines > 1:
            return old.is_full(paragraph.last, _HALF)
        if before.open and old.is_indented(paragraph.last) and old.is_full(paragraph.last, _BROKEN):
            return True
        return continues(paragraph.text, before, measured, following, old.width)

    def _begin(
        self,
        line: TextLine,
        above: TextLine | None,
        measured: Line,
        measure: _Measure,
        *,
        heading: bool,
    ) -> None:
        pages = [(0, line.page)]
        tight = above is not None and line.top - above.bottom < _TIGHT * min(line.size, above.size)
        self._last = _Paragraph(
            line.text, heading, line, measured, measure, self._column, pages, tight
        )
        self.paragraphs.append(self._last)

    def _extend(
        self, paragraph: _Paragraph, line: TextLine, measured: Line, measure: _Measure
    ) -> None:
        paragraph.text = _join(paragraph.text, line.text, self._words)
        if line.page != paragraph.last.page:
            paragraph.pages.append((len(paragraph.text) - len(line.text), line.page))
        paragraph.last, paragraph.line, paragraph.measure = line, measured, measure
        paragraph.column = self._column
        paragraph.lines += 1
        self._last = paragraph


def _block(paragraph: _Paragraph, body: float) -> Block:
    return Block(
        paragraph.text,
        heading=paragraph.heading and _may_be_heading(paragraph.text),
        tight=paragraph.tight,
        size=round(paragraph.last.size / body, 1),
        pages=tuple(paragraph.pages),
    )


def _may_be_heading(text: str) -> bool:
    """Whether text in larger type is a headline, and not a paragraph that leads a story."""
    return len(text) <= _HEADING_LENGTH and "。" not in text


def _is_same_type(above: TextLine, line: TextLine) -> bool:
    return abs(above.size - line.size) <= _SAME_SIZE * line.size


def _is_one_headline(last: _Paragraph, line: TextLine) -> bool:
    """Whether a headline goes on in a line below it."""
    above = last.last
    return (
        last.heading
        and last.lines < _HEADING_LINES
        and above.bold == line.bold
        and _is_same_type(above, line)
        and line.base - above.base <= _HEADING_PITCH * line.size
        and line.left < above.right
        and above.left < line.right
        and not line.text.startswith(("—", "–", "-"))
    )


def _join(left: str, right: str, words: frozenset[str]) -> str:
    """Two parts of a paragraph; a hyphen that only the end of a line put there goes."""
    if left.endswith(SOFT_HYPHEN):
        return left[:-1] + right
    broken, rest = _HYPHEN.search(left), _WORD.match(right)
    if broken is None or rest is None:
        return join(left, right)
    compound = f"{broken[1]}-{rest[0]}".lower()
    if compound in words or not right[0].islower():
        return left + right
    return left[:-1] + right


def _words(columns: Sequence[list[TextLine]]) -> frozenset[str]:
    """The Latin words that stand inside of lines, where no line end breaks them."""
    return frozenset(
        word.lower() for column in columns for line in column for word in _WORD.findall(line.text)
    )


def _size(line: TextLine) -> float:
    return round(line.size * 2) / 2


def _measures(column: list[TextLine], body: float) -> dict[float, _Measure]:
    """The measure of each size of type in a column: a box in it has edges of its own."""
    sizes: dict[float, list[TextLine]] = defaultdict(list)
    for line in column:
        sizes[_size(line)].append(line)
    measures = {}
    for size, same in sizes.items():
        within = same if len(same) > 1 else column
        left, right = min(line.left for line in within), max(line.edge for line in within)
        steps = [b.base - a.base for a, b in pairwise(same) if b.base - a.base < 3 * size]
        pitch = median_low(steps) if steps else 1.6 * size
        # Lines this far apart in other type than the text's are a list.
        if size != round(body * 2) / 2:
            pitch = min(pitch, _LIST_PITCH * size / _GAP)
        measures[size] = _Measure(size, left, right, pitch, len(same))
    return measures


def _is_indented(columns: Sequence[list[TextLine]], body: float) -> bool:
    """Whether the first lines of paragraphs are indented in most of a document."""
    indented = begun = 0
    for column in columns:
        measures = _measures(column, body)
        for above, line in pairwise(column):
            measure = measures[_size(line)]
            if _size(above) != _size(line) or measure.is_full(above):
                continue
            if not measure.line(above, None).open:
                begun += 1
                indented += measure.is_indented(line)
    return indented > begun * _INDENTED


def _headings(column: list[TextLine], measures: dict[float, _Measure], body: float) -> list[bool]:
    """For each line of a column whether its type is that of a heading."""
    usual = body_size(column)
    if usual > body and sum(len(line.text) for line in column) < _FEW:
        usual = body
    heavy = sum(line.bold for line in column) * 2 > len(column)
    found: list[bool] = []
    for index, line in enumerate(column):
        larger = line.size >= usual * LARGER and not _leads(column, index)
        bold = line.bold and not heavy and line.size >= usual * _BOLD_LARGER
        found.append(larger or bold or _is_bold_line(column, index, measures, heavy=heavy))
    return found


def _leads(column: list[TextLine], index: int) -> bool:
    """Whether a line is one of many in its type."""
    first = last = index
    while first and _is_same_type(column[first - 1], column[index]):
        first -= 1
    while last + 1 < len(column) and _is_same_type(column[last + 1], column[index]):
        last += 1
    return last - first + 1 >= _LEDE_LINES


def _is_bold_line(
    column: list[TextLine], index: int, measures: dict[float, _Measure], *, heavy: bool
) -> bool:
    """Whether a short bold line stands alone between lines that are not bold."""
    line = column[index]
    measure = measures[_size(line)]
    if (
        heavy
        or not line.bold
        or measure.is_full(line, _BROKEN)
        or not measure.line(line, None).open
    ):
        return False
    around = column[max(0, index - 1) : index] + column[index + 1 : index + 2]
    return bool(around) and not any(other.bold for other in around)


def _with_drop_caps(column: list[TextLine], body: float, words: frozenset[str]) -> list[TextLine]:
    """Lines with large initial letters put before the lines that stand beside them."""
    lines = list(column)
    for cap in column:
        if len(cap.text) > 2 or cap.size < _CAP * body or not cap.text[0].isalpha():
            continue
        beside = [
            line
            for line in lines
            if line is not cap
            and line.size * _CAP <= cap.size
            and line.left >= cap.right - body
            and line.left <= cap.right + 2 * body
            and cap.top < line.base <= cap.base + body / 2
        ]
        if len(beside) < 2:
            continue
        first = beside[0]
        text = _with_cap(cap.text, first.text, words)
        lines.remove(cap)
        for line in beside:
            moved = replace(line, left=cap.left, text=text if line is first else line.text)
            lines[lines.index(line)] = moved
    return lines


def _with_cap(cap: str, text: str, words: frozenset[str]) -> str:
    """A large initial letter and the rest of its word; `A` and `I` may be words themselves."""
    rest = _WORD.match(text)
    if rest is None or cap not in ("A", "I") or (cap + rest[0]).lower() in words:
        return cap + text
    return f"{cap} {text}" if rest[0].lower() in words and rest[0].islower() else cap + text
