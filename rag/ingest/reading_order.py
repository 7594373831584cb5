"""Lines of a printed page → its columns in reading order.

A recursive XY cut: a region is cut where white runs across it. Lines that stand across columns
(headlines) part what is above them from what is below, and so does a row of headlines; between
those, columns are read from left to right, each to its end, or to the headline of a story that
stands below some of them. Nothing is read in the text itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from rag.ingest.glyphs import Rule, TextLine

LARGER = 1.13  # times the type of the text: that of a headline
_HEADLINE = 1.3  # times: that of a headline and of no heading inside a story
_GUTTER = 0.7  # em of white between columns
_NARROW = 3.0  # em: what is narrower is no column, but bullets or numbers
_STORY_GAP = 2.2  # em of white across columns that parts stories
_HEAD_GAP = 0.4  # em, above a row of headlines
_SAME_LINE = 0.3  # em between baselines
_HEAD, _FOOT = 0.12, 0.1  # of the height of a page: its margins
_MARGIN_GAP = 1.5  # em
_VERTICAL_CHARS = 3  # at least, one below the other, are a headline that runs down the page
_VERTICAL_PITCH = 2.0  # em between them, at most
_SAME_EDGE = 0.2  # em
_LEVEL = 1.5  # em: columns that begin as near in height go on with each other
_MAX_DEPTH = 40
_UNDER_RULE = 0.8  # of the width of a region: a rule as long parts it


def body_size(lines: Sequence[TextLine]) -> float:
    """The size of type that most characters are set in."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def columns(
    lines: list[TextLine], rules: list[Rule], body: float, height: float
) -> tuple[list[list[TextLine]], int]:
    """The columns of a page in reading order, and how many stand side by side at most."""
    head, rest, foot = _margins(_with_vertical(lines, body), body, height)
    regions, beside = _read(rest, rules, body, _MAX_DEPTH)
    return [_rows(region) for region in (*head, *regions, *foot) if region], beside


def _margins(
    lines: list[TextLine], body: float, height: float
) -> tuple[list[list[TextLine]], list[TextLine], list[list[TextLine]]]:
    """What stands apart at the head of a page, its text, and what stands apart at its foot."""
    atoms = _atoms(lines)
    first, last = 0, len(atoms)
    for index, (above, below) in enumerate(pairwise(atoms), start=1):
        bottom = max(line.bottom for line in above)
        top = min(line.top for line in below)
        if top - bottom < _MARGIN_GAP * body:
            continue
        if bottom < _HEAD * height:
            first = index
        elif top > (1 - _FOOT) * height:
            last = min(last, index)
    text = [line for atom in atoms[first:last] for line in atom]
    return atoms[:first], text, atoms[last:]


def _with_vertical(lines: list[TextLine], body: float) -> list[TextLine]:
    """Lines with headlines whose characters stand one below the other put into one line each."""
    joined = list(lines)
    run: list[TextLine] = []
    single = [line for line in lines if len(line.text) == 1 and line.size >= _HEADLINE * body]
    for line in [*sorted(single, key=lambda line: (round(line.left), line.base)), None]:
        if line is not None and run and _is_below(run, line):
            run.append(line)
            continue
        if len(run) >= _VERTICAL_CHARS:
            joined[joined.index(run[0])] = replace(
                run[0], text="".join(part.text for part in run), right=max(p.right for p in run)
            )
            joined = [other for other in joined if other not in run]
        run = [line] if line is not None else []
    return joined


def _is_below(run: list[TextLine], line: TextLine) -> bool:
    """Whether a character is the next of a headline that runs down the page."""
    last = run[-1]
    step = line.base - last.base
    return (
        abs(line.left - last.left) < _SAME_EDGE * line.size
        and abs(line.size - last.size) < 1
        and line.size * 0.9 < step < line.size * _VERTICAL_PITCH
        and (len(run) < 2 or abs(step - (last.base - run[-2].base)) < _SAME_EDGE * line.size)
    )


def _is_vertical(line: TextLine) -> bool:
    """Whether a line is too narrow for its characters to stand side by side."""
    return len(line.text) >= _VERTICAL_CHARS and line.right - line.left < 1.5 * line.size


