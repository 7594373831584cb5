"""Blocks of a document → its stories: where each begins and ends, its headline, date and credits.

A story begins at a dateline, or at a byline or date line below a headline; a document with at
most one such beginning is one story. Headlines between two stories go to the one whose words
they share, else to the one below them. Furniture is dropped by its kind and its place. Nothing
is read from mark-up here but what the reader passes in `Declared`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest

from rag.ingest.credits import byline, credit, header_outlet, opening
from rag.ingest.dates import date_line
from rag.ingest.draft import BODY, MIN_BODY, Draft, Part
from rag.ingest.fold import fold
from rag.ingest.headlines import BELOW_SHARE, assign_headlines, features, share, weight
from rag.ingest.lines import Kind, is_headline, is_section_name, is_tail_entry, kind
from rag.ingest.model import Block, Declared, Document, Story
from rag.ingest.story import finish

_NUMBERED = re.compile(
    r"([一二三四五六七八九十]{1,3}[、.．])|(\d{1,2}[、.．)）])"
    r"|([(（][一二三四五六七八九十]{1,3}[)）])|([(（]\d{1,2}[)）])|([①-⑳])"
)
_ORDINAL = re.compile(r"\(?[一二三四五六七八九十\d]{1,3}[)、.．]")


def read_stories(document: Document) -> list[Story]:
    """The stories of a document in reading order; none when it has no running text."""
    parts = _parts(document.blocks)
    if not any(part.kind in BODY for part in parts):
        # Nothing reads as sentences: what is there may still be a note worth reading.
        parts = [
            Part(part.text, Kind.BODY) if part.kind is Kind.HEADLINE else part for part in parts
        ]
        if not any(part.kind is Kind.BODY for part in parts):
            return []
    declared = document.declared
    starts = _starts(parts)
    if len(starts) > 1 and _is_page(parts, starts, declared):
        drafts = _split(parts, starts)
        printed = _page_date(drafts, parts)
        if declared.title and not drafts[0].decks:
            drafts[0].decks = [declared.title]
        declared = replace(declared, title=None, authors=())
    else:
        drafts, printed = [_single(parts, declared.title)], None
    outlet = _page_outlet(parts)
    stories = [finish(draft, declared, printed, outlet) for draft in drafts]
    return [story for story in stories if story is not None]


def _is_page(parts: list[Part], starts: list[int], declared: Declared) -> bool:
    """Whether a document has several stories; one with a title has a headline for each."""
    if declared.title is None:
        return True
    return all(_next_kind(parts, start, -1) is Kind.HEADLINE for start in starts[1:])


def _parts(blocks: Sequence[Block]) -> list[Part]:
    parts = []
    for block in blocks:
        text = block.text.strip()
        if not text:
            continue
        found = kind(text)
        if block.heading and is_headline(text):
            # What mark-up makes a heading may look like a section's name or a sentence.
            if found in (Kind.BODY, Kind.META) or is_section_name(text):
                found = Kind.HEADLINE
        elif block.item and found is Kind.HEADLINE:
            found = Kind.BODY
        parts.append(Part(text, found, block.heading))
    _settle_repeated(parts)
    _settle_lists(parts)
    return parts


def _settle_repeated(parts: list[Part]) -> None:
    """A line that comes back is a banner of the page or the name of a speaker, no headline."""
    lines = Counter(part.text for part in parts if part.kind is Kind.HEADLINE)
    for part, below in zip_longest(parts, parts[1:]):
        if part.kind is Kind.HEADLINE and lines[part.text] > 1:
            speaks = len(part.text) <= 8 and below is not None and below.kind in BODY
            part.kind = Kind.BODY if speaks else Kind.FURNITURE


def _settle_lists(parts: list[Part]) -> None:
    """Numbered lines one after another are the items of a list, not headings over nothing.

    The line that announces them belongs to the text, too.
    """
    first = 0
    while first < len(parts):
        last = first
        while last < len(parts) and (form := _numbering(parts[last])) == _numbering(parts[first]):
            if form is None:
                break
            last += 1
        if last - first >= 2:
            for part in parts[first:last]:
                part.kind = Kind.BODY
            above = parts[first - 1] if first else None
            if above and above.kind is Kind.HEADLINE and above.text.endswith(("：", ":")):
                above.kind = Kind.BODY
        first = max(last, first + 1)


def _numbering(part: Part) -> int | None:
    """Which form of number a headline-like line begins with, if any."""
    if part.kind is not Kind.HEADLINE or part.marked:
        return None
    found = _NUMBERED.match(part.text)
    return found.lastindex if found else None


def _starts(parts: list[Part]) -> list[int]:
    """Indices of the parts at which a story's text begins; credits above it included."""
    starts: list[int] = []
    body_since = True
    first = next((i for i, part in enumerate(parts) if part.kind in BODY), 0)
    led = any(byline(part.text) for part in parts[:first] if part.kind is Kind.META)
    for index, part in enumerate(parts):
        begins = part.kind is Kind.OPENING and not _is_quoted_wire(parts, index)
        if part.kind is Kind.META:
            begins = _heads_a_story(parts, index, led=led)
        if begins and body_since:
            starts.append(index)
            body_since = part.kind is Kind.OPENING
        elif part.kind in BODY:
            body_since = True
    return starts + _starts_after_editors(parts, starts)


