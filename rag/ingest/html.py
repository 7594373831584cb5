"""A web page → a document: its running text by trafilatura, its metadata as the page states it.

Title, date, source and authors come from meta tags and JSON-LD; lines printed between headline
and text (date, credit, byline) are passed on as blocks for `page` to read. trafilatura's own
guesses at metadata are not used: they search running text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from rag.ingest.credits import credit
from rag.ingest.dates import date_line, iso_date
from rag.ingest.lines import Kind, kind
from rag.ingest.model import Block, Declared, Document

_TITLES = ("og:title", "ArticleTitle", "twitter:title", "title")
_DATES = (
    "article:published_time",
    "PubDate",
    "pubdate",
    "publishdate",
    "publish_time",
    "og:published_time",
    "og:release_date",
    "datePublished",
    "DC.date.issued",
    "date",
)
_SOURCES = ("ContentSource", "source", "mediaid", "article:source")
_PUBLISHERS = ("og:site_name", "application-name", "SiteName")
_AUTHORS = ("author", "article:author", "Author")
_ARTICLE_TYPES = re.compile(r"(?:News|Reportage|Analysis|Opinion|Blog)?(?:Article|Posting)$")
_NAME = re.compile(
    r"(?!本[报网])[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,8})?(?<![报网社台辑])"
    r"|[A-Z][\w.'-]+(?: [A-Z][\w.'-]*){1,3}"
)
_TEXT = (Kind.BODY, Kind.OPENING)
_HEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCK_TAGS = _HEADING_TAGS | frozenset(
    (
        *("address", "article", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt"),
        *("figure", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody"),
        *("td", "th", "thead", "tr", "ul"),
    )
)
_BOLD_TAGS = _HEADING_TAGS | {"b", "strong"}
_SKIPPED_TAGS = frozenset(
    (
        *("aside", "button", "figcaption", "footer", "form", "head", "iframe", "nav", "noscript"),
        *("script", "select", "style", "svg", "template", "textarea"),
    )
)
_MAX_FLAT = 5  # blocks
_LONG = 300_000  # characters: a longer page is read without trafilatura's second opinions
_MAX_LINES = 40
_SITE_SUFFIX = re.compile(r"\s*(?:[-_|–—]+)\s*[^-_|–—]{2,14}$")
_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as a reader sees it; `bold` and `linked` say that all of it is."""

    text: str
    tag: str
    bold: bool
    linked: bool


def read_html(text: str) -> Document:
    """The document of a page; without blocks when it has no running text."""
    try:
        tree = lxml_html.document_fromstring(
            text.encode("utf-8"), parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
        )
    except (etree.LxmlError, ValueError):
        return Document([])
    lines = list(_lines(tree))
    declared = _declared(tree, lines)
    body = _extract(text)
    if _is_flattened(body, lines):
        return Document(_visible_blocks(lines, declared.title), declared)
    above, below = _lines_around([line.text for line in lines], body, declared.title)
    return Document([*above, *body, *below], declared)


def _extract(text: str) -> list[Block]:
    """The running text and its headings, as trafilatura finds them."""
    from trafilatura import extract

    found = extract(
        text,
        output_format="xml",
        include_comments=False,
        include_formatting=True,
        include_tables=True,
        fast=len(text) > _LONG,
    )
    if not found:
        return []
    main = etree.fromstring(found.encode("utf-8"), _XML).find("main")
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
        if any(cell.find(tag) is not None for cell in parent for tag in ("p", "head", "lb")):
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
    words: list[tuple[str, bool, bool]] = []
    tag, bold, linked = "body", 0, 0
    for event, element in walker:
        name = element.tag
        if name in _BLOCK_TAGS or name in _SKIPPED_TAGS:
            if (line := _line(words, tag)) is not None:
                yield line
            words = []
            tag = name if event == "start" else "body"
        if event == "start" and name in _SKIPPED_TAGS:
            walker.skip_subtree()
        elif event == "start":
            bold += name in _BOLD_TAGS
            linked += name == "a"
            words.append((element.text or "", bold > 0, linked > 0))
        else:
            bold -= name in _BOLD_TAGS
            linked -= name == "a"
            words.append((element.tail or "", bold > 0, linked > 0))
    if (line := _line(words, tag)) is not None:
        yield line


