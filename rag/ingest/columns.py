"""Columns side by side in plain text → one below the other, in reading order.

A gutter is a stretch of display columns that is blank in nearly all lines of a region; a region is
a run of lines with the same gutters. Lines across a gutter, such as a headline, end the columns
above them. Lines are only cut and moved here; what they say is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

_SPACED = re.compile(r"\S(?: {3,}|　{2,})\S")
_NARROW = re.compile(r"[\x00-\u02ff]+")
# Terminals and editors differ in how wide these are.
_AMBIGUOUS = re.compile(r"[\u2010-\u2027·—…“”‘’]")
_TAB = 4
_MIN_LINES = 4  # lines that show a gutter
_MIN_GUTTER = 2  # display columns
_BLANK = 0.85  # of the lines of a region: the rest may cross the gutter
_MIN_COLUMN = 16  # display columns: what is narrower is a table
_SHIFT = 3  # display columns by which gutters of one region may differ

Gutter = tuple[int, int]  # first display column that is blank, first one that is not


@dataclass(frozen=True, slots=True)
class _Band:
    """Lines with no blank line between them, and the gutters through them."""

    lines: list[str]
    gutters: tuple[Gutter, ...]


def display_width(text: str) -> int:
    """Columns of a terminal: one for a Latin character, two for a Chinese one."""
    if text.isascii():
        return len(text)
    return 2 * len(text) - sum(map(len, _NARROW.findall(text)))


def one_column(lines: Sequence[str]) -> list[list[str]]:
    """Lines in reading order, columns that were printed side by side set one below the other.

    Each list is a stretch of one line width: lines between columns, or the columns of a region.
    """
    plain = [line.expandtabs(_TAB).rstrip() for line in lines]
    if sum(map(_is_spaced, plain)) < _MIN_LINES:
        return [plain]
    wide, narrow = (list(_bands(plain, cells)) for cells in (_wide_cells, _narrow_cells))
    cells, bands = (
        (_wide_cells, wide) if _breadth(wide) >= _breadth(narrow) else (_narrow_cells, narrow)
    )
    result: list[list[str]] = [[]]
    for gutters, region in _regions(bands, cells):
        if gutters:
            result += [_stack(region, gutters, cells), []]
        else:
            result[-1] += region
    return result


def _is_spaced(line: str) -> bool:
    """Whether there is a gap inside a line wide enough for a gutter."""
    text = line.lstrip()
    return ("   " in text or "　　" in text) and _SPACED.search(text) is not None


def _breadth(bands: Sequence[_Band]) -> int:
    return sum(len(band.lines) * (end - begin) for band in bands for begin, end in band.gutters)


@lru_cache(maxsize=2048)
def _wide_cells(line: str) -> str:
    """A line with one character for each display column: a wide one is followed by a NUL."""
    return "".join(char if char < "\u0300" else f"{char}\0" for char in line)


@lru_cache(maxsize=2048)
def _narrow_cells(line: str) -> str:
    """The same where quotation marks and dashes are as narrow as Latin letters."""
    return "".join(
        char if char < "\u0300" or _AMBIGUOUS.match(char) else f"{char}\0" for char in line
    )


_Cells = Callable[[str], str]


def _bands(lines: Sequence[str], cells: _Cells) -> Iterator[_Band]:
    for blank, run in groupby(lines, key=lambda line: not line):
        band = list(run)
        yield _Band(band, () if blank else _gutters(band, cells))


def _gutters(lines: Sequence[str], cells: _Cells) -> tuple[Gutter, ...]:
    """The gutters of a run of lines: blank in nearly all, with text on both sides of them."""
    if sum(map(_is_spaced, lines)) < _MIN_LINES:
        return ()
    rows = [cells(line).replace("\u3000\0", "  ") for line in lines]
    width = max(map(len, rows))
    crossing = [0] * (width + 1)
    for row in rows:
        for found in re.finditer(r"\S+", row):
            for at in range(found.start(), found.end()):
                crossing[at] += 1
    most = len(rows) * (1 - _BLANK)
    found_gutters: list[Gutter] = []
    begin = None
    left_edge = 0
    for at in range(width + 1):
        if at < width and crossing[at] <= most:
            begin = at if begin is None else begin
        elif begin is not None:
            both = sum(bool(row[left_edge:begin].strip() and row[at:].strip()) for row in rows)
            if (
                at < width
                and at - begin >= _MIN_GUTTER
                and begin - left_edge >= _MIN_COLUMN
                and both >= max(_MIN_LINES, len(rows) / 3)
            ):
                found_gutters.append((begin, at))
                left_edge = at
            begin = None
    if found_gutters and width - found_gutters[-1][1] < _MIN_COLUMN:
        found_gutters.pop()
    return tuple(found_gutters)


def _regions(
    bands: Sequence[_Band], cells: _Cells
) -> Iterator[tuple[tuple[Gutter, ...], list[str]]]:
    """Runs of lines with the same gutters, blank lines between them included."""
    region: list[str] = []
    gutters: tuple[Gutter, ...] = ()
    pending: list[str] = []  # blank lines, and lines that may go on with the region
    for band, following in zip(bands, _following(bands), strict=True):
        if not band.lines[0]:
            pending += band.lines
            continue
        own = band.gutters
        if not own and len(band.lines) < _MIN_LINES:
            # A headline a column, or the last lines of a column.
            candidates = (following, gutters)
            own = next((g for g in candidates if g and _is_parted(band.lines, g, cells)), ())
        if gutters and _alike(own, gutters):
            region += pending + band.lines
        else:
            yield gutters, region
            yield (), pending
            region, gutters = list(band.lines), own
        pending = []
    yield gutters, region
    yield (), pending


def _following(bands: Sequence[_Band]) -> list[tuple[Gutter, ...]]:
    """For each band the gutters of the next one that has any."""
    found: list[tuple[Gutter, ...]] = []
    gutters: tuple[Gutter, ...] = ()
    for band in reversed(bands):
        found.append(gutters)
        gutters = band.gutters or gutters
    return found[::-1]


def _is_parted(lines: Sequence[str], gutters: Sequence[Gutter], cells: _Cells) -> bool:
    """Whether each line has text on both sides of each gutter and is blank all through it."""
    for line in lines:
        row = cells(line).replace("\u3000\0", "  ")
        if any(
            row[first + 1 : end - 1].strip() or not row[:first].strip() or not row[end:].strip()
            for first, end in gutters
        ):
            return False
    return True


def _alike(gutters: Sequence[Gutter], others: Sequence[Gutter]) -> bool:
    return len(gutters) == len(others) and all(
        abs(end - other) <= _SHIFT for (_, end), (_, other) in zip(gutters, others, strict=True)
    )


def _stack(lines: Sequence[str], gutters: Sequence[Gutter], cells: _Cells) -> list[str]:
    """A region's columns one below the other; a paragraph may go on from one to the next."""
    result: list[str] = []
    columns: list[list[str]] = [[] for _ in range(len(gutters) + 1)]

    def flush() -> None:
        for column in columns:
            while column and not column[-1].strip():
                column.pop()
            while column and not column[0].strip():
                column.pop(0)
            result.extend(column)
            column.clear()

    for line in lines:
        parts = _cut(line, gutters, cells)
        if parts is None:
            # A line across the gutter: what stood above it is read first.
            flush()
            result.append(line)
        else:
            for column, part in zip(columns, parts, strict=True):
                column.append(part.rstrip())
    flush()
    return [*result, ""]


def _cut(line: str, gutters: Sequence[Gutter], cells: _Cells) -> list[str] | None:
    """The parts of a line in each column, blanks in front kept; None when a word is across."""
    row = cells(line)
    spaces = row.replace("\u3000\0", "  ")
    parts = []
    begin = 0
    for first, end in gutters:
        at = min(end, len(row))
        if at == len(row):
            # The line ends before the gutter, or in it.
            parts.append(row[begin:])
            begin = len(row)
            continue
        middle = (first + end) // 2
        blanks = [
            found
            for found in re.finditer(r" {2,}", spaces[begin:])
            if begin + found.start() <= end and begin + found.end() >= first
        ]
        if not blanks:
            return None
        nearest = min(blanks, key=lambda found: abs(begin + found.end() - max(middle, end)))
        # An indent behind the gutter belongs to the text there.
        stop = min(begin + nearest.end(), max(end, begin + nearest.start()))
        parts.append(row[begin : begin + nearest.start()])
        begin = stop
    parts.append(row[begin:])
    return [part.replace("\0", "") for part in parts]