def _is_quoted_wire(parts: list[Part], index: int) -> bool:
    """Whether a paragraph 据…社电 goes on with the story above it instead of beginning one."""
    above = _next_kind(parts, index, -1)
    return fold(parts[index].text).startswith("据") and above in BODY


def _heads_a_story(parts: list[Part], index: int, *, led: bool) -> bool:
    """Whether a line of credits stands above a body and not below one.

    Between two bodies it does if bylines lead the stories of this page.
    """
    text = parts[index].text
    if not (date_line(text) or byline(text)) or _next_kind(parts, index, 1) not in BODY:
        return False
    above = _next_kind(parts, index, -1)
    if above in BODY:
        dateline = opening(text)
        if dateline is not None and (dateline.outlet or "报道" in fold(text)):
            return True
        return led and date_line(text) is None
    return above in (Kind.HEADLINE, None, Kind.EDITOR, Kind.TAIL)


def _next_kind(parts: list[Part], index: int, step: int) -> Kind | None:
    """The kind of the next part that is neither credits nor furniture."""
    index += step
    while 0 <= index < len(parts):
        if parts[index].kind not in (Kind.META, Kind.FURNITURE, Kind.CAPTION, Kind.LABEL):
            return parts[index].kind
        index += step
    return None


def _starts_after_editors(parts: list[Part], starts: list[int]) -> list[int]:
    """Stories without credits of their own, each closed by a line of editors."""
    editors = [
        index
        for index, part in enumerate(parts)
        if part.kind is Kind.EDITOR and any(p.kind in BODY for p in parts[:index])
    ]
    added = []
    for first, last in pairwise(editors):
        between = range(first + 1, last)
        body = [index for index in between if parts[index].kind in BODY]
        if not body or any(first < start < last for start in starts):
            continue
        if any(parts[index].kind is Kind.HEADLINE for index in range(first + 1, body[0])):
            added.append(body[0])
    if added and not starts:
        added.insert(0, next(i for i, part in enumerate(parts) if part.kind in BODY))
    return sorted(added)


def _single(parts: list[Part], title: str | None) -> Draft:
    """A document that is one story: what stands above its text, its text, what stands below."""
    first = next((i for i, part in enumerate(parts) if part.kind in BODY), len(parts))
    last = _story_end(parts, first)
    draft = Draft(parts=parts[first:last])
    draft.meta = [part.text for part in parts[:first] if part.kind is Kind.META]
    draft.meta += [
        part.text
        for part in parts[last : last + 6]
        if part.kind is Kind.META and (credit(part.text) or byline(part.text))
    ]
    above = [
        index
        for index in range(first)
        if parts[index].kind is Kind.HEADLINE and not _is_same(parts[index].text, title)
    ]
    body = features(" ".join(part.text for part in draft.parts))
    if title is None and above:
        chosen = max(above, key=lambda index: (_headline_score(parts, index, body), -index))
        draft.decks = [parts[chosen].text]
        kept = [index for index in above if index > chosen]
    else:
        draft.decks = [title] if title is not None else _headline_below(parts[last:], body)
        kept = above
    headings = [
        parts[index]
        for index in kept
        if (parts[index].marked and title is not None)
        or _ORDINAL.match(parts[index].text)
        or any(part.kind is Kind.META for part in parts[kept[0] - 1 : index])
    ]
    labels = [part for part in parts[:first] if part.kind is Kind.LABEL][-1:]
    draft.parts = labels + headings + draft.parts
    return draft


