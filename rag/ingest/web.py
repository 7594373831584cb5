"""Addresses → documents: a page or file on the web, or the pages that a sitemap lists.

Only what is given is fetched, and of a sitemap only pages of its own host; no link is followed.
What robots.txt forbids is left. What was fetched is read as a file of the type it was sent as.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.robotparser import RobotFileParser

from rag.ingest.charset import in_utf8
from rag.ingest.decode import NotTextError
from rag.ingest.formats import MAX_FILE, SUFFIXES, read, refusal, suffix_of
from rag.ingest.model import Document, Reading, Unread

if TYPE_CHECKING:
    import httpx

AGENT = "wenbao"
MAX_PAGES = 1000
MAX_SITEMAPS = 50
_AT_ONCE = 4
_TIMEOUT = 20.0  # seconds until the server must answer, and between two pieces of an answer
_MAX_SECONDS = 120.0  # for a whole answer
_SUFFIX_OF_TYPE = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/epub+zip": ".epub",
    "message/rfc822": ".eml",
    "multipart/related": ".mht",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
_TEXT = frozenset((".html", ".txt", ".md", ".csv", ".tsv"))
_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")


def fetch(url: str) -> tuple[str, bytes]:
    """(a file name whose suffix tells the format, content) of what an address gives.

    Raises:
        NotTextError: it cannot be fetched; the message says why.
    """
    with _client() as client:
        return _fetch(client, url)


def read_url(url: str) -> Iterator[Document | Reading | Unread]:
    """The documents at an address; those of a sitemap's pages are named by their own.

    Nothing raises: what cannot be fetched is said in an `Unread`.
    """
    with _client() as client:
        robots: dict[str, RobotFileParser] = {}
        try:
            _check_robots(client, url, robots)
            name, data = _fetch(client, url)
            pages = _sitemap_pages(client, url, data, robots) if _is_sitemap(data) else None
        except NotTextError as error:
            yield Unread(str(error))
            return
        if pages is None:
            yield from _read(url, name, data)
            return
        yield from _read_pages(client, pages, robots)


def _read_pages(
    client: httpx.Client, pages: Iterator[str | Unread], robots: dict[str, RobotFileParser]
) -> Iterator[Document | Reading | Unread]:
    """The documents of the pages of a sitemap, a few fetched at a time."""

    def fetched(page: str | Unread) -> tuple[str, bytes] | Unread:
        if isinstance(page, Unread):
            return page
        try:
            _check_robots(client, page, robots)
            return _fetch(client, page)
        except NotTextError as error:
            return Unread(str(error), page)

    found = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while batch := list(islice(pages, min(_AT_ONCE, MAX_PAGES - found))):
            found += len(batch)
            for page, result in zip(batch, pool.map(fetched, batch), strict=True):
                if isinstance(result, Unread):
                    yield result
                elif isinstance(page, str):
                    for part in _read(page, *result):
                        yield replace(part, name=f"{page}/{part.name}" if part.name else page)
        if found == MAX_PAGES and next(pages, None) is not None:
            yield Unread(f"lists more than {MAX_PAGES:,} pages: give the sitemaps inside it singly")
    if not found:
        yield Unread("lists no page of its own host: check the address")


def _read(url: str, name: str, data: bytes) -> Iterator[Document | Reading | Unread]:
    suffix = suffix_of(name)
    if suffix not in SUFFIXES and refusal(suffix) is None:
        yield Unread("is no document: give the address of a page, a .pdf or a .docx file")
        return
    for part in read(name, BytesIO(data)):
        if isinstance(part, Document) and not part.name:
            part = replace(part, declared=replace(part.declared, url=url))
        yield part


def _client() -> httpx.Client:
    import httpx

    return httpx.Client(
        follow_redirects=True,
        timeout=_TIMEOUT,
        max_redirects=10,
        headers={"User-Agent": f"Mozilla/5.0 (compatible; {AGENT})"},
    )


def _fetch(client: httpx.Client, url: str) -> tuple[str, bytes]:
    import httpx

    deadline = time.monotonic() + _MAX_SECONDS
    content = bytearray()
    try:
        with client.stream("GET", url) as answer:
            if answer.is_error:
                raise NotTextError(_failure(f"the server answers {answer.status_code}"))
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MAX_FILE:
                    raise NotTextError(f"is larger than {MAX_FILE >> 20} MB: save it and split it")
                if time.monotonic() > deadline:
                    raise NotTextError(_failure("the server is too slow"))
    except httpx.TooManyRedirects as error:
        raise NotTextError(_failure("it redirects in a circle")) from error
    except httpx.UnsupportedProtocol as error:
        raise NotTextError(_failure("it is no http address")) from error
    except httpx.TimeoutException as error:
        raise NotTextError(_failure("no answer in time")) from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        if isinstance(error, NotTextError):
            raise
        raise NotTextError(_failure(" ".join(str(error).split()).lower() or "no answer")) from error
    kind, _, parameters = answer.headers.get("Content-Type", "").partition(";")
    data = bytes(content)
    name = _name(str(answer.url), kind.strip().lower(), data)
    if suffix_of(name) in _TEXT and (
        found := re.search(r"charset=[\"']?([\w-]+)", parameters, re.I)
    ):
        data = in_utf8(data, found.group(1))
    return name, data


def _failure(why: str) -> str:
    return f"cannot be fetched ({why}): check the address and the network"


def _name(url: str, kind: str, data: bytes) -> str:
    """A file name for an answer: its type decides, else its address, else its first bytes."""
    stem = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2] or "page"
    suffix = _SUFFIX_OF_TYPE.get(kind)
    # Servers send files they do not know as plain text or as bytes.
    if suffix is None or (suffix == ".txt" and suffix_of(stem) in SUFFIXES):
        suffix = (
            suffix_of(stem) if suffix_of(stem) in SUFFIXES or refusal(suffix_of(stem)) else None
        )
    if suffix is None:
        is_page = data[:200].lstrip().startswith(b"<") and not kind.startswith("image/")
        suffix = ".html" if is_page else ".bin"
    return stem if suffix_of(stem) == suffix else f"{stem}{suffix}"


def _check_robots(client: httpx.Client, url: str, robots: dict[str, RobotFileParser]) -> None:
    """NotTextError when the robots.txt of a host forbids an address; without one all is allowed."""
    try:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
    except ValueError as error:
        raise NotTextError(_failure("it is no address")) from error
    if host not in robots:
        rules = RobotFileParser()
        try:
            content = _fetch(client, f"{host}/robots.txt")[1]
            rules.parse(content[:500_000].decode("utf-8", "replace").splitlines())
        except NotTextError:
            rules.parse([])
        robots[host] = rules
    if not robots[host].can_fetch(AGENT, url):
        raise NotTextError("is closed to programs by the site's robots.txt: save the page by hand")


def _is_sitemap(data: bytes) -> bool:
    return _SITEMAP.search(_unpacked(data[:4096])[:4096]) is not None


def _unpacked(data: bytes) -> bytes:
    """The bytes of a gzip file as far as they go, within the limit; other bytes as they are."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, MAX_FILE)
    except zlib.error:
        return b""


