"""Pages of a PDF → lines of text with their places and type, by pdfium.

A line is what stands on one baseline without a wide gap: one column's share of it. Drawing order
is used only to tell where words end. Glyphs that a reader does not see (drawn twice, off the
page, of no size, turned against the page) and those without a character are left out. Reading
order and paragraphs are found in `columns` and `pdf`.
"""

from __future__ import annotations

import ctypes
import math
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from statistics import median_low
from typing import Any

_MIN_SIZE = 2.0  # points: smaller type is there for machines
_SAME_LINE = 0.3  # em between baselines
_GAP = 0.7  # em: wider gaps part columns
_GAP_INSIDE = 2.5  # em, where one drawing operation goes across the gap
_MARKS = "，。、；：！？”’）》】」』"  # as wide as a character, and white on the right
_HALF = 0.5  # em
_WORD_GAP = 0.15  # em
_FIRST_SQUARE = "\u2e80"  # this and most characters behind it are as wide as high
_ALMOST = 0.99  # of its width: glyphs are rounded
_WIDE_GAP = 0.21  # em more than usual
_LARGER = 1.8  # times: type this much larger is a drop cap or a headline beside small type
_TWICE = 0.5  # of its width: the same glyph this near is drawn again to look bold
_RULE = 2.5  # points: a thinner path is a rule
_MAX_PATHS = 20_000  # drawings have more of them, and no rules
SOFT_HYPHEN = "\u00ad"
_HYPHENS = "\x02\ufffe"  # how pdfium marks one at the end of a line
# Fonts often map glyphs of whole words to the radicals that look alike and have no equivalent.
_RADICALS = str.maketrans(
    "⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "民西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
)


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of one column; places are points from the left and the top of the upright page."""

    text: str
    left: float
    right: float
    base: float  # of the baseline
    size: float  # of the type that most of it is set in
    bold: bool
    page: int

    @property
    def top(self) -> float:
        """Where its letters begin; the white above them counts as a gap."""
        return self.base - 0.8 * self.size

    @property
    def bottom(self) -> float:
        """Where its letters end."""
        return self.base + 0.15 * self.size

    @property
    def edge(self) -> float:
        """Where its ink ends: a mark that did not fit hangs over the edge of a column."""
        return self.right - (_HALF * self.size if self.text[-1] in _MARKS else 0.0)


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn line or edge, as thin as one."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageText:
    """What is printed on a page; `unmapped` glyphs have no character, `turned` ones no line."""

    number: int
    height: float
    lines: list[TextLine]
    rules: list[Rule]
    glyphs: int
    unmapped: int
    turned: str


Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Style:
    """The type that glyphs share."""

    size: float
    square: float  # points, the width of a Chinese character
    bold: bool
    turn: int | None  # quarters of a turn to the left; None for slanting text
    hidden: bool


@dataclass(slots=True, eq=False)
class _Glyph:
    """A glyph; places are those of a page turned until it stands upright."""

    char: str
    style: _Style
    number: int
    drawn: int  # by which operation
    space: str  # what the file has between the one before and this: "", "gap", " "
    left: float
    right: float
    base: float


_STYLE, _BASE, _LEFT = attrgetter("style"), attrgetter("base"), attrgetter("left")
_NO_STYLE = _Style(0.0, 0.0, bold=False, turn=0, hidden=True)


def read_page(page: Any, number: int) -> PageText:
    """The lines and rules of an open page of pdfium."""
    box = page.get_cropbox()
    glyphs, unmapped = _glyphs(page, box)
    count = len(glyphs) + unmapped
    styles = Counter(map(_STYLE, glyphs))
    # The text of a scan that was recognised is hidden behind the picture.
    seen = [style for style in styles if not style.hidden] or list(styles)
    turns: Counter[int | None] = Counter()
    for style in seen:
        turns[style.turn] += styles[style]
    turn = max(turns, key=lambda turn: turns[turn]) if turns else 0
    turned = ""
    if len(seen) < len(styles) or len(turns) > 1:
        glyphs = [glyph for glyph in glyphs if glyph.style in seen]
        turned = "".join(glyph.char for glyph in glyphs if glyph.style.turn != turn)
        glyphs = [glyph for glyph in glyphs if glyph.style.turn == turn]
    width, height = box[2] - box[0], box[3] - box[1]
    if turn in (1, 3):
        width, height = height, width
    lines = [
        line
        for row in _rows(glyphs)
        for line in _lines(row, number)
        if -1 <= line.left < width and 0 <= line.base <= height + 1
    ]
    rules = _rules(page, box) if turn == 0 and _are_beside(lines) else []
    return PageText(number, height, lines, rules, count, unmapped, turned)


def _are_beside(lines: list[TextLine]) -> bool:
    """Whether any line stands beside another; rules mean nothing else."""
    return len({line.base for line in lines}) < len(lines)


def _glyphs(page: Any, box: Box) -> tuple[list[_Glyph], int]:
    """The glyphs of a page in drawing order, and how many there are besides without a character."""
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    textpage = page.get_textpage()
    text = textpage.raw
    handle = ctypes.cast(text, ctypes.c_void_p).value
    operation_of, box_of = _quick_calls()
    rect = pdfium.FS_RECTF()
    rect_at = ctypes.addressof(rect)
    x, y = ctypes.c_double(), ctypes.c_double()
    glyphs: list[_Glyph] = []
    unmapped = drawn = last = 0
    style = _NO_STYLE
    styles: dict[tuple[float, ...], _Style] = {}
    space = ""
    origin_of, lower, base = 0, 0.0, 0.0  # the operation and lower edge whose baseline is known
    try:
        for index, printed in enumerate(_characters(pdfium, text)):
            operation = operation_of(handle, index)
            if printed.isspace():
                if printed not in "\r\n":
                    space = " " if operation else space or "gap"
                continue
            if operation and operation != last:
                last = operation
                drawn += 1
                style = _style(pdfium, text, index, styles)
            if style.size < _MIN_SIZE:
                continue
            char = _normal(printed)
            if not char:
                unmapped += 1
                continue
            box_of(handle, index, rect_at)
            left, bottom, right = rect.left, rect.bottom, rect.right
            tight = (
                char >= _FIRST_SQUARE and right - left < style.square * _ALMOST and not style.turn
            )
            if tight or style.turn or bottom != lower or drawn != origin_of:
                pdfium.FPDFText_GetCharOrigin(text, index, x, y)
                origin_of, lower = drawn, bottom
                base = box[3] - y.value
            if tight:
                # Some fonts do not say how wide a glyph is set, only how wide it is drawn.
                left, right = x.value, x.value + style.square
            if style.turn:
                edges = left, bottom, right, rect.top
                left, right, base = _upright(style.turn, edges, x.value, y.value, box)
            else:
                left, right = left - box[0], right - box[0]
            glyphs.append(_Glyph(char, style, len(glyphs), drawn, space, left, right, base))
            space = ""
    finally:
        textpage.close()
    return glyphs, unmapped


@lru_cache(maxsize=1)
def _quick_calls() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What is asked for every glyph: its drawing operation and its box, by plain addresses."""
    import pypdfium2.raw as pdfium

    operation = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
    box = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    return (
        ctypes.cast(pdfium.FPDFText_GetTextObject, operation),
        ctypes.cast(pdfium.FPDFText_GetLooseCharBox, box),
    )


