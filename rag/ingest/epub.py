"""A book (EPUB) → a document for each of its chapters, in the order of its spine.

The cover, the table of contents and the imprint are no chapters; they are told by what the book
calls them, or by their own text. Titles of chapters come from their headings; what the book says
of itself is a last resort.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from rag.ingest.archive import open_package, part, shown
from rag.ingest.credits import masthead
from rag.ingest.dates import iso_date
from rag.ingest.decode import NotTextError, decode
from rag.ingest.flow import parse, read_blocks, words_of
from rag.ingest.model import Declared, Document, Dropped, Reading, Unread

_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/xml")
_NO_CHAPTER = re.compile(
    r"(?:.*[\s_-])?(?:cover|toc|nav|titlepage|title-page|copyright|copyright-page|imprint|colophon"
    r"|contents|tableofcontents|landmarks|halftitle|halftitlepage|index|loi|lot|bibliography|ncx)"
    r"(?:[\s_-]?(?:page|\d+))?",
    re.IGNORECASE,
)
_CONVERTER = re.compile(r"calibre|pandoc|sigil|kindle", re.IGNORECASE)
_NO_CHAPTER_TITLE = re.compile(
    r"(?:本[期刊书]|杂志)?(?:封面|封底|扉页|目录|目次|版权页?|版权信息|版权声明|出版信息)"
    r"|contents|tableofcontents|copyright|cover|imprint",
    re.IGNORECASE,
)
_IMPRINT = re.compile(
    r"ISBN|ISSN|CN ?\d\d-|刊号|图书在版|版权所有|all rights reserved|邮发代号|定价", re.IGNORECASE
)
_MAX_IMPRINT = 700  # characters
_MIN_CHAPTER = 12


@dataclass(frozen=True, slots=True)
class _Book:
    """What a book's package says: its chapters' paths in order, and of itself."""

    chapters: list[str]
    outside: dict[str, str]  # path → why it is no chapter
    publisher: str | None
    day: str | None


def read_epub(data: bytes) -> Iterator[Document | Reading | Unread]:
    """The documents of the chapters; a page that is none gives a reading without stories.

    Raises:
        NotTextError: the book is damaged or protected.
    """
    with open_package(data) as archive:
        if "META-INF/rights.xml" in archive.namelist():
            raise NotTextError("is protected: save it without protection")
        book = _book(archive)
        found = False
        for path in book.chapters:
            result = _read_page(archive, path, book)
            found = found or not isinstance(result, Unread)
            yield result
        if not found:
            raise NotTextError("holds no chapter that can be read: convert it to .epub again")


def _book(archive: ZipFile) -> _Book:
    """The package of a book; without one, its pages in the order of the archive."""
    names = [info.filename for info in archive.infolist()]
    pages = [name for name in names if name.lower().endswith((".xhtml", ".html", ".htm"))]
    path = _package_path(archive, names)
    package = _xml(archive, path) if path is not None else None
    if package is None or path is None:
        return _Book(pages, {}, None, None)
    folder = posixpath.dirname(path)
    items = {
        str(item.get("id")): item
        for item in package.iter("{*}item")
        if item.get("href") is not None
    }
    outside = {
        _way(folder, str(mark.get("href"))): str(mark.get("type"))
        for mark in package.iter("{*}reference")
        if mark.get("href") and _NO_CHAPTER.fullmatch(str(mark.get("type")))
    }
    chapters = []
    for entry in package.iter("{*}itemref"):
        item = items.get(str(entry.get("idref")))
        if item is None or item.get("media-type", _PAGES[0]) not in _PAGES:
            continue
        chapters.append(_way(folder, str(item.get("href"))))
        if "nav" in str(item.get("properties")).split():
            outside[chapters[-1]] = "toc"
        elif _NO_CHAPTER.fullmatch(str(item.get("id"))):
            outside.setdefault(chapters[-1], str(item.get("id")))
    days = [day for node in package.iter("{*}date") if (day := iso_date(node.text or ""))]
    publisher = next((words_of(node) for node in package.iter("{*}publisher")), "")
    if _CONVERTER.match(publisher):
        titles = (words_of(node) for node in package.iter("{*}title"))
        publisher = next((name for title in titles if (name := masthead(title.split("[")[0]))), "")
    unique = list(dict.fromkeys(chapters)) or pages
    return _Book(unique, outside, publisher or None, days[0] if days else None)


def _package_path(archive: ZipFile, names: list[str]) -> str | None:
    container = _xml(archive, "META-INF/container.xml")
    roots = container.iter("{*}rootfile") if container is not None else ()
    paths = [str(root.get("full-path")) for root in roots]
    paths += [name for name in names if name.lower().endswith(".opf")]
    return next((path for path in paths if path in names), None)


def _read_page(archive: ZipFile, path: str, book: _Book) -> Document | Reading | Unread:
    """A page of the book: a chapter's document, or what a page that is no chapter holds."""
    try:
        tree = parse(decode(part(archive, archive.getinfo(path)), markup=True))
    except KeyError:
        return Unread("is missing in the book: convert it again", shown(path))
    except NotTextError as error:
        return Unread(str(error), shown(path))
    body = tree.find(".//body")
    body = tree if body is None else body
    words = words_of(body)
    reason = _no_chapter(path, body, words, book)
    if reason is not None:
        dropped = (Dropped(words, reason),) if words else ()
        return Reading((), shown(path), "page of a book", dropped)
    declared = _declared(_heading(body), book)
    return Document(read_blocks(body), declared, shown(path), "chapter of a book")