def _is_same(text: str, title: str | None) -> bool:
    """Whether a line repeats the declared title."""
    if title is None:
        return False
    line, whole = ("".join(filter(str.isalnum, words)) for words in (text, title))
    return bool(line) and (line == whole or (len(line) > 5 and (line in whole or whole in line)))


def _headline_score(parts: list[Part], index: int, body: set[str]) -> float:
    """How likely a line above a text is its title: shared words, length, credits right below."""
    text = parts[index].text
    following = next(
        (part.kind for part in parts[index + 1 :] if part.kind is not Kind.FURNITURE), None
    )
    score = share(text, body) * weight(text)
    score += 0.3 if following is Kind.META else 0.0
    if parts[index].marked:
        score += 0.3
    return score - (0.4 if len(text) < 7 or text.startswith(("—", "–", "-")) else 0.0)


def _headline_below(parts: list[Part], body: set[str]) -> list[str]:
    """A headline printed right below a text that has none above."""
    decks = []
    for part in parts:
        if part.kind in (Kind.EDITOR, Kind.TAIL, *BODY):
            break
        if part.kind is Kind.HEADLINE and share(part.text, body) >= BELOW_SHARE:
            decks.append(part.text)
    return decks


def _story_end(parts: list[Part], first: int) -> int:
    """The index after a story's last paragraph.

    A line of editors ends it, and so does the title of a list of other stories; what stands
    behind the last paragraph without being a sentence is a list of headlines.
    """
    end = len(parts)
    for index in range(first, len(parts)):
        if parts[index].kind is Kind.EDITOR:
            end = index
            break
    for index in range(first, end):
        if parts[index].kind is Kind.TAIL and not is_tail_entry(parts[index].text):
            rest = parts[index:end]
            # In the middle of a text such a title is a link between its paragraphs.
            if end == len(parts) or not any(part.kind in BODY for part in rest):
                end = index
                break
    while end > first and parts[end - 1].kind not in BODY:
        end -= 1
    kept = end
    # A list that the last paragraph announces belongs to it.
    announced = end > first and parts[end - 1].text.endswith(("：", ":"))
    while announced and kept < len(parts) and parts[kept].kind is Kind.HEADLINE:
        parts[kept].kind = Kind.BODY
        kept += 1
    return kept


def _split(parts: list[Part], starts: list[int]) -> list[Draft]:
    """The stories of a page, each with its headlines."""
    starts = sorted(starts)
    drafts: list[Draft] = []
    gaps: list[list[Part]] = [parts[: starts[0]]]
    for start, after in zip(starts, [*starts[1:], len(parts)], strict=True):
        segment = parts[start:after]
        body = next((i for i, part in enumerate(segment) if part.kind in BODY), len(segment))
        end = _story_end(segment, body)
        drafts.append(Draft(parts=segment[body:end]))
        drafts[-1].meta = [part.text for part in segment[:body] if part.kind is Kind.META]
        gaps.append(segment[end:])
    if (lead := _lead_story(gaps[0])) is not None:
        drafts.insert(0, lead[0])
        gaps[:1] = [[], lead[1]]
    assign_headlines(drafts, gaps)
    for draft, below in zip(drafts, gaps[1:], strict=True):
        draft.meta += [
            part.text for part in below[:4] if part.kind is Kind.META and not date_line(part.text)
        ]
    return drafts


def _lead_story(parts: list[Part]) -> tuple[Draft, list[Part]] | None:
    """A story above the first opening of a page, and what stands between the two."""
    first = next((i for i, part in enumerate(parts) if part.kind in BODY), None)
    if first is None:
        return None
    end = _story_end(parts, first)
    if sum(len(part.text) for part in parts[first:end]) < 4 * MIN_BODY:
        return None
    draft = Draft(parts=parts[first:end])
    draft.decks = [part.text for part in parts[:first] if part.kind is Kind.HEADLINE]
    draft.meta = [part.text for part in parts[:first] if part.kind is Kind.META]
    return draft, parts[end:]


def _page_date(drafts: list[Draft], parts: list[Part]) -> str | None:
    """The date printed once for a whole page: the only one that stands outside its texts."""
    inside = {id(part) for draft in drafts for part in draft.parts}
    dates = [
        day
        for part in parts
        if id(part) not in inside and (day := date_line(part.text)) is not None
    ]
    return dates[0] if len(set(dates)) == 1 else None


def _page_outlet(parts: list[Part]) -> str | None:
    """The paper whose name stands beside the date of a page."""
    for part in parts:
        if part.kind is Kind.META and date_line(part.text) and (name := header_outlet(part.text)):
            return name
    return None
