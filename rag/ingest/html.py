"""A web page → a document: its running text by trafilatura, its metadata as the page states it.

Title, date, source and authors come from meta tags, then JSON-LD, then elements made for them; the
lines printed between headline and text (date, credit, byline) are passed on as blocks for `page`
to read. Where trafilatura loses sentences, the visible lines are read instead. Its guesses at
metadata are not used: they search running text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice, pairwise, zip_longest
from typing import Any, TypeVar

from lxml import etree
from lxml import html as lxml_html

from rag.ingest.credits import credit, is_outlet, is_page_header, masthead
from rag.ingest.dates import date_line, iso_date
from rag.ingest.lines import Kind, kind
from rag.ingest.model import Block, Declared, Document, Dropped
from rag.ingest.surnames import is_chinese_name
from rag.text import is_han

_TITLES = ("ArticleTitle", "og:title", "twitter:title", "pageTitle", "headline")
_PUBLISHED = (
    "article:published_time",
    "PubDate",
    "publishdate",
    "publish_time",
    "publishtime",
    "og:published_time",
    "og:release_date",
    "datePublished",
    "DC.date.issued",
)
# Often the day on which a template or a cache was made: less than what the page prints.
_SOME_DATE = ("date", "DC.date", "weibo:article:create_at")
_SOURCES = ("ContentSource", "source", "mediaid", "article:source")
_PUBLISHERS = ("og:site_name", "application-name", "SiteName")
_AUTHORS = ("author", "article:author")
# Who runs a platform has not published what stands on it.
_PLATFORM = re.compile(
    r"微信公众平台|微信公众号|今日头条|百家号|搜狐|网易号?|腾讯网?|新浪|知乎|Facebook|Medium|WordPress"
)
_SOURCE_MARK = re.compile(
    r"(?:^|[ _-])(?:js_name|nickname|source|src|media_?name|origin)(?:$|[ _-])"
)
_AUTHOR_MARK = re.compile(r"(?:^|[ _-])(?:byline|author|reporter)s?(?:[ _-]?name)?(?:$|[ _-])")
_DECK_MARK = re.compile(
    r"(?:^|[ _-])(?:standfirst|sub_?title|sub-?head(?:line)?|deck|dek|kicker|eyebrow)(?:$|[ _-])"
)
_TITLE_MARK = re.compile(
    r"(?:^|[ _-])(?:art|ar|article|post|entry|news|page|main|doc|info|content|h1|big|amp-wp)?[_-]?"
    r"(?:title|tit|headline|bt|biaoti|name headline)\d*(?:$|[ _-])"
)
_DATE_MARK = re.compile(r"(?:^|[ _-])\w*(?:date|time|cal|info|meta)\w*(?:$|[ _-])")
_OUTSIDE_MARK = re.compile(
    r"(?:^|[ _-])(?:comments?|relate[ds]?\w*|recommend\w*|shar(?:e|ing)\w*|side(?:bar)?|crumbs?"
    r"|breadcrumbs?|footer|copyright|hot\w*|rank\w*|nav\w*|menu|pager|prev\w*|next\w*|qr\w*|tools?"
    r"|newsletter|cookie\w*|promo\w*|ads?\d*|advert\w*|login|search\w*|tags?|logo|brand|slogan"
    r"|app[_-]?(?:card|down\w*|link|tip)|pullquote|author-?box|bio|\w*donate|support|footnotes?|badge|like|cmts?|rec|reward|digg|context|sort|chat"
    r"|page(?:s|list|bar)|pagelist|declare|disclaimer|live-?end|ai-?summary|video)(?:$|[ _-])"
)
_ARTICLE_TYPES = re.compile(r"(?:News|Reportage|Analysis|Opinion|Blog)?(?:Article|Posting)$")
_NAME = re.compile(
    r"(?!本[报网])[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,8})?(?<![报网社台辑])"
    r"|[A-Z][\w.'-]+(?: [A-Z][\w.'-]*){1,3}"
)
_TEXT = (Kind.BODY, Kind.OPENING)
_NO_TEXT = (Kind.FURNITURE, Kind.TAIL)
_HEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCK_TAGS = _HEADING_TAGS | frozenset(
    (
        *("address", "article", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt"),
        *("figure", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody"),
        *("td", "th", "thead", "tr", "ul"),
    )
)
_EMPTY_TAGS = frozenset(("br", "hr"))
_BOLD_TAGS = _HEADING_TAGS | {"b", "strong"}
_SKIPPED_TAGS = frozenset(
    (
        *("aside", "button", "figcaption", "footer", "head", "iframe", "nav", "noscript"),
        *("script", "select", "style", "svg", "template", "textarea"),
    )
)
_MAX_FLAT = 5  # blocks
_MIN_HEADING, _MAX_HEADING = 4, 40  # characters
_MAX_LOST = 0.03  # of the text
_SENTENCE = 30  # characters: less may be any line
_MAX_CAPTION, _SHORT_CAPTION = 120, 60  # characters, with a caption's words in it and without
_CAPTION_CUE = re.compile(r"[图圖摄攝]|[Pp]hoto|[Ii]mage|[Pp]icture|Credit")
_STYLE_SIZE = re.compile(r"font-size:\s*(\d{1,3})(px|pt)")
_LARGE = 18  # pixels: larger type than running text is set in
_DAY_YEAR_MONTH = re.compile(r"(\d{1,2}) ?[日/ ]? ?(20\d\d)[/.年-] ?(\d{1,2})(?!\d)")
_URL_DATE = re.compile(r"(?<!\d)(20\d\d)[/_-]?(\d\d)[/_-]?(\d\d)(?!\d)")
_FONT = re.compile(r"\+?[1-7]")
_FONT_SIZE = 3  # of running text in old mark-up
_MAX_MARKED = 200  # elements: a page has one or two
_BY = re.compile(r"^(?:By|作者|记者|文) ?[:：/]? ?")
_MAX_CREDITS = 120  # characters
_MAX_TITLE = 90  # characters
_SURE_TITLE = 1.5
_LONG = 300_000  # characters: a longer page is read without trafilatura's second opinions
_MAX_LINES = 40
_ABOVE_TITLE = 3  # lines
_SITE_SUFFIX = re.compile(r"\s*(?:[-_|–—]+)\s*[^-_|–—]{2,14}$")
_Word = tuple[str, bool, bool, float]  # with bold, linked, size
_Found = TypeVar("_Found")
# What trafilatura writes may hold prefixes that it does not declare.
_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)


@dataclass(frozen=True, slots=True)
class _Line:
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


def read_html(text: str) -> Document:
    """The document of a page; without blocks when it has no running text."""
    try:
        tree = lxml_html.document_fromstring(
            text.encode("utf-8"), parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
        )
    except (etree.LxmlError, ValueError):
        return Document([])
    lines = list(_joined(list(_lines(tree))))
    declared = _declared(tree, lines)
    captions = {_key(line) for line in _captions(tree)}
    decks = {_key(line.text) for line in lines if _is_marked(line.block, _DECK_MARK)}
    outside = _outside(lines)
    body = _extract(text)
    how = "web page, its text found by trafilatura"
    if not body or (len(body) <= _MAX_FLAT and _is_flattened(body, lines)):
        body = _visible_blocks(lines, declared.title)
        how = "web page, its visible lines"
    else:
        flat = _is_flattened(body, lines)
        body = _with_lost(body, lines, outside, flat=flat) or body
        above, below = _lines_around(lines, outside, body, declared.title)
        body = [*above, *body, *below]
    reasons = {
        **dict.fromkeys(outside, "element of the page, not of the article"),
        **dict.fromkeys(decks, "subtitle"),
        **dict.fromkeys(captions, "caption"),
    }
    body = _below_headline(body, lines, declared.title)
    furniture = "\n".join(_letters(line.text) for line in lines if kind(line.text) in _NO_TEXT)
    kept = [
        block
        for block in body
        if _key(block.text) not in reasons
        and not (kind(block.text) is Kind.HEADLINE and _letters(block.text) in furniture)
    ]
    known = {_key(block.text) for block in body}
    dropped = [
        Dropped(line.text, reasons.get(_key(line.text), "outside the article"))
        for line in lines
        if _key(line.text) not in known or _key(line.text) in reasons
    ]
    return Document(kept, declared, how=how, dropped=tuple(dropped))


def _outside(lines: list[_Line]) -> set[str]:
    """Lines that stand only in elements made for furniture, unless most of the page does."""
    keys: tuple[set[str], set[str]] = (set(), set())
    for line in lines:
        keys[_is_marked(line.block, _OUTSIDE_MARK)].add(_key(line.text))
    inside, outside = keys
    return outside - inside if len(outside) < len(inside) else set()


def _is_marked(element: etree._Element | None, mark: re.Pattern[str]) -> bool:
    """Whether an element or what it stands in, up to two levels, is marked so by class or id."""
    for _ in range(3):
        if element is None:
            return False
        names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if mark.search(" ".join(names.split())):
            return True
        element = element.getparent()
    return False


def _captions(tree: etree._Element) -> Iterator[str]:
    """The lines that stand with a picture in an element of their own."""
    for picture in tree.iter("img"):
        frame = None
        element = picture.getparent()
        while element is not None and element.tag not in ("body", "tr", "table", "article"):
            words = " ".join("".join(element.itertext()).split())
            longest = _MAX_CAPTION if _CAPTION_CUE.search(words) else _SHORT_CAPTION
            if len(words) > longest or words.count("。") > 1:
                break
            if words:
                frame = element
            element = element.getparent()
        if frame is not None:
            yield from (line.text for line in _lines(frame))


def _with_lost(
    body: list[Block], lines: list[_Line], outside: set[str], *, flat: bool
) -> list[Block] | None:
    """The lines from the first to the last extracted sentence where some between are lost.

    So are they where lines of the page run into one another (`flat`).

    Sentences right before the first and right behind the last one count, too. None when nothing
    is lost.
    """
    found = "".join("".join(filter(str.isalnum, block.text)) for block in body)
    inside = [line for line in lines if not line.linked and _key(line.text) not in outside]
    sentences = [
        index
        for index, line in enumerate(inside)
        if len(line.text) >= _SENTENCE and kind(line.text) in _TEXT
    ]
    there = {index for index in sentences if _key(inside[index].text) in found}
    if not there:
        return None
    first, last = _extent(min(there), max(there), inside, set(sentences))
    lost = [index for index in sentences if first <= index <= last and index not in there]
    headings = any(
        line.bold
        and _MIN_HEADING <= len(line.text) <= _MAX_HEADING
        and kind(line.text) is Kind.HEADLINE
        and _letters(line.text) not in found
        for line in inside[first : last + 1]
    )
    few = sum(len(inside[index].text) for index in lost) <= _MAX_LOST * len(found)
    if few and not flat and not headings:
        return None
    return [
        Block(line.text, heading=line.bold, size=line.size) for line in inside[first : last + 1]
    ]


def _extent(first: int, last: int, lines: list[_Line], sentences: set[int]) -> tuple[int, int]:
    """How far the sentences go on before the first and behind the last, bold headings between."""
    for step in (-1, 1):
        at = first if step < 0 else last
        while True:
            after = at + 2 * step
            if at + step in sentences:
                at += step
            elif after in sentences and lines[at + step].bold:
                at = after
            else:
                break
        first, last = (at, last) if step < 0 else (first, at)
    return first, last


def _extract(text: str) -> list[Block]:
    """The running text and its headings, as trafilatura finds them."""
    from trafilatura import extract

    try:
        found = extract(
            text,
            output_format="xml",
            include_comments=False,
            include_formatting=True,
            include_tables=True,
            fast=len(text) > _LONG,
        )
        tree = etree.fromstring(found.encode("utf-8"), _XML) if found else None
    except (etree.LxmlError, ValueError):
        return []  # it stumbles over its own XML where names hold odd characters
    main = tree.find("main") if tree is not None else None
    return list(_blocks(main)) if main is not None else []


def _blocks(parent: etree._Element) -> Iterator[Block]:
    for element in parent:
        if element.tag in ("list", "row"):
            yield from _entries(element)
        elif element.tag == "table" or element.find("p") is not None:
            yield from _blocks(element)
        else:
            heading = element.tag == "head" or _is_bold(element)
            for line in _split_lines(element):
                yield Block(line, heading=heading)
        if element.tail and element.tail.strip():
            yield Block(" ".join(element.tail.split()))


def _entries(parent: etree._Element) -> Iterator[Block]:
    """Entries of a list; a row of a table as one, unless the table is the layout of the page."""
    if parent.tag == "row":
        if len(parent) == 1 or any(
            cell.find(tag) is not None for cell in parent for tag in ("p", "head", "lb")
        ):
            for cell in parent:
                yield from _blocks(cell)
            return
        cells = [" ".join("".join(cell.itertext()).split()) for cell in parent]
        entries = [" ".join(cell for cell in cells if cell)]
    else:
        entries = [" ".join("".join(item.itertext()).split()) for item in parent]
    yield from (Block(entry, item=True) for entry in entries if entry)


def _split_lines(element: etree._Element) -> Iterator[str]:
    """The text of an element, parted at its line breaks."""
    for found in element.iter("lb"):
        found.text = "\n"
    for line in "".join(element.itertext()).split("\n"):
        if words := " ".join(line.split()):
            yield words


def _is_bold(element: etree._Element) -> bool:
    """Whether all of a paragraph is bold, as headings without a tag of their own are."""
    if (element.text or "").strip() or len(element) == 0:
        return False
    return all(
        child.tag == "lb" or (child.get("rend") == "#b" and not (child.tail or "").strip())
        for child in element
    )


def _lines(tree: etree._Element) -> Iterator[_Line]:
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
    if tag in _HEADING_TAGS:
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


def _line(words: list[_Word], block: etree._Element) -> _Line | None:
    text = " ".join("".join(word[0] for word in words).split())
    if not text:
        return None
    if len(words) > 1 and len(text) <= _MAX_CREDITS:
        # The entries of a line of credits stand apart by style alone.
        spaced = " ".join(" ".join(word[0] for word in words).split())
        text = spaced if spaced != text and date_line(spaced) is not None else text
    solid = [word for word in words if word[0].strip()]
    bold, linked = all(word[1] for word in solid), all(word[2] for word in solid)
    return _Line(text, block, bold, linked, min(word[3] for word in solid))


def _is_flattened(body: list[Block], lines: list[_Line]) -> bool:
    """Whether lines of the page run into one another in what was extracted."""
    wholes = ["".join(filter(str.isalnum, block.text)) for block in body]
    if len(body) <= _MAX_FLAT:
        keys = [key for line in lines if len(key := _key(line.text)) >= 8]
        if any(sum(key in whole for key in keys) > 2 for whole in wholes):
            return True
    text = "\n".join(wholes)
    for line, below in pairwise(lines):
        if line.bold and not line.linked and len(line.text) <= _MAX_HEADING:
            heading = "".join(filter(str.isalnum, line.text))
            if len(heading) >= 4 and heading + _key(below.text)[:20] in text:
                return True
    return False


def _joined(lines: list[_Line]) -> Iterator[_Line]:
    """Lines, those of one headline broken by hand joined: short, in one element made for it."""
    run: list[_Line] = []
    for line in [*lines, None]:
        if run and (line is None or line.block is not run[-1].block or not _heads(line)):
            text = " ".join(part.text for part in run)
            bold, linked = all(part.bold for part in run), all(part.linked for part in run)
            yield _Line(text, run[0].block, bold, linked, run[0].size)
            run = []
        if line is not None and _heads(line):
            run.append(line)
        elif line is not None:
            yield line


def _heads(line: _Line) -> bool:
    """Whether a line stands in an element made for a headline, or in large type."""
    if len(line.text) > _MAX_TITLE:
        return False
    return line.tag in _HEADING_TAGS or line.size > 0 or _has_mark(line.block, _TITLE_MARK)


def _has_mark(element: etree._Element, mark: re.Pattern[str]) -> bool:
    names = (element.get(name) or "" for name in ("class", "id", "itemprop"))
    return mark.search(" ".join(" ".join(names).lower().split())) is not None


def _visible_blocks(lines: list[_Line], title: str | None) -> list[Block]:
    """The lines below a page's headline that are not links, nor in elements made for furniture."""
    lines = [line for line in lines if not _is_marked(line.block, _OUTSIDE_MARK)]
    kinds = [kind(line.text) for line in lines]
    first = next((i for i, found in enumerate(kinds) if found in _TEXT), len(lines))
    headed = [i for i, line in enumerate(lines[:first]) if _is_title(line.text, title)]
    return [
        Block(line.text, heading=line.bold, size=line.size)
        for line in lines[headed[-1] + 1 if headed else 0 :]
        if not line.linked
    ]


