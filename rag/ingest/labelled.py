"""Plain text with labelled fields (`标题：…  日期：…  正文：…`) → one document a record.

Databases and clipping services export articles so. A record begins at the label of a title; the
text begins behind the label of a text, else below the fields. Nothing is guessed: without a title
and two more labels right below it a text is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.ingest.credits import people
from rag.ingest.dates import iso_date
from rag.ingest.layout import read_blocks
from rag.ingest.model import Declared, Document, Dropped

_FIELDS = {
    "title": "标题|题目|标题名称|文章标题|新闻标题|Title|Headline",
    "date": "日期|时间|发布日期|发布时间|刊发日期|见报日期|发表日期|Date|Published",
    "source": "来源|报纸|媒体|出处|报刊|来源媒体|Source|Newspaper",
    "authors": "作者|记者|Author|By|Byline",
    "text": "正文|内容|全文|正文内容|Text|Body|Content",
    "other": "关键词|版次|版面|版名|栏目|分类|编号|字数|副标题|引题|链接|网址|标签"
    "|Keywords|Page|URL|Section",
}
_LABEL = re.compile(
    r"[ \t　]*[【\[<]?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _FIELDS.items())
    + r")[】\]>]?[ \t　]*[:：][ \t　]*(?P<value>.*)"
)
_RULE = re.compile(r"\s*[=＝*＊_~─—-]{4,}\s*")
_PAGE = re.compile(r"\s+第?[A-Z]?\d{1,3}版.*$")


def has_labels(text: str) -> bool:
    """Whether a text holds a record: the label of a title, and two more in the lines below it."""
    lines = [line for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines):
        found = _LABEL.fullmatch(line)
        if found is not None and found.lastgroup is not None and found["title"] and found["value"]:
            below = (_LABEL.fullmatch(other) for other in lines[number + 1 : number + 6])
            if sum(label is not None for label in below) > 1:
                return True
    return False


def read_labelled(text: str) -> Iterator[Document]:
    """The document of each record, in order."""
    records: list[list[str]] = []
    for line in text.split("\n"):
        found = _LABEL.fullmatch(line)
        if found is not None and found["title"]:
            records.append([])
        if records:
            records[-1].append(line)
    for number, record in enumerate(records, 1):
        yield _read_record(record, f"record {number}" if len(records) > 1 else "")


def _is_text(line: str) -> bool:
    """Whether a line is the first of a record's text: its label, or a line without one."""
    found = _LABEL.fullmatch(line)
    return bool(line.strip()) if found is None else found["text"] is not None


def _read_record(lines: list[str], name: str) -> Document:
    fields: dict[str, str] = {}
    labels: dict[str, str] = {}
    dropped: list[Dropped] = []
    first = next((i for i, line in enumerate(lines) if _is_text(line)), len(lines))
    for line in lines[:first]:
        found = _LABEL.fullmatch(line)
        if found is None:
            continue
        field = next(name for name in _FIELDS if found[name])
        if field == "other":
            dropped.append(Dropped(line.strip(), "another field"))
        elif found["value"] and (field != "date" or iso_date(found["value"])):
            fields.setdefault(field, " ".join(found["value"].split()))
            labels.setdefault(field, f"field {found[field]}")
    body = [line for line in lines[first:] if not _RULE.fullmatch(line)]
    if body and (label := _LABEL.fullmatch(body[0])) is not None:
        body[0] = label["value"]
    byline = fields.get("authors", "")
    declared = Declared(
        title=fields.get("title"),
        date=iso_date(fields.get("date", "")),
        source=_PAGE.sub("", fields["source"]) if "source" in fields else None,
        authors=people(f"作者：{byline}")[0] or tuple(filter(None, re.split("[、,，;；]", byline))),
        origins=labels,
    )
    blocks = read_blocks("\n".join(body))
    return Document(blocks, declared, name, "labelled fields", tuple(dropped))