def _no_chapter(path: str, body: etree._Element, words: str, book: _Book) -> str | None:
    """Why a page is no chapter, None if it is one."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    sections = [body, *(child for child in body if isinstance(child.tag, str))][:2]
    types = " ".join(str(node.get("epub:type") or "") for node in sections).split()
    named = [book.outside.get(path, ""), stem, *types]
    # Running text is kept whatever it is called.
    if any(map(_NO_CHAPTER.fullmatch, named)) and not _has_running_text(body):
        return "cover, contents or imprint of the book"
    title = _heading(body)
    if title is not None and _NO_CHAPTER_TITLE.fullmatch(title.replace(" ", "")):
        return "cover, contents or imprint of the book"
    links = sum(len(words_of(link)) for link in body.iter("a"))
    if links * 2 > len(words) and len(words) >= _MIN_CHAPTER:
        return "contents of the book"
    if len(words) <= _MAX_IMPRINT and len(_IMPRINT.findall(words)) > 1:
        return "imprint of the book"
    return "page without running text" if len(words) < _MIN_CHAPTER else None


def _has_running_text(body: etree._Element) -> bool:
    paragraphs = [words_of(node) for node in body.iter("p")]
    return sum(len(text) > 60 and text.endswith(("。", ".", "”")) for text in paragraphs) > 2


def _heading(body: etree._Element) -> str | None:
    """The title a chapter has in its headings; several of the first rank are several stories'."""
    for rank in ("h1", "h2", "h3"):
        titles = [title for node in body.iter(rank) if (title := words_of(node))]
        if titles:
            return titles[0] if len(titles) == 1 or rank != "h1" else None
    return None


def _declared(title: str | None, book: _Book) -> Declared:
    found = {
        "title": (title, "chapter heading"),
        "publisher": (book.publisher, "publisher of the book"),
        "some_date": (book.day, "date of the book"),
    }
    origins = {name: origin for name, (value, origin) in found.items() if value}
    return Declared(title=title, publisher=book.publisher, some_date=book.day, origins=origins)


def _xml(archive: ZipFile, path: str) -> etree._Element | None:
    try:
        return etree.fromstring(part(archive, archive.getinfo(path)), _XML)
    except (KeyError, NotTextError, etree.LxmlError, ValueError):
        return None


def _way(folder: str, href: str) -> str:
    """The path in the archive of what a package in `folder` refers to."""
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))