def _is_title(line: str, title: str | None) -> bool:
    return title is not None and len(line) > 3 and _key(line) in _key(title)


def _lines_around(
    lines: list[_Line], outside: set[str], body: list[Block], title: str | None
) -> tuple[list[Block], list[Block]]:
    """Lines of credits that are printed right above and right below the text.

    Where no title is declared, bold or large lines above it are passed on, too.
    """
    above = next((_key(b.text) for b in body if kind(b.text) in _TEXT and not b.item), None)
    below = next((_key(block.text) for block in reversed(body) if kind(block.text) in _TEXT), None)
    if above is None or below is None:
        return [], []
    keys = [_key(line.text) for line in lines]
    first = next((i for i, key in enumerate(keys) if above in key), 0)
    last = max((i for i, key in enumerate(keys) if below in key), default=len(keys))
    begin = max(0, first - _MAX_LINES)
    if title is not None:
        headed = [i for i in range(begin, first) if _is_title(lines[i].text, title)]
        begin = max(begin, headed[-1] - _ABOVE_TITLE) if headed else begin
    known = {_key(block.text) for block in body}
    dated = [line for line in lines[:begin] if is_page_header(line.text)]
    leading = []
    for line in [*dated[:1], *lines[begin:first]]:
        found = kind(line.text)
        if _is_title(line.text, title):
            continue
        large = (
            title is None
            and (line.bold or line.size > 0)
            and not line.linked
            and _key(line.text) not in outside
        )
        if found is Kind.META or (large and found is Kind.HEADLINE):
            leading.append(Block(line.text, heading=found is Kind.HEADLINE, size=line.size))
    closing = [
        Block(line.text)
        for line in lines[last + 1 : last + 6]
        if kind(line.text) is Kind.META
        and date_line(line.text) is None
        and _key(line.text) not in known
    ]
    return [block for block in leading if _key(block.text) not in known], closing