def _sitemap_pages(
    client: httpx.Client, url: str, data: bytes, robots: dict[str, RobotFileParser]
) -> Iterator[str | Unread]:
    """The pages of a sitemap and of the sitemaps it lists, all of its own host, none twice."""
    host = urlsplit(url).netloc.lower()
    seen = {url}
    queue = [(url, data)]
    fetched = 1
    waiting: list[str] = []
    while queue or waiting:
        if not queue:
            address = waiting.pop(0)
            fetched += 1
            try:
                _check_robots(client, address, robots)
                queue.append((address, _fetch(client, address)[1]))
            except NotTextError as error:
                yield Unread(str(error), address)
                continue
        for kind, address in _locations(queue.pop()[1]):
            if address in seen or not _is_on(host, address):
                continue
            seen.add(address)
            if kind == "url":
                yield address
            elif fetched + len(waiting) < MAX_SITEMAPS:
                waiting.append(address)


def _locations(data: bytes) -> Iterator[tuple[str, str]]:
    """("url" or "sitemap", address) of each entry of a sitemap."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(_unpacked(data), parser)
    except (etree.LxmlError, ValueError):
        return
    for entry in root if root is not None else ():
        kind = entry.tag.rpartition("}")[2] if isinstance(entry.tag, str) else ""
        place = entry.find("{*}loc")
        if kind in ("url", "sitemap") and place is not None and place.text:
            yield kind, place.text.strip()


def _is_on(host: str, address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host
