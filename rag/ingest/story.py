"""A story in the making → a story: its text with headings, and where its metadata comes from.

Datelines, credits and jump lines are taken off the text here, glued headings split off, and
lists told from headings. Which blocks make up the story was decided in `page`.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from rag.ingest.credits import Opening, byline, credit, is_outlet, opening, people
from rag.ingest.dates import date_line, with_year
from rag.ingest.draft import BODY, MIN_BODY, Draft, Part
from rag.ingest.fold import fold
from rag.ingest.headlines import choose_title
from rag.ingest.lines import Kind, is_headline
from rag.ingest.model import Declared, Story
from rag.ingest.title import infer_title
from rag.text import sentence_spans

# Credits at the end of a last paragraph: ` 来源:…`, `（记者 …）`, `（完）`.
_CLOSING_CREDIT = re.compile(
    r"\s*(?:\((?:[^()]{0,12}(?:记者|来源|编辑|通讯员|作者|文/|摄)[^()]{0,40}|完|续完|本报综合\S{0,10})\)"
    r"|(?:文章|信息|稿件)?来源 ?: ?\S{2,20}|(?:责任|值班)?编辑 ?: ?\S{2,12}|■|□)\s*$"
)
_JUMP = re.compile(r"\s*\((?:下转|上接|紧接|转|接)第?[^()]{0,14}版[^()]{0,12}\)\s*")
# A page's header has a week day or a page number beside its date, an article's line a time.
_PAGE_HEADER = re.compile(r"(?:星期|周)[一二三四五六日天]|第? ?\w{1,4} ?版|\b[A-D]\d|day, |Page ")
_ENDS = "。！？；：…!?;:"
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
    text, headings = _join(_lists_as_text(_unglue_headings(parts)))
    if sum(map(str.isalnum, text[:100])) < (1 if draft.decks else MIN_BODY):
        return None
    title = choose_title(draft.decks, text)
    authors = [name for found in openings for name in found.authors]
    authors += [name for line in lines for name in people(line)[0]]
    credits = (credit(line) for line in lines)
    outlets = (found.outlet for found in openings if found.outlet)
    return Story(
        title=title or infer_title(text, headings),
        title_inferred=title is None,
        text=text,
        headings=headings,
        date=_story_date(draft.meta, openings, declared.date, printed),
        source=next((name for name in credits if name), None)
        or declared.source
        or next(outlets, None)
        or _interviewer(parts)
        or outlet
        or declared.publisher,
        authors=tuple(dict.fromkeys(authors)) or declared.authors,
        url=declared.url,
    )


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
            part.text = part.text[found.end :]
    return openings


def _cut_closing_credits(parts: list[Part]) -> list[str]:
    """Take credits off the end of the last paragraph, and jump lines off all; the credits."""
    closing: list[str] = []
    body = [part for part in parts if part.kind in BODY]
    for part in body:
        while (jump := _JUMP.search(fold(part.text))) is not None:
            part.text = part.text[: jump.start()] + part.text[jump.end() :]
    if body:
        last = body[-1]
        while (found := _CLOSING_CREDIT.search(fold(last.text))) is not None:
            closing.append(last.text[found.start() :].strip(" （()）【】"))
            last.text = last.text[: found.start()]
    return closing


def _story_date(
    meta: list[str], openings: list[Opening], declared: str | None, printed: str | None
) -> str | None:
    """The date of a story: its own line, else mark-up, else its dateline, else its page's.

    The dateline's month and day take their year from the date of the page.
    """
    own = None
    for line in meta:
        day = date_line(line)
        if day is not None and _PAGE_HEADER.search(fold(line)):
            printed = printed or day
        else:
            own = own or day
    dated = own or declared or next((found.date for found in openings if found.date), None)
    if dated is not None or printed is None:
        return dated
    day_only = next((found.month_day for found in openings if found.month_day), None)
    return (with_year(day_only, printed) if day_only else None) or printed


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
            if len(heading) >= 6 and is_headline(heading) and heading[-1] not in _ENDS:
                cuts[number] = start if part.text[end - 1] in _ENDS + "”" else 0
    cuts = {number: start for number, start in cuts.items() if start >= MIN_BODY}
    if len(cuts) + sum(part.kind is Kind.HEADLINE for part in parts) < 2:
        return parts
    result = []
    for number, part in enumerate(parts):
        if number in cuts:
            result.append(Part(part.text[: cuts[number]].rstrip(), part.kind))
            result.append(Part(part.text[cuts[number] :], Kind.HEADLINE))
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


def _join(parts: list[Part]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The text of a story, and its headings as (start, heading)."""
    lines: list[str] = []
    headings: list[tuple[int, str]] = []
    position = 0
    for part in parts:
        line = part.text.strip()
        if not line:
            continue
        if part.kind is Kind.HEADLINE:
            headings.append((position, line))
        lines.append(line)
        position += len(line) + 1
    return "\n".join(lines), tuple(headings)