def _below_headline(body: list[Block], lines: list[_Line], title: str | None) -> list[Block]:
    """The extracted text without tables and lists that stand above the headline."""
    at = {_key(line.text): number for number, line in enumerate(lines)}
    headed = [number for number, line in enumerate(lines) if _is_title(line.text, title)]
    first = next((i for i, b in enumerate(body) if kind(b.text) in _TEXT and not b.item), 0)
    if not headed:
        return body
    cells = [line.text for line in lines[: headed[0]] if len(line.text) > 1]
    above = [
        block
        for block in body[:first]
        if block.item
        and (_key(block.text) in at or any(map(block.text.startswith, cells)))
        and at.get(_key(block.text), 0) < headed[0]
    ]
    return [block for block in body if block not in above]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text[:120]))[:40]


def _declared(tree: etree._Element, lines: list[_Line]) -> Declared:
    """What a page says of its article: meta tags first, then JSON-LD, then elements made for it."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if (content := " ".join((meta.get("content") or "").split())) and name:
            metas.setdefault(name.lower(), content)
    record = next(_json_ld(tree), {})
    site = (
        _bare_site(_first(metas, _PUBLISHERS)[0])
        or _bare_site(_name_of(record.get("publisher")))
        or _printed_site(tree)
    )
    origins: dict[str, str] = {}

    def take(field: str, *candidates: tuple[_Found | None, str]) -> _Found | None:
        """The first candidate that says something, noting where it stands."""
        for value, origin in candidates:
            if value:
                origins[field] = origin
                return value
        return None

    dates = [
        *(_meta(metas, name) for name in _PUBLISHED),
        (_text(record.get("datePublished")), "JSON-LD datePublished"),
    ]
    canonical = tree.find(".//link[@rel='canonical']")
    url = (canonical.get("href") if canonical is not None else None) or metas.get("og:url")
    micro = tree.find(".//*[@itemprop='datePublished']")
    if micro is not None:
        words = micro.get("content") or micro.get("datetime") or "".join(micro.itertext())
        dates.append((words, "microdata datePublished"))
    # A date without a time may be that of the upload: one with a time is nearer to the reader's.
    dates.sort(key=lambda found: re.search(r"\d:\d\d", found[0] or "") is None)
    return Declared(
        title=take("title", *_titles(tree, metas, record, lines, site)),
        date=take("date", *((iso_date(text or ""), origin) for text, origin in dates)),
        some_date=take(
            "some_date",
            (_parted_date(lines), "element of the date"),
            *((iso_date(_meta(metas, name)[0] or ""), f"meta tag {name}") for name in _SOME_DATE),
            (_date_in(url), "date in the address"),
        ),
        source=take("source", *_sources(tree, metas)),
        publisher=take("publisher", (site, "name of the site")),
        authors=take(
            "authors",
            (_authors(None, _first(metas, _AUTHORS)[0], site), "meta tag author"),
            (_authors(record.get("author"), None, site), "JSON-LD author"),
            (_marked_authors(tree, site), "element of the author"),
        )
        or (),
        url=url,
        origins=origins,
    )


def _parted_date(lines: list[_Line]) -> str | None:
    """A date whose day and year are set apart: `23` above `2020/10`, `12-19` beside `2021`."""
    for line, below in zip_longest(lines, lines[1:]):
        if len(line.text) > 60 or not _is_marked(line.block, _DATE_MARK):
            continue
        for text in (line.text, f"{line.text} {below.text if below else ''}"):
            if (found := _DAY_YEAR_MONTH.match(text)) is not None:
                return iso_date(f"{found[2]}-{found[3]}-{found[1]}")
    return None


def _date_in(url: str | None) -> str | None:
    """The date that an address holds: `/2020/07/14/`, `/20200714/`, `t20200714_`."""
    found = _URL_DATE.search(url or "")
    return iso_date("-".join(found.groups())) if found else None


def _titles(
    tree: etree._Element,
    metas: dict[str, str],
    record: dict[str, Any],
    lines: list[_Line],
    site: str | None,
) -> Iterator[tuple[str | None, str]]:
    """Candidates for the title; one that is cut off gives way to the headline it begins."""
    page = _without_site(" ".join("".join(tree.findtext(".//title") or "").split()), site)
    declared, origin = _first(metas, _TITLES)
    headline, place = _headline(lines, page, site)
    for title, where in (
        (_without_site(declared or "", site), origin),
        (_text(record.get("headline")), "JSON-LD headline"),
    ):
        if title and headline and _key(headline).startswith(_key(title.rstrip("….")) or "-"):
            yield headline, place
        yield title, where
    yield headline, place


def _headline(lines: list[_Line], page: str, site: str | None) -> tuple[str | None, str]:
    """The line that is most likely the headline, and what says so.

    It repeats the title of the page, or stands in an element made for it or in large type. The
    name of the site, which many pages set in their only `<h1>`, is none.
    """
    first = next(
        (i for i, line in enumerate(lines) if kind(line.text) in _TEXT and len(line.text) > 40),
        len(lines),
    )
    best, place = 0.0, ""
    found = None
    largest = max((line.size for line in lines[:first]), default=0.0)
    for line in lines[:first]:
        text = line.text
        name = "".join(filter(str.isalnum, text))
        if len(name) < 4 or len(text) > _MAX_TITLE or _is_marked(line.block, _OUTSIDE_MARK):
            continue
        if text == site or masthead(text) or kind(text) not in (Kind.HEADLINE, *_TEXT):
            continue
        repeats = len(name) > 5 and _repeats(text, page)
        score = 3.0 if repeats else 0.0
        score += 2.0 if _has_mark(line.block, _TITLE_MARK) else 0.0
        score += {"h1": 2.0, "h2": 1.0, "h3": 0.5}.get(line.tag, 0.0)
        score += 1.0 + 0.5 * (line.size == largest) if line.size > 0 else 0.0
        score -= 2.0 if line.linked and not repeats else 0.0
        if score > best:
            best, found = score, text
            place = line.tag if line.tag in _HEADING_TAGS else "element of the headline"
            place = "title of the page" if repeats and score <= 3 else place
    return (found, place) if best >= _SURE_TITLE else (None, "")


def _repeats(line: str, page: str) -> bool:
    """Whether a line says what the title of the page says, with more or fewer words around it."""
    own, whole = _key(line), _key(page)
    if len(whole) > 5 and whole in own:
        return True
    return own in whole and 2 * len(own) > len(whole)


def _sources(tree: etree._Element, metas: dict[str, str]) -> Iterator[tuple[str | None, str]]:
    value, origin = _first(metas, _SOURCES)
    if value is not None:
        value = credit(value) or value
        yield value if len(value) <= 30 and "." not in value else None, origin
    for words in _marked_words(tree, _SOURCE_MARK, 24):
        name = credit(words) or (None if re.search(r"[:：\d]", words) else words)
        yield name, "element of the source"


def _marked_words(tree: etree._Element, mark: re.Pattern[str], longest: int) -> Iterator[str]:
    """The words of the elements that are marked so by class, id or rel, if they are not long."""
    for element in islice(_marked_elements(tree, mark), _MAX_MARKED):
        words = " ".join("".join(islice(element.itertext(), _MAX_MARKED)).split())
        if words and len(words) <= longest:
            yield words


def _marked_elements(tree: etree._Element, mark: re.Pattern[str]) -> Iterator[etree._Element]:
    for element in tree.iter("*"):
        names = (element.get(name) for name in ("class", "id", "rel"))
        if mark.search(" ".join(filter(None, names)).lower()):
            yield element


def _marked_authors(tree: etree._Element, site: str | None) -> tuple[str, ...]:
    """The names in an element that is marked as the author's: its links, else its words."""
    for element in islice(_marked_elements(tree, _AUTHOR_MARK), _MAX_MARKED):
        texts = list(islice(element.itertext(), _MAX_MARKED))
        words = _BY.sub("", " ".join("".join(texts).split()))
        if len(words) > _MAX_CREDITS:
            continue
        links = [" ".join("".join(link.itertext()).split()) for link in element.iter("a")]
        for names in (links, re.split(r"\s*[,，、;；]\s*|\s+and\s+", words)):
            if found := tuple(n for n in names if _is_person(n) and n != site):
                return found
    return ()