def _characters(pdfium: Any, text: Any) -> str:
    """The characters of a page, one for each of pdfium's numbers."""
    count = pdfium.FPDFText_CountChars(text)
    units = (ctypes.c_ushort * (count + 1))()
    # The text as a whole leaves out characters without a code, and has two units for rare ones.
    if pdfium.FPDFText_GetText(text, 0, count, units) == count + 1:
        whole = bytes(units)[:-2].decode(f"utf-16-{sys.byteorder[:1]}e", errors="surrogatepass")
        if len(whole) == count:
            return whole
    codes = (pdfium.FPDFText_GetUnicode(text, index) for index in range(count))
    return "".join(chr(min(code, sys.maxunicode)) for code in codes)


def _style(pdfium: Any, text: Any, index: int, styles: dict[tuple[float, ...], _Style]) -> _Style:
    """The type that a glyph is drawn in; the same object for the same type on a page."""
    operation = pdfium.FPDFText_GetTextObject(text, index)
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    points = pdfium.FPDFText_GetFontSize(text, index)
    mode = pdfium.FPDFTextObj_GetTextRenderMode(operation)
    font = pdfium.FPDFTextObj_GetFont(operation)
    address = ctypes.addressof(font.contents) if font else 0
    key = (address, points, mode, matrix.a, matrix.b, matrix.c, matrix.d)
    if key not in styles:
        quarters = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
        stroked = mode == pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE
        styles[key] = _Style(
            points * math.hypot(matrix.c, matrix.d),
            points * math.hypot(matrix.a, matrix.b),
            stroked or _is_bold(pdfium, font),
            round(quarters) % 4 if abs(quarters - round(quarters)) < 0.1 else None,
            mode in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP),
        )
    return styles[key]


def _is_bold(pdfium: Any, font: Any) -> bool:
    if not font:
        return False
    name = ctypes.create_string_buffer(200)
    pdfium.FPDFFont_GetBaseFontName(font, name, len(name))
    words = name.value.decode("utf-8", errors="replace").lower()
    return pdfium.FPDFFont_GetWeight(font) >= 600 or any(
        word in words for word in ("bold", "black", "heavy", "hei", "黑")
    )


@lru_cache(maxsize=16384)
def _normal(char: str) -> str:
    """A character as it is written in other texts; empty for what is none."""
    if char in _HYPHENS:
        return "-"
    code = ord(char)
    if 0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF or 0xFB00 <= code <= 0xFB06:
        return unicodedata.normalize("NFKC", char).translate(_RADICALS)
    if char == SOFT_HYPHEN:
        return char
    known = unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs", "Cn") and char != "\ufffd"
    return char if known else ""


