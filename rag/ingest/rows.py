"""Rows of exports → articles: a row is one article, in JSON lines, JSON, CSV or TSV.

Columns are known by their usual names in Chinese and English. A row that cannot be used costs
itself alone. The text of JSON lines is kept character for character; other exports hold articles
as they were printed, so their text is read like a document's, but a row stays one story.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_tz
from html import unescape
from io import BytesIO, StringIO
from itertools import islice
from typing import Any, BinaryIO

from rag.ingest.credits import people
from rag.ingest.dates import iso_date
from rag.ingest.decode import decode
from rag.ingest.model import Block, Declared, Document, Reading, Story, Unread
from rag.ingest.title import infer_title

MAX_LINE = 64 * 1024 * 1024  # bytes
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_FIELDS = {
    "text": "text 正文 全文 content 内容 body article fulltext articlebody 正文内容 新闻正文"
    " 新闻内容 文章内容 文章正文 稿件内容 报道内容 contenttext contenthtml bodytext"
    " maintext newstext",
    "title": "title 标题 题目 headline 新闻标题 文章标题 稿件标题 主标题 正题 newstitle name",
    "date": "date 发布时间 发布日期 日期 pubdate published publishtime publishdate publishedat"
    " publisheddate datepublished pubtime 见报日期 刊发日期 刊登日期 出版日期 发表时间 发表日期"
    " 时间 time datetime timestamp",
    "source": "source 来源 新闻来源 文章来源 稿件来源 媒体 媒体名称 报纸 报纸名称 medianame"
    " sourcename publisher media outlet newspaper publication paper site website press",
    "authors": "authors author 作者 记者 reporter reporters byline 文章作者",
    "url": "url link 链接 网址 原文链接 原文地址 文章链接 href",
    "id": "_id id 编号 文章编号 稿件编号 guid",
}
_NAMES = {field: names.split() for field, names in _FIELDS.items()}
_MAX_NESTING = 3
_SOURCE_OBJECTS = {"from": "source", "channel": "column"}
_DELIMITERS = ",\t;|"
_SPLIT_NAMES = re.compile(
    r"\s*[,，、;；/|]\s*|\s+and\s+|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff]{2})"
)
_BY = re.compile(r"(?:作者|文|By)[\s:：/]+", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_CHINA = timezone(timedelta(hours=8))
_EXPECTED = 'holds no articles: give an array of objects with "title" and "text"'
_HOW = "a row of the export"
_Row = Mapping[str, Any]


def read_lines(file: BinaryIO) -> Iterator[Reading | Unread]:
    """The story of each line, or the reason why there is none."""
    empty = True
    for number, line in _lines(file):
        empty = False
        name = f"line {number}"
        row = line if isinstance(line, str) else _parse(line)
        if isinstance(row, str):
            yield Unread(row, name)
        else:
            yield _read_row(row, name, exact=True)
    if empty:
        yield Unread("is empty: remove it or fill it")


def read_export(suffix: str, data: bytes) -> Iterator[Reading | Unread]:
    """The stories of a JSON or CSV export.

    Raises:
        NotTextError: the file is no text.
    """
    text = decode(data)
    if suffix not in (".csv", ".tsv"):
        yield from _read_json(text)
        return
    rows = list(_read_table(text))
    if not rows:
        yield Unread("has no column with text: name the columns in its first row")
    for number, row in rows:
        yield _read_row(row, f"row {number}")


# JSON


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | str]]:
    """(line number, the line or the reason why it is not read) for each that is not blank."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) == MAX_LINE:
            yield number, "longer than 64 MB: split the file"
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE)
        elif line.strip():
            yield number, line


def _parse(line: bytes) -> _Row | str:
    try:
        row = json.loads(line)
    except UnicodeDecodeError:
        return "not UTF-8: save the file as UTF-8"
    except (ValueError, RecursionError):
        return "no valid JSON: put one object on each line"
    return row if isinstance(row, dict) else 'not an object: write {"title": …, "text": …}'


def _read_json(text: str) -> Iterator[Reading | Unread]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if isinstance(_parse(text.lstrip().partition("\n")[0].encode("utf-8", "replace")), dict):
            yield from read_lines(BytesIO(text.encode("utf-8", "replace")))
        else:
            yield Unread("is no valid JSON: export it again")
        return
    rows = max(_arrays(value, 2), key=len, default=[])
    # What comes with an article, or with a list of them, is shorter than they are.
    if isinstance(value, dict) and _length(value) > max(map(_length, rows), default=0):
        yield _read_row(value, "")
        return
    if not rows:
        yield Unread(_EXPECTED)
    # A feed has the name of its paper as its title.
    publisher = _string(value.get("title")) if isinstance(value, dict) else None
    for number, row in enumerate(rows, 1):
        name = f"row {number}"
        if isinstance(row, dict):
            yield _read_row(row, name, publisher=publisher)
        else:
            yield Unread('not an object: write {"title": …, "text": …}', name)