def _printed_site(tree: etree._Element) -> str | None:
    """The paper or site named at the end of a page's title, or by the picture of its name."""
    page = " ".join("".join(tree.findtext(".//title") or "").split())
    behind = re.split(r"[-_|–—]", page)[-1].strip()
    if behind != page and is_outlet(behind):
        return behind
    names = (masthead(picture.get("alt") or "") for picture in tree.iter("img"))
    return next((name for name in names if name), None)


def _is_person(name: str) -> bool:
    return is_chinese_name(name) if is_han(name[:1] or " ") else bool(_NAME.fullmatch(name))


def _bare_site(name: str | None) -> str | None:
    return None if name is None or _PLATFORM.match(name) else name


def _meta(metas: dict[str, str], name: str) -> tuple[str | None, str]:
    return metas.get(name.lower()), f"meta tag {name}"


def _json_ld(tree: etree._Element) -> Iterator[dict[str, Any]]:
    """The records of articles in a page's JSON-LD."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            queue: list[Any] = [json.loads(script.text or "")]
        except (ValueError, RecursionError):
            continue
        while queue:
            value = queue.pop(0)
            if isinstance(value, list):
                queue += value
            elif isinstance(value, dict):
                kinds = value.get("@type")
                names = kinds if isinstance(kinds, list) else [kinds]
                if any(isinstance(name, str) and _ARTICLE_TYPES.match(name) for name in names):
                    yield value
                queue += [value[key] for key in ("@graph", "mainEntity") if key in value]


def _authors(declared: Any, meta: str | None, site: str | None) -> tuple[str, ...]:
    """Names of persons; a site or an editor is no reporter."""
    people = declared if isinstance(declared, list) else [declared]
    names = [
        name
        for person in people
        if not (isinstance(person, dict) and person.get("@type") == "Organization")
        and (name := _name_of(person))
    ]
    if not names and meta is not None:
        names = re.split(r"\s*[,，、;；]\s*", meta)
    return tuple(
        name
        for name in names
        if _NAME.fullmatch(name) and name != site and (len(name) != 4 or _is_person(name))
    )


def _name_of(value: Any) -> str | None:
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _text(value: Any) -> str | None:
    return " ".join(unescape(value).split()) or None if isinstance(value, str) else None


def _first(metas: dict[str, str], names: tuple[str, ...]) -> tuple[str | None, str]:
    """The first of some meta tags that is there, and its name as an origin."""
    found = next((name for name in names if name.lower() in metas), None)
    return (None, "") if found is None else _meta(metas, found)


def _without_site(title: str, site: str | None) -> str:
    """A page's title without the names of channel and site behind it."""
    if site is not None:
        title = re.sub(rf"[\s\-_|–—]+{re.escape(site)}$", "", title)
    while (shorter := _SITE_SUFFIX.sub("", title)) != title and len(shorter) >= 6:
        title = shorter
    return title
