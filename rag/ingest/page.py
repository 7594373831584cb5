"""Blocks of a document → its stories: where each begins and ends, its headline, date and credits.

`boundaries` says where stories begin and `headlines` which headline is whose; here the parts are
put together, continuations on another page are joined to what they continue, and furniture is
dropped by its kind and its place. Nothing is read from mark-up but what the reader passes in
`Declared`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest

from rag.ingest.boundaries import Gap, begin_of_text, gaps
from rag.ingest.credits import credit, edited_by, header_outlet, is_page_header, masthead
from rag.ingest.dates import date_line
from rag.ingest.draft import BODY, MIN_BODY, Draft, Part
from rag.ingest.fold import fold, letters
from rag.ingest.headlines import FITS, MAX_TITLE, ORNAMENTS, assign_headlines, title_of
from rag.ingest.layout import join
from rag.ingest.lines import (
    TERMINAL,
    Kind,
    is_continuation,
    is_headline,
    is_photo_credit,
    is_section_name,
    is_tail_entry,
    kind,
)
from rag.ingest.model import Block, Declared, Document, Dropped, Placed, Reading
from rag.ingest.story import finish
from rag.ingest.topics import Topics
from rag.types import TokenTable

_NUMBERED = re.compile(
    r"([一二三四五六七八九十]{1,3}[、.．])|(\d{1,2}[、.．)）])"
    r"|([(（][一二三四五六七八九十]{1,3}[)）])|([(（]\d{1,2}[)）])|([①-⑳])"
)
_SURE = 0.8  # below this, a decision about a gap is doubted
_OWN_HEADING = 0.1  # of a heading's meaning that its story has
_OWN_LINE = 0.3  # the same where no text follows it or it is in two parts, as slogans are
_SMALL_PRINT = 0.82  # of the size of running text
_PHOTO_LINE = 80  # characters
_MAX_OFFER = 100  # characters
_PHONE = re.compile(r"\b\d{3,4}-\d{3,8}\b|[Cc]all \d|(?:电话|热线|专线) ?[:：]? ?\d")
_PAID_NOTICE = re.compile(
    r"(?:公益|分类)?广告|遗失(?:声明|启事)?|(?:遗失|注销|减资|拍卖|清算|合并|转让|招租|招聘|寻人|征婚|更正)(?:公告|声明|启事)"
)
_NOTICE = re.compile(r"关于.+的(?:通知|意见|公告|通告|决定|通报|批复|函|办法|方案)$")
_ENCLOSED = re.compile(r"【[^【】]{2,10}】")
_LABELLED = re.compile(r"\S{2,6}[:：] ?\S")
_THE_END = re.compile(r"\((?:全文)?完\)$")
_DAY = re.compile(r"\d{1,2}日?")
_YEAR_MONTH = re.compile(r"(?:19|20)\d\d ?年 ?\d{1,2} ?月(?! ?\d)")
_MAX_NOTICE = 150  # characters
_ENTRY = re.compile(r"^\W*(?:\d{1,2}[、.．]|第\d+篇)?\W*|\W*(?:见?第?[A-D]?\d{1,3}版?|P\d+)?$")
_RUN_IN = re.compile(r"[（(][^（）()]{4,16}[）)]")
_BRIEF = re.compile(r"【([^【】]{2,16})】(?=\S{20,})")
_QUESTIONS = 3  # as many headings that ask make an interview
_IN_TWO = re.compile(r"[\u4e00-\u9fff”] [\u4e00-\u9fff“]")
_SECTION = 4  # paragraphs
_ROW = 40  # characters
_HEADER, _HEADER_LINE = 4, 30  # lines of a page header, characters of one
_SCRAP = 4 * MIN_BODY
_REASONS = {
    Kind.BODY: "text outside the story",
    Kind.OPENING: "text outside the story",
    Kind.HEADLINE: "headline of no story",
    Kind.META: "date or credit line",
    Kind.LABEL: "label",
    Kind.EDITOR: "line of editors",
    Kind.TAIL: "list of other stories",
    Kind.CAPTION: "caption",
    Kind.FURNITURE: "furniture of the page",
}
_ORDINAL = re.compile(r"\(?[一二三四五六七八九十\d]{1,3}[)、.．]")


def read_stories(document: Document, table: TokenTable | None = None) -> Reading:
    """The stories of a document in reading order, and what is in none of them.

    There is no story when the document has no running text. With a `table`, what words mean helps
    to tell which headline belongs to which story.
    """
    parts = _parts(document.blocks)
    if not any(part.kind in BODY for part in parts):
        # Nothing reads as sentences: what is there may still be a note worth reading.
        for part in parts:
            part.kind = Kind.BODY if part.kind is Kind.HEADLINE else part.kind
    drafts, printed, declared = _drafts(parts, document.declared, Topics(table))
    outlet = _page_outlet(parts)
    originals = [(part, part.text) for part in parts]
    lines = (part.text for part in parts if part.kind is Kind.EDITOR)
    editors = frozenset(name for line in lines for name in edited_by(line))
    for draft in drafts:
        draft.editors = editors
    finished = [(draft, finish(draft, declared, printed, outlet)) for draft in drafts]
    told = [(draft, story) for draft, story in finished if story is not None]
    blocks = list(_placed(originals, [draft for draft, _ in told]))
    return Reading(
        tuple(story for _, story in told),
        document.name,
        document.how,
        (
            *document.dropped,
            *(Dropped(b.text, b.role, b.page) for b in blocks if b.story is None),
        ),
        tuple(blocks),
    )


def _placed(originals: list[tuple[Part, str]], drafts: list[Draft]) -> Iterator[Placed]:
    """Each block as it stood, and what became of it."""
    owners = {
        id(part): number
        for number, draft in enumerate(drafts)
        for part in (*draft.parts, *draft.joined)
    }
    titled = {id(part): number for number, draft in enumerate(drafts) for part in draft.decks}
    credited = {line: number for number, draft in enumerate(drafts) for line in draft.meta}
    for part, text in originals:
        page = part.pages[0][1] if part.pages else None
        if (owner := owners.get(id(part))) is not None:
            role = "heading" if part.kind is Kind.HEADLINE else "text"
            yield Placed(text, role, owner, page)
        elif (owner := titled.get(id(part))) is not None:
            yield Placed(text, "headline", owner, page)
        elif part.kind is Kind.META and (owner := credited.get(text)) is not None:
            yield Placed(text, "metadata", owner, page)
        else:
            yield Placed(text, _REASONS[part.kind], None, page)


def _drafts(
    parts: list[Part], declared: Declared, topics: Topics
) -> tuple[list[Draft], str | None, Declared]:
    """The stories in the making, the date of their page, and what is declared of each of them."""
    if not any(part.kind in BODY for part in parts):
        return [], None, declared
    found = gaps(parts, topics, titled=declared.title is not None)
    if not any(gap.begins for gap in found):
        draft = _single(parts, declared.title, topics)
        _doubt([draft], found)
        return [draft], None, declared
    drafts = _split(parts, found, topics)
    if declared.title and drafts[0].title is None:
        drafts[0].title = declared.title
    return drafts, _page_date(drafts, parts), replace(declared, title=None, authors=())


def _doubt(drafts: list[Draft], found: list[Gap]) -> None:
    """Lower the confidence of the stories on both sides of a gap that was hard to judge."""
    above = 0
    for gap in found:
        if gap.confidence < _SURE:
            said = "may go on in its neighbour" if gap.begins else "may be two"
            for number in {above, gap.story}:
                drafts[number].doubts[f"this story {said}"] = round(gap.confidence, 2)
        above = gap.story


def _parts(blocks: Sequence[Block]) -> list[Part]:
    parts: list[Part] = []
    for block in blocks:
        text = block.text.strip()
        if not text:
            continue
        if parts and _YEAR_MONTH.match(text) and _DAY.fullmatch(parts[-1].text):
            text = f"{parts.pop().text} / {text}"  # a day set large above its month
        found = kind(text)
        if block.heading and is_headline(text):
            # What mark-up makes a heading may look like a section's name or a sentence.
            credits = found is Kind.META and (date_line(text) or credit(text))
            if (found in (Kind.BODY, Kind.META) and not credits) or is_section_name(text):
                found = Kind.HEADLINE
        elif block.item and found is Kind.HEADLINE:
            found = Kind.BODY
        if 0 < block.size <= _SMALL_PRINT and found in (*BODY, Kind.HEADLINE):
            found = Kind.FURNITURE
        marked = block.heading or (found is Kind.HEADLINE and _ENCLOSED.fullmatch(text) is not None)
        parts.append(Part(text, found, marked, block.tight, block.size, block.pages, block.item))
    parts = _split_continuations(_split_briefs(parts))
    _settle_contents(parts)
    _settle_notices(parts)
    _settle_pull_quotes(parts)
    _settle_questions(parts)
    _settle_mastheads(parts)
    _settle_captions(parts)
    _settle_signatures(parts)
    _settle_repeated(parts)
    _settle_lists(parts)
    return parts


def _split_briefs(parts: list[Part]) -> list[Part]:
    """Briefs one after another, each behind a headline in brackets, as headlines and texts."""
    leads = [_BRIEF.match(part.text) if part.kind is Kind.BODY else None for part in parts]
    result: list[Part] = []
    for index, (part, lead) in enumerate(zip(parts, leads, strict=True)):
        beside = leads[max(0, index - 1) : index] + leads[index + 1 : index + 2]
        if lead is None or not any(beside):
            result.append(part)
            continue
        headline, text = part.split(lead.end())
        headline.kind = Kind.HEADLINE
        result += [headline, text]
    return result


def _split_continuations(parts: list[Part]) -> list[Part]:
    """`（上接A1版）` in front of a paragraph as a line of its own."""
    result: list[Part] = []
    for part in parts:
        found = _RUN_IN.match(part.text) if part.kind in BODY else None
        if found is not None and is_continuation(found.group()) and found.end() < len(part.text):
            mark, text = part.split(found.end())
            mark.kind = Kind.FURNITURE
            result += [mark, text]
        else:
            result.append(part)
    return result


def _settle_contents(parts: list[Part]) -> None:
    """A line that names a headline further down is a table of contents."""
    below: set[str] = set()
    for part in reversed(parts):
        words = letters(_ENTRY.sub("", part.text)) if len(part.text) <= MAX_TITLE else ""
        if words in below and len(words) >= MIN_BODY // 2:
            part.kind = Kind.FURNITURE
        elif part.kind is Kind.HEADLINE and part.text[0] not in "·•" and words:
            below.add(words)


def _settle_notices(parts: list[Part]) -> None:
    """The lines below the heading of a paid notice are furniture, up to the next headline."""
    paid = False
    for part in parts:
        if part.kind is Kind.HEADLINE or part.kind is Kind.OPENING or part.kind is Kind.EDITOR:
            paid = _PAID_NOTICE.fullmatch(part.text.strip(ORNAMENTS)) is not None
        elif paid and part.kind is Kind.BODY and len(part.text) <= _MAX_NOTICE:
            part.kind = Kind.FURNITURE


def _settle_pull_quotes(parts: list[Part]) -> None:
    """A sentence in larger type that the text has, too, is there to draw the eye."""
    for part in parts:
        if part.size > 1 and part.kind in (Kind.BODY, Kind.HEADLINE) and len(part.text) >= MIN_BODY:
            words = letters(part.text)
            if any(
                other is not part
                and len(other.text) > len(part.text)
                and other.kind in BODY
                and words in letters(other.text)
                for other in parts
            ):
                part.kind = Kind.FURNITURE


def _settle_questions(parts: list[Part]) -> None:
    """The questions of an interview are its text, in whatever type they are set."""
    asked = [
        part
        for part in parts
        if part.kind is Kind.HEADLINE and part.text[-1] in "？?" and not _ORDINAL.match(part.text)
    ]
    if len(asked) >= _QUESTIONS:
        for part in asked:
            part.kind = Kind.BODY


def _settle_mastheads(parts: list[Part]) -> None:
    """The name of the paper on a line of its own is no headline."""
    for part in parts:
        if part.kind is Kind.HEADLINE and masthead(part.text):
            part.kind = Kind.FURNITURE


def _settle_captions(parts: list[Part]) -> None:
    """A sentence right above the name of a photographer is the caption of his picture."""
    for part, below in pairwise(parts):
        short = part.kind is Kind.BODY and len(part.text) <= _PHOTO_LINE
        if short and below.tight and is_photo_credit(below.text):
            part.kind = Kind.CAPTION


def _settle_signatures(parts: list[Part]) -> None:
    """Who issues a notice signs below its text, right above the date."""
    for index in range(1, len(parts) - 1):
        above, part, day = parts[index - 1 : index + 2]
        below = parts[index + 2].kind if index + 2 < len(parts) else None
        signed = above.kind in BODY and part.kind is Kind.HEADLINE and day.kind is Kind.META
        if signed and date_line(day.text) and below not in BODY:
            part.kind = Kind.META


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


def _single(parts: list[Part], title: str | None, topics: Topics) -> Draft:
    """A document that is one story: what stands above its text, its text, what stands below."""
    texts = [index for index, part in enumerate(parts) if part.kind in BODY]
    # Rows of a form above the headline are no text.
    told = (i for i in texts if not parts[i].item or len(parts[i].text) > _ROW)
    first = next(told, texts[0] if texts else len(parts))
    last = _story_end(parts, first)
    draft = Draft(parts=parts[first:last], title=title)
    draft.meta = [part.text for part in parts[:first] if part.kind is Kind.META]
    draft.meta += [part.text for part in parts[last : last + 6] if part.kind is Kind.META]
    above = [
        index
        for index in range(first)
        if parts[index].kind is Kind.HEADLINE and not _is_same(parts[index].text, title)
    ]
    body = "\n".join(part.text for part in draft.parts)
    kept = above
    if title is None and above:
        chosen = max(above, key=lambda at: (_headline_score(parts, at, body, topics), -at))
        decks = _printed_together(parts, above, chosen)
        draft.decks = [part for part in decks if part is parts[chosen] or part.size == 0]
        draft.title = title_of(decks, body, topics)
        kept = [index for index in above if index > chosen and parts[index] not in decks]
    elif title is None:
        draft.decks = _headline_below(parts[last:], body, topics)
        draft.title = title_of(draft.decks, body, topics)
    headings = [
        parts[index]
        for index in kept
        if parts[index].text[0] not in "—–"
        and not _LABELLED.match(parts[index].text)
        and (
            (parts[index].marked and title is not None)
            or _ORDINAL.match(parts[index].text)
            or any(part.kind is Kind.META for part in parts[kept[0] - 1 : index])
        )
    ]
    labels = [part for part in parts[:first] if part.kind is Kind.LABEL][-1:]
    draft.parts = (
        labels + headings + _without_strangers(draft.parts, topics, heading=_OWN_HEADING / 2)
    )
    return draft


def _printed_together(parts: list[Part], above: list[int], chosen: int) -> list[Part]:
    """The headline at an index and the lines of it right above and below."""
    first = last = chosen
    while parts[first].tight and first - 1 in above:
        first -= 1
    while last + 1 in above and parts[last + 1].tight:
        last += 1
    return parts[first : last + 1]


def _without_strangers(parts: list[Part], topics: Topics, *, heading: float) -> list[Part]:
    """The parts of a story without slogans and prompts between them that look like headings.

    `heading` is the share of a heading's meaning that the text below it has at least.
    """
    kept = []
    for number, (part, below) in enumerate(zip_longest(parts, parts[1:])):
        if part.kind is Kind.HEADLINE and not part.marked and not _ORDINAL.match(part.text):
            heads = below is not None and below.kind in BODY and not _IN_TWO.search(part.text)
            enough = heading if heads else _OWN_LINE
            text = _text_of(parts[number + 1 : number + 1 + _SECTION])
            if topics.by_meaning and topics.fit(part.text, text) < enough:
                part.kind = Kind.FURNITURE
                continue
        kept.append(part)
    return kept


def _is_same(text: str, title: str | None) -> bool:
    """Whether a line repeats the declared title."""
    if title is None:
        return False
    line, whole = letters(text), letters(title)
    return bool(line) and (line == whole or (len(line) > 5 and (line in whole or whole in line)))


def _headline_score(parts: list[Part], index: int, body: str, topics: Topics) -> float:
    """How likely a line above a text is its title: its words, length, credits right below."""
    text = parts[index].text
    following = next(
        (part.kind for part in parts[index + 1 :] if part.kind is not Kind.FURNITURE), None
    )
    score = topics.fit(text, body) * min(1.0, len(text) / 8)
    score += 0.3 if following is Kind.META else 0.0
    score += 0.3 if parts[index].marked else 0.0
    score += 0.6 if _NOTICE.search(text) else 0.0
    score -= 0.4 if len(text) < 7 else 0.0
    return score - (1.0 if text.startswith(("—", "–", "-")) else 0.0)


def _headline_below(parts: list[Part], body: str, topics: Topics) -> list[Part]:
    """A headline printed right below a text that has none above."""
    decks = []
    for part in parts:
        if part.kind in (Kind.EDITOR, Kind.TAIL, *BODY):
            break
        if part.kind is Kind.HEADLINE and topics.fit(part.text, body) >= FITS:
            decks.append(part)
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
        if _THE_END.search(fold(parts[index].text)):
            end = index + 1
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


def _split(parts: list[Part], found: list[Gap], topics: Topics) -> list[Draft]:
    """The stories of a page, each with its headlines."""
    start = begin_of_text(parts, 0, next(i for i, p in enumerate(parts) if p.kind in BODY))
    opened = [gap for gap in found if gap.begins]
    drafts: list[Draft] = []
    between: list[list[Part]] = [parts[:start]]
    runs = zip(
        [start, *(gap.start for gap in opened)],
        [*(gap.start for gap in opened), len(parts)],
        [0, *(gap.story for gap in opened)],
        strict=True,
    )
    for begin, end, story in runs:
        segment = parts[begin:end]
        body = next(i for i, part in enumerate(segment) if part.kind in BODY)
        last = _story_end(segment, body)
        text, rest = segment[body:last], segment[last:]
        if story == len(drafts):
            drafts.append(Draft(parts=text))
            drafts[-1].meta = [part.text for part in segment[:body] if part.kind is Kind.META]
            between.append(rest)
        else:
            _continue(drafts[story], text)
            between[-1] = _without_repeated_headline(between[-1]) + rest
    _doubt(drafts, found)
    _drop_scraps(drafts, between)
    assign_headlines(drafts, between, topics)
    for draft, below in zip(drafts, between[1:], strict=True):
        draft.meta += [
            part.text
            for number, part in enumerate(below[:4])
            if part.kind is Kind.META
            # A date right below a text is that of a notice; further down it is the next page's.
            and (not date_line(part.text) or _is_signed(below[: number + 1]))
        ]
        draft.title = title_of(draft.decks, _text_of(draft.parts), topics)
        draft.parts = _without_strangers(draft.parts, topics, heading=_OWN_HEADING)
    return [draft for draft in drafts if not _is_advertisement(draft)] or drafts


def _is_signed(parts: list[Part]) -> bool:
    """Whether a date stands below a text, with nothing between but who signs."""
    return all(part.kind is Kind.META for part in parts) and not is_page_header(parts[-1].text)


def _is_advertisement(draft: Draft) -> bool:
    """Whether a story is a paid notice; its text is then furniture of the page."""
    text = _text_of(draft.parts)
    offers = len(text) < _MAX_OFFER and _PHONE.search(text) and not draft.meta
    if not offers and not any(
        _PAID_NOTICE.fullmatch(part.text.strip(ORNAMENTS)) for part in draft.decks
    ):
        return False
    for part in draft.parts:
        part.kind = Kind.FURNITURE
    return True


def _text_of(parts: list[Part]) -> str:
    return "\n".join(part.text for part in parts)


def _continue(draft: Draft, more: list[Part]) -> None:
    """Go on with a story on another page, in the middle of a sentence if it broke off there."""
    if draft.parts and more and draft.parts[-1].text[-1:] not in TERMINAL + "”’」』）)":
        draft.joined.append(more.pop(0))
        draft.parts[-1].extend(draft.joined[-1], join)
    draft.parts += more


def _without_repeated_headline(parts: list[Part]) -> list[Part]:
    """What stands above a continuation, without the headline that is printed there again."""
    mark = next((i for i, part in enumerate(parts) if is_continuation(part.text)), len(parts))
    first = mark
    while (
        first and parts[first - 1].kind is Kind.HEADLINE and (first == mark or parts[first].tight)
    ):
        first -= 1
    return parts[:first] + parts[mark:]


def _drop_scraps(drafts: list[Draft], between: list[list[Part]]) -> None:
    """A line or two without a headline or credits is no story of its own."""
    for number in reversed(range(len(drafts))):
        draft = drafts[number]
        small = sum(len(part.text) for part in draft.parts) < _SCRAP
        if small and len(drafts) > 1 and all(part.kind is not Kind.OPENING for part in draft.parts):
            del drafts[number]
            between[number : number + 2] = [between[number] + between[number + 1]]


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
    """The paper whose name stands beside the date of a page, or on a line of its own near it."""
    dated = [
        index
        for index, part in enumerate(parts)
        if part.kind is Kind.META and date_line(part.text) is not None
    ]
    for index in dated:
        if name := header_outlet(parts[index].text):
            return name
    for index in dated:
        for part in parts[max(0, index - _HEADER) : index + _HEADER]:
            if part.kind in BODY or len(part.text) > _HEADER_LINE:
                continue
            if name := masthead(part.text) or header_outlet(part.text):
                return name
    return None