def _arrays(value: object, depth: int) -> Iterator[list[Any]]:
    """The arrays of articles in a value, at most so many objects deep."""
    if isinstance(value, list):
        if any(isinstance(row, dict) and _has_text(row) for row in value):
            yield value
    elif isinstance(value, dict) and depth > 0:
        for inner in value.values():
            yield from _arrays(inner, depth - 1)


def _length(row: object) -> int:
    text = _text(_field(_unwrap(row), "text")[1]) if isinstance(row, dict) else None
    return len(text or "")


def _has_text(row: _Row) -> bool:
    found = _field(_unwrap(row), "text")[1]
    return isinstance(found, str) or (isinstance(found, list) and any(found) and _is_lines(found))


# Tables


def _read_table(text: str) -> Iterator[tuple[int, _Row]]:
    """(number as a spreadsheet counts it, row) below the header; nothing without a text column."""
    # One stray quote makes a cell of the rest of the file: it may be as long as that.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    start = 0
    if found := re.match(r"sep=(.)[ \t]*\n", text):
        start = found.end()
    delimiter = found.group(1) if found else _delimiter(text)
    if delimiter is None:
        return
    reader = csv.reader(StringIO(text[start:], newline=""), delimiter=delimiter)
    header: list[str] = []
    for number, cells in enumerate(reader, 2 if start else 1):
        if not any(cell.strip() for cell in cells):
            continue
        if header:
            yield number, dict(zip(header, cells, strict=False))
        else:
            header = [cell.strip() or f"column {i}" for i, cell in enumerate(cells, 1)]
            if not _has_text(dict.fromkeys(header, "")):
                return


def _delimiter(text: str) -> str | None:
    """The delimiter that makes the most known columns of the first row."""
    known: dict[str, int] = {}
    for delimiter in _DELIMITERS:
        rows = csv.reader(StringIO(text.lstrip("\n"), newline=""), delimiter=delimiter)
        header = dict.fromkeys(next(islice(rows, 1), []), "")
        known[delimiter] = sum(_field(header, field)[0] is not None for field in _NAMES)
    best = max(known, key=known.__getitem__)
    return best if known[best] else None


# Rows


def _read_row(
    row: _Row, name: str, *, exact: bool = False, publisher: str | None = None
) -> Reading | Unread:
    """The one story of a row; with `exact` its text is kept character for character."""
    row = _unwrap(row)
    keys = {field: _field(row, field) for field in _NAMES}
    text = _text(keys["text"][1])
    if text is None:
        return Unread(f'no text: fill in "{keys["text"][0] or "text"}"', name)
    declared = replace(_declared(keys), publisher=publisher)
    identifier = _string(keys["id"][1])
    if not exact:
        return _read_cell(text, declared, identifier, name)
    story = Story(
        id=identifier,
        title=declared.title or infer_title(text),
        title_inferred=declared.title is None,
        text=text,
        date=declared.date,
        source=declared.source,
        authors=declared.authors,
        url=declared.url,
        origins=declared.origins,
    )
    return Reading((story,), name, _HOW)


def _declared(keys: Mapping[str, tuple[str | None, Any]]) -> Declared:
    declared = Declared(
        title=_title(keys["title"][1]),
        date=_day(keys["date"][1]),
        source=_string(keys["source"][1]),
        authors=_authors(keys["authors"][1]),
        url=_string(keys["url"][1]),
    )
    named = {field: f"field {key}" for field, (key, _) in keys.items() if hasattr(declared, field)}
    known = {field: origin for field, origin in named.items() if getattr(declared, field)}
    return replace(declared, origins=known)


def _read_cell(
    text: str, declared: Declared, identifier: str | None, name: str
) -> Reading | Unread:
    """The story of a cell as it was printed, with credits, captions or tags in it."""
    from rag.ingest.page import read_stories

    document = _cell(text)
    reading = read_stories(replace(document, declared=declared, name=name, how=_HOW))
    if len(reading.stories) == 1:
        story = reading.stories[0]
        if 2 * len(story.text) >= sum(len(block.text) for block in document.blocks):
            # What a column says of the article is not outdone by a line in its text.
            story = replace(
                story,
                id=identifier,
                date=declared.date or story.date,
                source=declared.source or story.source,
                authors=declared.authors or story.authors,
                origins={**story.origins, **declared.origins},
            )
            return replace(reading, stories=(story,))
    return _whole(document.blocks, declared, identifier, name)