def _upright(turn: int, edges: Box, x: float, y: float, box: Box) -> tuple[float, float, float]:
    """Left, right and baseline of a turned glyph, as the page is held to read it."""
    left, bottom, right, top = box
    if turn == 1:
        return edges[1] - bottom, edges[3] - bottom, x - left
    if turn == 2:
        return right - edges[2], right - edges[0], y - bottom
    return top - edges[3], top - edges[1], right - x


def _rows(glyphs: list[_Glyph]) -> Iterator[list[_Glyph]]:
    """Glyphs that share a baseline, from left to right, across all columns."""
    row: list[_Glyph] = []
    for glyph in sorted(glyphs, key=_BASE):
        if row and glyph.base != row[-1].base:
            near = _SAME_LINE * min(glyph.style.size, row[0].style.size)
            if glyph.base - row[0].base > near:
                yield sorted(row, key=_LEFT)
                row = []
        row.append(glyph)
    if row:
        yield sorted(row, key=_LEFT)


def _lines(row: list[_Glyph], page: int) -> Iterator[TextLine]:
    """A row cut at its gaps."""
    line: list[_Glyph] = []
    before = None
    for glyph in row:
        if before is not None:
            if before.char == glyph.char and _is_again(before, glyph):
                continue
            # Most glyphs stand right behind the one before.
            near = glyph.left <= before.right and glyph.style is before.style
            if not near and _is_apart(before, glyph):
                yield _line(line, page)
                line = []
        line.append(glyph)
        before = glyph
    if line:
        yield _line(line, page)


def _is_again(before: _Glyph, glyph: _Glyph) -> bool:
    return glyph.left - before.left < _TWICE * (before.right - before.left)


def _is_apart(before: _Glyph, glyph: _Glyph) -> bool:
    small, large = before.style.size, glyph.style.size
    if small > large:
        small, large = large, small
    if large > small * _LARGER:
        return True
    gap = glyph.left - before.right
    if before.char in _MARKS and gap > small * _WIDE_GAP:
        gap += small * _HALF
    if gap <= large * _GAP:
        return False
    inside = before.drawn == glyph.drawn and glyph.number == before.number + 1
    return not inside or gap > large * _GAP_INSIDE


def _line(glyphs: list[_Glyph], page: int) -> TextLine:
    styles = Counter(map(_STYLE, glyphs))
    gap = _WORD_GAP * min(style.size for style in styles)
    usual: float | None = None
    parts = [glyphs[0].char]
    for before, glyph in pairwise(glyphs):
        if glyph.char == SOFT_HYPHEN and glyph is not glyphs[-1]:
            continue
        if glyph.space or glyph.left - before.right > gap:
            usual = _usual_gap(glyphs) if usual is None else usual
            if _has_space(before, glyph, usual):
                parts.append(" ")
        parts.append(glyph.char)
    heavy = sum(count for style, count in styles.items() if style.bold)
    return TextLine(
        " ".join("".join(parts).split()),
        glyphs[0].left,
        max(glyph.right for glyph in glyphs[-2:]),
        glyphs[len(glyphs) // 2].base,
        styles.most_common(1)[0][0].size,
        heavy * 2 > len(glyphs),
        page,
    )


def _usual_gap(glyphs: list[_Glyph]) -> float:
    """How far Chinese characters of a line are set apart, to fill it."""
    gaps = [b.left - a.right for a, b in pairwise(glyphs) if a.char >= _FIRST_SQUARE <= b.char]
    return max(0.0, median_low(gaps)) if gaps else 0.0


def _has_space(before: _Glyph, glyph: _Glyph, usual: float) -> bool:
    """Whether a space stands between two glyphs; a gap between Chinese ones must be unusual."""
    follows = glyph.number == before.number + 1
    if follows and glyph.space == " ":
        return True
    gap = glyph.left - before.right
    if _wide(before.char) or _wide(glyph.char):
        return gap > usual + _WIDE_GAP * glyph.style.size
    return (follows and glyph.space == "gap") or gap > _WORD_GAP * glyph.style.size


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _rules(page: Any, box: Box) -> list[Rule]:
    """The thin lines of a page, and the edges of its frames."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFPage_CountObjects(page.raw)
    if count > _MAX_PATHS:
        return []
    rules: list[Rule] = []
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for index in range(count):
        path = pdfium.FPDFPage_GetObject(page.raw, index)
        if pdfium.FPDFPageObj_GetType(path) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        pdfium.FPDFPageObj_GetBounds(path, left, bottom, right, top)
        rule = Rule(
            left.value - box[0], right.value - box[0], box[3] - top.value, box[3] - bottom.value
        )
        if min(rule.bottom - rule.top, rule.right - rule.left) < _RULE:
            rules.append(rule)
        else:
            rules.append(replace(rule, bottom=rule.top))
            rules.append(replace(rule, top=rule.bottom))
    return rules