def _rows(lines: list[TextLine]) -> list[TextLine]:
    """Lines from top to bottom; parts of one line become one again."""
    joined: list[TextLine] = []
    for row in by_baseline(lines):
        whole = row[0]
        for part in row[1:]:
            if part.size > whole.size * 1.8 or whole.size > part.size * 1.8:
                joined.append(whole)
                whole = part
                continue
            longer = max(whole, part, key=lambda line: len(line.text))
            text = f"{whole.text} {part.text}"
            right = max(whole.right, part.right)
            whole = replace(longer, text=text, left=whole.left, right=right)
        joined.append(whole)
    return joined


def by_baseline(lines: list[TextLine]) -> Iterator[list[TextLine]]:
    """Lines that share a baseline, from left to right, from the top of the page down."""
    row: list[TextLine] = []
    for line in sorted(lines, key=lambda line: line.base):
        if row and line.base - row[0].base > _SAME_LINE * min(line.size, row[0].size):
            yield sorted(row, key=lambda line: line.left)
            row = []
        row.append(line)
    if row:
        yield sorted(row, key=lambda line: line.left)


def _read(
    lines: list[TextLine], rules: list[Rule], body: float, depth: int
) -> tuple[list[list[TextLine]], int]:
    """The regions of single columns in reading order, and how many columns there are."""
    if len(lines) < 2 or depth == 0:
        return [lines], 1
    beside = _beside(lines, body)
    if len(beside) > 1:
        bands = _stories(lines, beside, rules, body)
        if len(bands) == 1 and (head := _head(lines, beside, body)):
            own = set(map(id, head))
            rest = [line for line in lines if id(line) not in own]
            found, count = _read(rest, rules, body, depth - 1)
            return [head, *found], count
        if len(bands) == 1:
            boxed = _around_box(beside, rules, body)
            parts = [_read(column, rules, body, depth - 1) for column in boxed or beside]
            count = len(beside) if boxed else sum(n for _, n in parts)
            return [region for found, _ in parts for region in found], count
    else:
        bands = _bands(lines, body)
        if len(bands) == 1:
            return [lines], 1
    regions: list[list[TextLine]] = []
    most = 1
    joinable = False
    for band in bands:
        found, count = _read(band, rules, body, depth - 1)
        # Bands that are not cut any further are one column.
        if len(found) == 1 and joinable and len(beside) == 1:
            regions[-1] = regions[-1] + found[0]
        else:
            regions += found
        joinable = len(found) == 1
        most = max(most, count)
    return regions, most


def _beside(lines: list[TextLine], body: float) -> list[list[TextLine]]:
    """The columns of a region, from left to right; one where no white runs all the way down."""
    groups: list[list[TextLine]] = []
    edge = 0.0
    for line in sorted(lines, key=lambda line: line.left):
        if groups and line.left - edge < _GUTTER * body:
            groups[-1].append(line)
            edge = max(edge, line.edge)
        else:
            groups.append([line])
            edge = line.edge
    if len(groups) > 1 and max(map(_height, groups)) < 2:
        return [lines]
    merged = [groups[0]]
    for group in groups[1:]:
        narrow = any(
            _width(part) < _NARROW * body and not all(map(_is_vertical, part))
            for part in (group, merged[-1])
        )
        if narrow or not _overlap(group, merged[-1]):
            merged[-1] = merged[-1] + group
        else:
            merged.append(group)
    return merged


def _overlap(one: list[TextLine], other: list[TextLine]) -> bool:
    """Whether two groups of lines stand side by side, at least with a part."""
    top = max(min(line.top for line in group) for group in (one, other))
    bottom = min(max(line.bottom for line in group) for group in (one, other))
    return top < bottom


def _height(lines: list[TextLine]) -> int:
    """How many baselines lines have."""
    return sum(1 for _ in by_baseline(lines))


def _width(lines: list[TextLine]) -> float:
    return max(line.right for line in lines) - min(line.left for line in lines)


def _atoms(lines: list[TextLine]) -> list[list[TextLine]]:
    """Lines cut wherever white runs from the left to the right, however little."""
    atoms: list[list[TextLine]] = []
    edge = 0.0
    for line in sorted(lines, key=lambda line: line.top):
        if atoms and line.top < edge:
            atoms[-1].append(line)
            edge = max(edge, line.bottom)
        else:
            atoms.append([line])
            edge = line.bottom
    return atoms