def _cell(text: str) -> Document:
    """The blocks of a cell: HTML, or plain text with a paragraph on each line."""
    if "<html" in text[:2000].lower() or "<body" in text[:2000].lower():
        from rag.ingest.html import read_html

        return read_html(text)
    if _TAG.search(text):
        from rag.ingest.markdown import read_markdown

        return read_markdown(text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return Document([Block(line) for line in lines if line])


def _whole(
    blocks: Sequence[Block], declared: Declared, identifier: str | None, name: str
) -> Reading | Unread:
    """All of a cell as one story, where it reads as several or as none."""
    text = "\n".join(block.text for block in blocks)
    if not text:
        return Unread("no text: its cell holds mark-up alone", name)
    headings: list[tuple[int, str]] = []
    position = 0
    for block in blocks:
        if block.heading:
            headings.append((position, block.text))
        position += len(block.text) + 1
    story = Story(
        id=identifier,
        title=declared.title or infer_title(text),
        title_inferred=declared.title is None,
        text=text,
        headings=tuple(headings),
        date=declared.date,
        source=declared.source,
        authors=declared.authors,
        url=declared.url,
        origins=declared.origins,
    )
    return Reading((story,), name, _HOW)


def _unwrap(row: _Row) -> _Row:
    """The article itself where a search engine's export wraps it."""
    inner = row.get("_source")
    row = {**inner, "_id": row.get("_id")} if isinstance(inner, dict) else row
    merged = dict(row)
    for key, value in _nested(row).items():
        if merged.get(key) is None or isinstance(merged[key], dict):
            merged[key] = value
    return merged


def _nested(row: _Row, depth: int = 0) -> dict[str, Any]:
    """The values inside the objects of a row: by their own names, or as the name of what is in one.

    `{"from": {"name": "海城晚报"}}` is a source, `{"info": {"title": …}}` holds a title.
    """
    found: dict[str, Any] = {}
    for key, value in row.items():
        if not isinstance(value, dict) or depth > _MAX_NESTING:
            continue
        named = value.get("name")
        for inner, content in {**_nested(value, depth + 1), **value}.items():
            if inner not in ("name", "id", "url", "link") and not isinstance(content, dict):
                found.setdefault(inner, content)
        if isinstance(named, str):
            found.setdefault(_SOURCE_OBJECTS.get(_plain(key), key), named)
    return found


def _field(row: _Row, field: str) -> tuple[str | None, Any]:
    """(key, value) of the first name of a field that a row has and fills."""
    keys: dict[str, str] = {}
    for key in row:
        if not isinstance(row[key], dict) or "$date" in row[key]:
            keys.setdefault(_plain(key), key)
    present = [keys[name] for name in _NAMES[field] if name in keys]
    filled = (key for key in present if row[key] not in (None, "", []))
    found = next(filled, present[0] if present else None)
    return found, None if found is None else row[found]


def _plain(key: str) -> str:
    return re.sub(r"(?<!^)[_\s-]|[\s\ufeff]", "", key.strip().lower())


def _text(value: object) -> str | None:
    if isinstance(value, list) and _is_lines(value):
        value = "\n".join(value)
    if not isinstance(value, str) or not value.strip():
        return None
    # Half of a surrogate pair is no character and cannot be stored.
    return value.translate(_SURROGATES)


def _is_lines(value: list[Any]) -> bool:
    return all(isinstance(line, str) for line in value)


def _string(value: object) -> str | None:
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "$oid", "title") if key in value), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return " ".join(str(value).translate(_SURROGATES).split()) or None
    except ValueError:  # an integer of thousands of digits
        return None


def _title(value: object) -> str | None:
    title = _string(value)
    if title is not None and "<" in title:
        title = " ".join(unescape(_TAG.sub("", title)).split()) or None
    return title


def _authors(value: object) -> tuple[str, ...]:
    """The names of a list, or of a string that parts them."""
    listed = value if isinstance(value, list) else [value]
    names: list[str] = []
    for text in filter(None, map(_string, listed)):
        # 记者 王一 通讯员 李二 names one reporter.
        names += people(text)[0] or _SPLIT_NAMES.split(text)
    bare = (_BY.sub("", name.strip()) for name in names)
    return tuple(dict.fromkeys(name for name in bare if name))


def _day(value: object) -> str | None:
    """The ISO day of a date in any form that is sure; seconds since 1970 give China's day."""
    if isinstance(value, dict):
        return _day(value.get("$date") or value.get("$numberLong"))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        text = str(int(value) if isinstance(value, float) else value).strip()
    except (ValueError, OverflowError):  # not a number, infinite, or thousands of digits
        return None
    if text.isascii() and text.isdigit():
        return _day_of_digits(text)
    if (day := iso_date(text)) is not None:
        return day
    if (found := re.fullmatch(r"(\d{8})(?:[T ]\d\d.*|\.0)", text)) is not None:
        return _day_of_digits(found.group(1))
    if re.fullmatch(r"\d{10}(?:\d{3})?\.\d+", text):
        return _day_of_digits(text.partition(".")[0])
    try:
        parts = parsedate_tz(text) if re.search("[A-Za-z]{3}", text) else None
        return date(*parts[:3]).isoformat() if parts and parts[0] > 1900 else None
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _day_of_digits(text: str) -> str | None:
    """20220915 and 20220915083000 as they stand; 10 or 13 digits are seconds or milliseconds."""
    if len(text) in (8, 14):
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            return None
        return day.isoformat() if 1800 <= day.year <= 2100 else None
    if len(text) not in (9, 10, 12, 13):
        return None
    seconds = int(text) if len(text) < 12 else int(text) // 1000
    return datetime.fromtimestamp(seconds, _CHINA).date().isoformat()
