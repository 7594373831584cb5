"""A web page → its lines as a reader sees them, with what mark-up says of each.

A line is bold, a link, or set in larger type when all of it is; the element it stands in may be
marked, by class or id, as made for a headline or for furniture. What a line means is decided in
`html` and `html_declared`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from rag.ingest.dates import date_line
from rag.ingest.fold import letters

TITLE_MARK = re.compile(
    r"(?:^|[ _-])(?:art|ar|article|post|entry|news|page|main|doc|info|content|h1|big|amp-wp)?[_-]?"
    r"(?:title|tit|headline|bt|biaoti|name headline)\d*(?:$|[ _-])"
)
CREDITS_MARK = re.compile(r"(?:^|[ _-])\w*(?:info|meta|byline|credit|source|author)\w*(?:$|[ _-])")
OUTSIDE_MARK = re.compile(
    r"(?:^|[ _-])(?:comments?|relate[ds]?\w*|recommend\w*|shar(?:e|ing)\w*|side(?:bar)?|crumbs?"
    r"|breadcrumbs?|footer|copyright|hot\w*|rank\w*|nav\w*|menu|pager|prev\w*|next\w*|qr\w*|tools?"
    r"|newsletter|cookie\w*|promo\w*|ads?\d*|advert\w*|login|search\w*|tags?|logo|brand|slogan"
    r"|app[_-]?(?:card|down\w*|link|tip)|pullquote|author-?box|bio|\w*donate|support|footnotes?|badge|like|cmts?|rec|reward|digg|context|sort|chat"
    r"|page(?:s|list|bar)|pagelist|declare|disclaimer|live-?end|ai-?summary|video)(?:$|[ _-])"
)
HEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCK_TAGS = HEADING_TAGS | frozenset(
    (
        *("address", "article", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt"),
        *("figure", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody"),
        *("td", "th", "thead", "tr", "ul"),
    )
)
_EMPTY_TAGS = frozenset(("br", "hr"))
_BOLD_TAGS = HEADING_TAGS | {"b", "strong"}
_SKIPPED_TAGS = frozenset(
    (
        *("aside", "button", "figcaption", "footer", "head", "iframe", "nav", "noscript"),
        *("script", "select", "style", "svg", "template", "textarea"),
    )
)
_STYLE_SIZE = re.compile(r"font-size:\s*(\d{1,3})(px|pt)")
_LARGE = 18  # pixels: larger type than running text is set in
_FONT = re.compile(r"\+?[1-7]")
_FONT_SIZE = 3  # of running text in old mark-up
MAX_CREDITS = 120  # characters
MAX_TITLE = 90  # characters
_Word = tuple[str, bool, bool, float]  # with bold, linked, size


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a reader sees it; `bold` and `linked` say that all of it is.

    `block` is the element that it stands in; `size` is above 0 where mark-up sets all of it in
    larger type than running text.
    """

    text: str
    block: etree._Element
    bold: bool
    linked: bool
    size: float = 0.0

    @property
    def tag(self) -> str:
        return str(self.block.tag)


def is_marked(element: etree._Element | None, mark: re.Pattern[str]) -> bool:
    """Whether an element or what it stands in, up to two levels, is marked so by class or id."""
    for _ in range(3):
        if element is None:
            return False
        names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if mark.search(" ".join(names.split())):
            return True
        element = element.getparent()
    return False


def visible_lines(tree: etree._Element) -> Iterator[Line]:
    """The lines of a page in order, without its navigation."""
    walker = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    words: list[_Word] = []
    block, bold, linked = tree, 0, 0
    sizes = [0.0]
    for event, element in walker:
        name = element.tag
        if name in _BLOCK_TAGS or name in _SKIPPED_TAGS:
            if (line := _line(words, block)) is not None:
                yield line
            words = []
            if name not in _EMPTY_TAGS:
                parent = element.getparent()
                block = element if event == "start" or parent is None else parent
        if event == "start" and name in _SKIPPED_TAGS:
            walker.skip_subtree()
        elif event == "start":
            bold += _is_bold_element(element)
            linked += name == "a"
            sizes.append(_own_size(element) or sizes[-1])
            words.append((element.text or "", bold > 0, linked > 0, sizes[-1]))
        else:
            if event == "end":
                bold -= _is_bold_element(element)
                linked -= name == "a"
                sizes = sizes[:-1] or [0.0]
            words.append((element.tail or "", bold > 0, linked > 0, sizes[-1]))
    if (line := _line(words, block)) is not None:
        yield line


def _own_size(element: etree._Element) -> float:
    """The size of type that an element sets, where it is larger than that of running text."""
    tag = element.tag
    if tag in HEADING_TAGS:
        return float(7 - int(tag[1]))
    if tag == "font" and _FONT.fullmatch(size := element.get("size") or ""):
        points = int(size) + (_FONT_SIZE if size[0] == "+" else 0)
        return float(points) if points > _FONT_SIZE else 0.0
    found = _STYLE_SIZE.search(element.get("style") or "") if isinstance(tag, str) else None
    if found is None:
        return 0.0
    pixels = float(found[1]) * (1 if found[2] == "px" else 4 / 3)
    return pixels / 4 if pixels >= _LARGE else 0.0


def _is_bold_element(element: etree._Element) -> bool:
    return element.tag in _BOLD_TAGS or "font-weight:bold" in (
        (element.get("style") or "").replace(" ", "").lower()
    )


def _line(words: list[_Word], block: etree._Element) -> Line | None:
    text = " ".join("".join(word[0] for word in words).split())
    if not text:
        return None
    if len(words) > 1 and len(text) <= MAX_CREDITS:
        # The entries of a line of credits stand apart by style alone.
        spaced = " ".join(" ".join(word[0] for word in words).split())
        credits = date_line(spaced) is not None or has_mark(block, CREDITS_MARK)
        text = spaced if credits else text
    solid = [word for word in words if word[0].strip()]
    bold, linked = all(word[1] for word in solid), all(word[2] for word in solid)
    return Line(text, block, bold, linked, min(word[3] for word in solid))


def joined(lines: list[Line]) -> Iterator[Line]:
    """Lines, those of one headline broken by hand joined: short, in one element made for it."""
    run: list[Line] = []
    for line in [*lines, None]:
        if run and (line is None or line.block is not run[-1].block or not _heads(line)):
            text = " ".join(part.text for part in run)
            bold, linked = all(part.bold for part in run), all(part.linked for part in run)
            yield Line(text, run[0].block, bold, linked, run[0].size)
            run = []
        if line is not None and _heads(line):
            run.append(line)
        elif line is not None:
            yield line


def _heads(line: Line) -> bool:
    """Whether a line stands in an element made for a headline, or in large type."""
    if len(line.text) > MAX_TITLE:
        return False
    return line.tag in HEADING_TAGS or line.size > 0 or has_mark(line.block, TITLE_MARK)


def has_mark(element: etree._Element, mark: re.Pattern[str]) -> bool:
    """Whether an element itself is marked so by class, id or itemprop."""
    names = (element.get(name) or "" for name in ("class", "id", "itemprop"))
    return mark.search(" ".join(" ".join(names).lower().split())) is not None


def is_title(line: str, title: str | None) -> bool:
    """Whether a line is the title or a part of it."""
    return title is not None and len(line) > 3 and line_key(line) in line_key(title)


def line_key(text: str) -> str:
    """The first letters of a line, to know it again in another form."""
    return letters(text[:120])[:40]