def _stories(
    lines: list[TextLine], beside: list[list[TextLine]], rules: list[Rule], body: float
) -> list[list[TextLine]]:
    """Bands of stories one above the other, where columns run through all of them."""
    atoms = _atoms(lines)
    starts = [min(line.left for line in column) for column in beside]
    bands = [atoms[0]]
    for index, (above, below) in enumerate(pairwise(atoms), start=1):
        bottom = max(line.bottom for line in above)
        top = min(line.top for line in below)
        rest = [line for atom in atoms[index:] for line in atom]
        if (
            top - bottom >= _STORY_GAP * body
            or _has_rule(lines, rules, bottom, top)
            or (
                top - bottom >= _HEAD_GAP * body
                and any(line.size < LARGER * body for line in above)
                and (_is_headed(rest, starts, top, body) or _is_headline(below, body))
            )
        ):
            bands.append(below)
        else:
            bands[-1] = bands[-1] + below
    return bands


def _head(lines: list[TextLine], beside: list[list[TextLine]], body: float) -> list[TextLine]:
    """The headline above all of a region, where it alone bridges the white between columns."""
    head: list[TextLine] = []
    for atom in _atoms(lines):
        if any(line.size < _HEADLINE * body for line in atom) or _gaps(head + atom, body):
            break
        head += atom
    rest = [line for line in lines if line not in head]
    return head if head and rest and len(_beside(rest, body)) > len(beside) else []


def _around_box(
    beside: list[list[TextLine]], rules: list[Rule], body: float
) -> list[list[TextLine]]:
    """Columns some of which end above a story of their own, which is read when they are.

    Empty where no story stands below some of the columns, with its headline at the left.
    """
    for count in range(len(beside) - 1, 1, -1):
        for first in range(len(beside) - count + 1):
            run, after = beside[first : first + count], beside[first + count :]
            bands = _stories([line for column in run for line in column], run, rules, body)
            if len(bands) == 1 or not _begins_story(bands[1], run[0], body):
                continue
            above = set(map(id, bands[0]))
            ended = [[line for line in column if id(line) in above] for column in run]
            if not all(ended) or any(_top(c).size >= _HEADLINE * body for c in ended[1:]):
                continue
            level = _top(ended[-1])
            while after and abs(_top(after[0]).base - level.base) < _LEVEL * body:
                ended.append(after.pop(0))
            box = [line for band in bands[1:] for line in band]
            return [*beside[:first], *ended, box, *after]
    return []


def _begins_story(band: list[TextLine], column: list[TextLine], body: float) -> bool:
    """Whether a band begins with a headline at the top of its first column."""
    first = min(band, key=lambda line: line.top)
    return first.size >= _HEADLINE * body and first in column


def _top(column: list[TextLine]) -> TextLine:
    return min(column, key=lambda line: line.top)


def _has_rule(lines: list[TextLine], rules: list[Rule], above: float, below: float) -> bool:
    """Whether a rule is drawn between two heights, across most of a region."""
    left = min(line.left for line in lines)
    right = max(line.right for line in lines)
    return any(
        above - 1 <= rule.top <= rule.bottom <= below + 1
        and min(rule.right, right) - max(rule.left, left) >= _UNDER_RULE * (right - left)
        for rule in rules
    )


def _is_headed(rest: list[TextLine], starts: list[float], top: float, body: float) -> bool:
    """Whether below a height each of several columns begins with a headline."""
    firsts = []
    for start, end in zip(starts, [*starts[1:], float("inf")], strict=True):
        column = [line for line in rest if start - 1 <= line.left < end - 1]
        if column:
            firsts.append(min(column, key=lambda line: line.top))
    return len(firsts) > 1 and all(
        line.size >= LARGER * body and line.top - top < 3 * body for line in firsts
    )


def _is_headline(atom: list[TextLine], body: float) -> bool:
    """Whether a line has the region's width to itself and is set in a headline's type."""
    return len(atom) == 1 and atom[0].size >= _HEADLINE * body


def _bands(lines: list[TextLine], body: float) -> list[list[TextLine]]:
    """A region cut where its columns begin and end: at the lines that stand across them."""
    bands: list[list[TextLine]] = []
    apart = False
    for atom in _atoms(lines):
        if bands:
            both = bands[-1] + atom
            together = len(_gaps(both, body)) > 0
            if together or not (apart or _gaps(atom, body)):
                bands[-1] = both
                apart = together
                continue
        bands.append(atom)
        apart = bool(_gaps(atom, body))
    return bands


def _gaps(lines: list[TextLine], body: float) -> list[float]:
    """Where white runs all the way down a region."""
    found = []
    edge = None
    for line in sorted(lines, key=lambda line: line.left):
        if edge is not None and line.left - edge >= _GUTTER * body:
            found.append(edge)
        edge = line.edge if edge is None else max(edge, line.edge)
    return found