def _line(words: list[tuple[str, bool, bool]], tag: str) -> _Line | None:
    text = " ".join("".join(word for word, _, _ in words).split())
    if not text:
        return None
    solid = [(bold, linked) for word, bold, linked in words if word.strip()]
    return _Line(text, tag, all(bold for bold, _ in solid), all(linked for _, linked in solid))


def _is_flattened(body: list[Block], lines: list[_Line]) -> bool:
    """Whether what was extracted is nothing, or lines of the page run into one another."""
    if not body:
        return True
    if len(body) > _MAX_FLAT:
        return False
    keys = [key for line in lines if len(key := _key(line.text)) >= 8]
    wholes = ["".join(filter(str.isalnum, block.text)) for block in body]
    return any(sum(key in whole for key in keys) > 2 for whole in wholes)


def _visible_blocks(lines: list[_Line], title: str | None) -> list[Block]:
    """The lines below a page's headline that are not links."""
    kinds = [kind(line.text) for line in lines]
    first = next((i for i, found in enumerate(kinds) if found in _TEXT), len(lines))
    headed = [i for i, line in enumerate(lines[:first]) if _is_title(line.text, title)]
    return [
        Block(line.text, heading=line.bold)
        for line in lines[headed[-1] + 1 if headed else 0 :]
        if not line.linked
    ]


def _is_title(line: str, title: str | None) -> bool:
    return title is not None and len(line) > 3 and _key(line) in _key(title)


def _lines_around(
    lines: list[str], body: list[Block], title: str | None
) -> tuple[list[Block], list[Block]]:
    """Lines of credits that are printed right above and right below the text."""
    texts = [_key(block.text) for block in body if kind(block.text) in _TEXT]
    if not texts:
        return [], []
    keys = [_key(line) for line in lines]
    first = next((i for i, key in enumerate(keys) if texts[0] in key), 0)
    last = max((i for i, key in enumerate(keys) if texts[-1] in key), default=len(keys))
    begin = max(0, first - _MAX_LINES)
    if title is not None:
        headed = [i for i in range(begin, first) if _is_title(lines[i], title)]
        begin = headed[-1] + 1 if headed else begin
    known = {_key(block.text) for block in body}
    above = [line for line in lines[begin:first] if kind(line) is Kind.META]
    below = [
        line
        for line in lines[last + 1 : last + 6]
        if kind(line) is Kind.META and date_line(line) is None and _key(line) not in known
    ]
    return [Block(line) for line in above], [Block(line) for line in below]


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text))[:40]


def _declared(tree: etree._Element, lines: list[_Line]) -> Declared:
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if (content := " ".join((meta.get("content") or "").split())) and name:
            metas.setdefault(name.lower(), content)
    record = next(_json_ld(tree), {})
    site = _first(metas, _PUBLISHERS) or _name_of(record.get("publisher"))
    top = [line.text for line in lines if line.tag == "h1"]
    title = _text(record.get("headline")) or (top[0] if len(top) == 1 else None)
    if title is None:
        page = " ".join("".join(tree.findtext(".//title") or "").split())
        title = _without_site(_first(metas, _TITLES) or page, site) or None
    source = _first(metas, _SOURCES)
    if source is not None:
        source = credit(source) or source
        source = source if len(source) <= 30 and "." not in source else None
    dates = (_text(record.get("datePublished")), *(metas.get(name.lower()) for name in _DATES))
    canonical = tree.find(".//link[@rel='canonical']")
    return Declared(
        title=title,
        date=next((day for text in dates if text and (day := iso_date(text))), None),
        source=source,
        publisher=site,
        authors=_authors(record.get("author"), _first(metas, _AUTHORS), site),
        url=(canonical.get("href") if canonical is not None else None) or metas.get("og:url"),
    )


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
    return tuple(name for name in names if _NAME.fullmatch(name) and name != site)


def _name_of(value: Any) -> str | None:
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _text(value: Any) -> str | None:
    return " ".join(unescape(value).split()) or None if isinstance(value, str) else None


def _first(metas: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((metas[name.lower()] for name in names if name.lower() in metas), None)


def _without_site(title: str, site: str | None) -> str:
    """A page's title without the names of channel and site behind it."""
    if site is not None:
        title = re.sub(rf"[\s\-_|–—]+{re.escape(site)}$", "", title)
    while (shorter := _SITE_SUFFIX.sub("", title)) != title and len(shorter) >= 6:
        title = shorter
    return title
