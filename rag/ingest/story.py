"""A story in the making → a story: its text with headings, and where its metadata comes from.

Datelines, credits and jump lines are taken off the text here, glued headings split off, and
lists told from headings. Which blocks make up the story was decided in `page`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

from rag.ingest.credits import (
    Opening,
    byline,
    closing_author,
    credit,
    edited_by,
    is_outlet,
    is_page_header,
    line_outlet,
    opening,
    people,
)
from rag.ingest.dates import date_line, iso_date, with_year
from rag.ingest.draft import BODY, MIN_BODY, Draft, Part
from rag.ingest.fold import fold
from rag.ingest.headlines import ORNAMENTS
from rag.ingest.lines import Kind, is_headline
from rag.ingest.model import Declared, Pages, Story
from rag.ingest.surnames import is_chinese_name
from rag.ingest.title import infer_title
from rag.text import sentence_spans

# Credits at the end of a last paragraph: ` 来源:…`, `（记者 …）`, `（完）`.
_CLOSING_CREDIT = re.compile(
    r"\s*(?:\((?:[^()]{0,12}(?:记者|来源|编辑|通讯员|作者|文/|摄)[^()]{0,40}|完|续完|本报综合\S{0,10})\)"
    r"|(?:文章|信息|稿件)?来源 ?: ?\S{2,20}|(?:责任|值班)?编辑 ?: ?\S{2,12}|■|□|Enditems?)\s*$"
)
_JUMP = re.compile(r"\s*\((?:下转|上接|紧接|转|接)第?[^()]{0,14}版[^()]{0,12}\)\s*")
_ENDS = "。！？；：…!?;:"
_Value = TypeVar("_Value")
_TURN = re.compile(r"([^\s。，,:：“”]{2,16})\s?[:：]")


def finish(
    draft: Draft, declared: Declared, printed: str | None, outlet: str | None
) -> Story | None:
    """The story of a draft, None when nothing of it is text."""
    openings = _cut_openings(draft.parts)
    closing = _cut_closing_credits(draft.parts)
    lines = [*draft.meta, *(part.text for part in draft.parts if part.kind is Kind.META), *closing]
    openings += [found for line in lines if (found := byline(line)) is not None]
    parts = [part for part in draft.parts if part.kind in (*BODY, Kind.HEADLINE, Kind.LABEL)]
    text, headings, pages = _join(_lists_as_text(_unglue_headings(parts)))
    if sum(map(str.isalnum, text[:100])) < (1 if draft.title else MIN_BODY):
        return None
    title = draft.title
    authors = [name for found in openings for name in found.authors]
    authors += [name for line in lines for name in people(line)[0]]
    date = _first_known(_dates(draft.meta, openings, declared, printed))
    source = _first_known(
        [
            (declared.source, declared.origins.get("source", "mark-up")),
            *((name, f"credit line: {line}") for line in lines if (name := credit(line))),
            *((found.outlet, "dateline or byline") for found in openings),
            *((name, f"line of credits: {line}") for line in lines if (name := line_outlet(line))),
            (_interviewer(parts), "name before each question"),
            (outlet, "page header"),
            (declared.publisher, declared.origins.get("publisher", "mark-up")),
        ]
    )
    editors = draft.editors.union(*map(edited_by, lines))
    written = tuple(name for name in declared.authors if name not in editors)
    if authors and not any(map(_is_person, written)):
        written = ()  # a blog's or a desk's name beside that of who wrote it
    people_named = _first_known(
        [
            (written, declared.origins.get("authors", "mark-up")),
            (tuple(dict.fromkeys(authors)), "dateline, byline or credit line"),
        ]
    )
    origins = {
        "title": "first sentence"
        if title is None
        else declared.origins.get("title", "mark-up")
        if title == declared.title
        else "headline",
        **{
            name: origin
            for name, (_, origin) in (
                ("date", date),
                ("source", source),
                ("authors", people_named),
            )
            if origin
        },
    }
    return Story(
        title=title or infer_title(text, headings),
        title_inferred=title is None,
        text=text,
        headings=headings,
        pages=pages,
        date=date[0],
        source=source[0],
        authors=people_named[0] or (),
        url=declared.url,
        confidence=min(draft.doubts.values(), default=1.0),
        doubts=tuple(draft.doubts),
        origins=origins,
    )


def _is_person(name: str) -> bool:
    return is_chinese_name(name) or (name.isascii() and " " in name)


def _first_known(candidates: Iterable[tuple[_Value | None, str]]) -> tuple[_Value | None, str]:
    """The first value that is not empty, and where it was read; (None, "") if there is none."""
    return next(((value, origin) for value, origin in candidates if value), (None, ""))


def _interviewer(parts: list[Part]) -> str | None:
    """The paper that asks the questions of an interview: its name stands before each."""
    names = (turn.group(1) for part in parts if (turn := _TURN.match(part.text)) is not None)
    counts = Counter(name for name in names if is_outlet(name))
    return next((name for name, count in counts.most_common(1) if count > 1), None)


def _cut_openings(parts: list[Part]) -> list[Opening]:
    """Take datelines and bylines off the paragraphs that begin with them."""
    openings = []
    for part in parts:
        if part.kind is Kind.OPENING and (found := opening(part.text)) is not None:
            openings.append(found)
            part.cut(0, found.end)
    return openings


def _cut_closing_credits(parts: list[Part]) -> list[str]:
    """Take credits off the end of the last paragraph, and jump lines off all; the credits."""
    closing: list[str] = []
    body = [part for part in parts if part.kind in BODY]
    for part in body:
        while (jump := _JUMP.search(fold(part.text))) is not None:
            part.cut(*jump.span())
    if body:
        last = body[-1]
        if closing_author(last.text) is not None:
            start = max(last.text.rfind("("), last.text.rfind("（"))
            closing.append(_credit_of(last.text[start:]))
            last.cut(start, len(last.text))
        while (found := _CLOSING_CREDIT.search(fold(last.text))) is not None:
            closing.append(last.text[found.start() :].strip(" （()）【】"))
            last.cut(found.start(), len(last.text))
    return closing


def _credit_of(brackets: str) -> str:
    """A name in brackets behind a story as a line of credits."""
    line = brackets.strip(" （()）。")
    return line if people(line)[0] or not closing_author(f"（{line}）") else f"记者 {line}"


def _dates(
    meta: list[str], openings: list[Opening], declared: Declared, printed: str | None
) -> Iterator[tuple[str | None, str]]:
    """The dates of a story by trust: mark-up, its own line, its dateline, its page's header.

    A dateline with month and day takes its year from the date of the page.
    """
    yield declared.date, declared.origins.get("date", "mark-up")
    for line in meta:
        if is_page_header(line):
            printed = printed or date_line(line)
        else:
            yield date_line(line) or _reposted(line), f"date line: {line}"
    yield from ((found.date, "dateline") for found in openings)
    if printed is not None:
        day_only = next((found.month_day for found in openings if found.month_day), None)
        if day_only is not None:
            yield with_year(day_only, printed), "dateline, with the year of the page"
        yield printed, "page header"
    yield declared.some_date, declared.origins.get("some_date", "mark-up")


def _reposted(line: str) -> str | None:
    """The date in a note that says from which paper a text was taken."""
    return iso_date(line) if credit(line) is not None and "《" in line else None


def _unglue_headings(parts: list[Part]) -> list[Part]:
    """Split off headings that stand at the end of the paragraph above them.

    Such a heading has no end mark, and a page has more than one heading.
    """
    cuts = {}
    for number, (part, below) in enumerate(pairwise(parts)):
        spans = sentence_spans(part.text)
        if part.kind in BODY and below.kind in BODY and len(spans) > 1:
            (_, end), (start, _) = spans[-2:]
            heading = part.text[start:]
            last = heading.rstrip("”’」』）)\"'")[-1:]
            if len(heading) >= 6 and is_headline(heading) and last not in _ENDS:
                cuts[number] = start if part.text[end - 1] in _ENDS + "”" else 0
    cuts = {number: start for number, start in cuts.items() if start >= MIN_BODY}
    if len(cuts) + sum(part.kind is Kind.HEADLINE for part in parts) < 2:
        return parts
    result = []
    for number, part in enumerate(parts):
        if number in cuts:
            above, split_off = part.split(cuts[number])
            split_off.kind = Kind.HEADLINE
            result += [above, split_off]
        else:
            result.append(part)
    return result


def _lists_as_text(parts: list[Part]) -> list[Part]:
    """Many short lines in a row are a list, which is text, not headings."""
    index = 0
    while index < len(parts):
        end = index
        while end < len(parts) and parts[end].kind is Kind.HEADLINE and not parts[end].marked:
            end += 1
        announced = index > 0 and parts[index - 1].text.endswith(("：", ":"))
        if end - index > 3 or (announced and end - index > 1):
            for part in parts[index:end]:
                part.kind = Kind.BODY
        index = max(end, index + 1)
    return parts


def _join(parts: list[Part]) -> tuple[str, tuple[tuple[int, str], ...], Pages]:
    """The text of a story, its headings as (start, heading), and where its pages begin."""
    lines: list[str] = []
    headings: list[tuple[int, str]] = []
    pages: list[tuple[int, int]] = []
    position = 0
    for part in parts:
        marks = ORNAMENTS if part.kind is Kind.HEADLINE else None
        line = part.text.strip(marks)
        if not line:
            continue
        if part.kind is Kind.HEADLINE:
            headings.append((position, line))
        before = len(part.text) - len(part.text.lstrip(marks))
        for at, page in part.pages:
            # A page that begins behind the last character begins with the next line.
            offset = max(0, at - before) if at - before < len(line) else len(line) + 1
            if not pages or pages[-1][1] != page:
                pages.append((position + offset, page))
        lines.append(line)
        position += len(line) + 1
    text = "\n".join(lines)
    return text, tuple(headings), tuple(page for page in pages if page[0] < max(1, len(text)))
