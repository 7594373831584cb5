"""What a web page says of its article: title, date, source, authors, each with where it stands.

Meta tags come first, then JSON-LD and microdata, then elements made for it; what is printed on
plain lines is left to `page`. A date of doubtful meaning is kept apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from itertools import islice, zip_longest
from typing import Any, TypeVar

from lxml import etree

from rag.ingest.credits import credit, is_outlet, masthead, people
from rag.ingest.dates import iso_date
from rag.ingest.fold import letters
from rag.ingest.html_lines import (
    CREDITS_MARK,
    HEADING_TAGS,
    MAX_CREDITS,
    MAX_TITLE,
    OUTSIDE_MARK,
    TITLE_MARK,
    Line,
    has_mark,
    is_marked,
    line_key,
)
from rag.ingest.lines import Kind, kind
from rag.ingest.model import Declared
from rag.ingest.surnames import is_chinese_name
from rag.text import is_han

_TEXT_KINDS = (Kind.BODY, Kind.OPENING)

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
_DATE_MARK = re.compile(r"(?:^|[ _-])\w*(?:date|time|cal|info|meta)\w*(?:$|[ _-])")
_ARTICLE_TYPES = re.compile(r"(?:News|Reportage|Analysis|Opinion|Blog)?(?:Article|Posting)$")
_NAME = re.compile(
    r"(?!本[报网])[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,8})?(?<![报网社台辑])"
    r"|[A-Z][\w.'-]+(?: [A-Z][\w.'-]*){1,3}"
)
_DAY_YEAR_MONTH = re.compile(r"(\d{1,2}) ?[日/ ]? ?(20\d\d)[/.年-] ?(\d{1,2})(?!\d)")
_URL_DATE = re.compile(r"(?<!\d)(20\d\d)[/_-]?(\d\d)[/_-]?(\d\d)(?!\d)")
_MAX_MARKED = 200  # elements: a page has one or two
_BY = re.compile(r"^[□■◆●\s]*(?:By|作者|记者|文)? ?[:：/]? ?")
_SURE_TITLE = 1.5
_SITE_SUFFIX = re.compile(r"\s*(?:[-_|–—]+)\s*[^-_|–—]{2,14}$")
_Found = TypeVar("_Found")


def read_declared(tree: etree._Element, lines: list[Line]) -> Declared:
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
            (_credited(lines), "element of the credits"),
        )
        or (),
        url=url,
        origins=origins,
    )


def _parted_date(lines: list[Line]) -> str | None:
    """A date whose day and year are set apart: `23` above `2020/10`, `12-19` beside `2021`."""
    for line, below in zip_longest(lines, lines[1:]):
        if len(line.text) > 60 or not is_marked(line.block, _DATE_MARK):
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
    lines: list[Line],
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
        if (
            title
            and headline
            and line_key(headline).startswith(line_key(title.rstrip("….")) or "-")
        ):
            yield headline, place
        yield title, where
    yield headline, place


def _headline(lines: list[Line], page: str, site: str | None) -> tuple[str | None, str]:
    """The line that is most likely the headline, and what says so.

    It repeats the title of the page, or stands in an element made for it or in large type. The
    name of the site, which many pages set in their only `<h1>`, is none.
    """
    first = next(
        (
            i
            for i, line in enumerate(lines)
            if kind(line.text) in _TEXT_KINDS and len(line.text) > 40
        ),
        len(lines),
    )
    best, place = 0.0, ""
    found = None
    largest = max((line.size for line in lines[:first]), default=0.0)
    for line in lines[:first]:
        text = line.text
        name = letters(text)
        if len(name) < 4 or len(text) > MAX_TITLE or is_marked(line.block, OUTSIDE_MARK):
            continue
        if text == site or masthead(text) or kind(text) not in (Kind.HEADLINE, *_TEXT_KINDS):
            continue
        repeats = len(name) > 5 and _repeats(text, page)
        score = 3.0 if repeats else 0.0
        score += 2.0 if has_mark(line.block, TITLE_MARK) else 0.0
        score += {"h1": 2.0, "h2": 1.0, "h3": 0.5}.get(line.tag, 0.0)
        score += 1.0 + 0.5 * (line.size == largest) if line.size > 0 else 0.0
        score -= 2.0 if line.linked and not repeats else 0.0
        if score > best:
            best, found = score, text
            place = line.tag if line.tag in HEADING_TAGS else "element of the headline"
            place = "title of the page" if repeats and score <= 3 else place
    return (found, place) if best >= _SURE_TITLE else (None, "")


def _repeats(line: str, page: str) -> bool:
    """Whether a line says what the title of the page says, with more or fewer words around it."""
    own, whole = line_key(line), line_key(page)
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
        if len(words) > MAX_CREDITS:
            continue
        links = [" ".join("".join(link.itertext()).split()) for link in element.iter("a")]
        for names in (links, re.split(r"\s*[,，、;；]\s*|\s+and\s+", words)):
            if found := tuple(n for n in names if _is_person(n) and n != site):
                return found
    return ()


def _credited(lines: list[Line]) -> tuple[str, ...]:
    """The reporters on a short line in an element made for credits."""
    marked = (
        line.text
        for line in lines
        if len(line.text) <= MAX_CREDITS and has_mark(line.block, CREDITS_MARK)
    )
    return next((names for text in marked if (names := people(text)[0])), ())


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
