"""Where the stories of a document begin: each gap between two stretches of text is weighed.

Cues are what stands in the gap (a dateline or byline, a line of editors, headlines), how the text
above it ends, and whether the texts above and below are about the same thing. The sum is a log
odds that a new story begins, so its distance from zero says how sure that is. Weights were set on
pages written for that purpose; the likeness of texts is the strongest single cue: within one story
9 of 10 gaps have more than 0.26, between stories 9 of 10 less than 0.23.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.ingest.credits import byline, closing_author, is_page_header, opening
from rag.ingest.dates import date_line
from rag.ingest.draft import BODY, Part
from rag.ingest.fold import fold
from rag.ingest.lines import TERMINAL, Kind, is_continuation, is_continued
from rag.ingest.topics import Topics

_LEADS_TO_TEXT = frozenset((Kind.META, Kind.LABEL))
_ENOUGH = 240  # characters of text on either side by which it is judged what it is about
_NUMBERED = re.compile(r"\(?(?:[一二三四五六七八九十]{1,3}|\d{1,2}|[①-⑳])[)、.．,]?")
# Log odds that a new story begins.
_DATELINE = 6.5
_BYLINE = 3.0
_DATE = 2.0
_EDITORS = 2.0
_END_OF_ARTICLE = -3.0  # where there is one article, what stands below its editors is none
_TAIL = -4.0  # what stands below belongs to a list of other stories
_CLOSED = 2.5  # the text above ends with the name of who wrote it
_PAGE_TOP = 1.0
_BROKEN_OFF = 5.0  # the text above goes on on another page
_LARGE = 1.5  # a headline in larger type than section headings have
_DECKS = 1.0  # several lines: a headline with its kicker or subtitle
_ORNAMENT = 1.5  # a long headline behind a star, as each story of a series has
_RULE = 1.5  # a line drawn across
_SHORT = -0.8  # a single headline as short as section headings are
_SURE_JUMP, _LIKELY_JUMP = 8.0, 1.5  # which story goes on: the only one, or one of several
_NO_HEADLINE = -2.5
_NUMBER = -2.5
_RUNS_ON = -4.0
_DECLARED = -3.0  # mark-up gives the document one title
_PAGE = 0.4
_UNCREDITED = -1.0  # the first story has credits, what mark-up makes a headline here has none
_NO_PAGE = -3.0  # nothing says that the document is a page of a paper
_UNDATELINED = -0.5  # the story above has a dateline, the text below has none
_LOOK_BACK = 20  # paragraphs
_RULE_LENGTH = 6  # characters
_SHORT_WORDS, _SHORT_CHARACTERS = 4, 8
_LARGE_SIZE = 1.15  # of running text
_ENDS = TERMINAL + ".：:”’」』）)】]》\"'"
_VERY_LIKE = 0.8  # stories of one page are no more alike
_LIKENESS_MIDDLE, _LIKENESS_SLOPE = 0.27, 12.0


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands between two stretches of text, and which story goes on below it.

    `above` is the index of the last part above; `start` that of the first one below that belongs
    to the text there (its credits included), `first` that of its first paragraph. `story` counts
    the stories of the document from 0; with `continues` the text goes on with a story from
    another page.
    """

    above: int
    start: int
    first: int
    story: int
    log_odds: float
    continues: bool = False

    @property
    def begins(self) -> bool:
        """Whether the text below is that of another story than the text above."""
        return self.log_odds > 0 or self.continues

    @property
    def confidence(self) -> float:
        """How sure the decision is, 0.5..1."""
        return 1 / (1 + math.exp(-abs(self.log_odds)))


def gaps(parts: Sequence[Part], topics: Topics, *, titled: bool) -> list[Gap]:
    """The gaps between the texts of a document, in order; the one above the first text is none.

    `titled` says that the document declares one title for all of it.
    """
    stretches = _stretches(parts)
    prior = _DECLARED if titled else _PAGE if _is_page(parts) else _NO_PAGE
    stories = [list(stretches[0])] if stretches else []
    broken_off: list[int] = []
    current = 0
    first_text = stretches[0][0] if stretches else 0
    credits_above = any(part.kind is Kind.META for part in parts[:first_text])
    found: list[Gap] = []
    for number, stretch in enumerate(stretches[1:], start=1):
        last, first = stretches[number - 1][-1], stretch[0]
        between = parts[last + 1 : first]
        if _is_broken_off(parts[last].text, between):
            broken_off.append(current)
        start = begin_of_text(parts, last + 1, first)
        before = [parts[i] for i in stories[current][-_LOOK_BACK:]]
        dated = parts[stories[current][0]].kind is Kind.OPENING
        after = _following(parts, stretches[number:])
        odds = prior + _weigh(between, before, after, topics)
        if prior < 0 and any(part.kind is Kind.EDITOR for part in between):
            odds += _END_OF_ARTICLE
        if dated and after[0].kind is not Kind.OPENING:
            odds += _UNDATELINED
        credited = after[0].kind is Kind.OPENING or any(p.kind is Kind.META for p in between)
        if credits_above and not credited and any(part.marked for part in between):
            odds += _UNCREDITED
        continues = bool(broken_off) and any(is_continuation(part.text) for part in between)
        if continues:
            odds = _SURE_JUMP if len(broken_off) == 1 else _LIKELY_JUMP
            texts = _texts(after)
            current = max(
                broken_off,
                key=lambda at: topics.likeness(
                    _texts([parts[i] for i in stories[at][-_LOOK_BACK:]]), texts
                ),
            )
            broken_off.remove(current)
        elif odds > 0:
            current = len(stories)
            stories.append([])
        stories[current] += stretch
        found.append(Gap(last, start, first, current, odds, continues))
    return found


def _is_broken_off(last: str, between: Sequence[Part]) -> bool:
    """Whether a text goes on on another page: its last words or a line below it say so."""
    bracket = "(" + fold(last[-30:]).rpartition("(")[2]
    return is_continued(bracket) or any(is_continued(part.text) for part in between)


def _is_page(parts: Sequence[Part]) -> bool:
    """Whether a document looks like a page of a paper, not like a single article."""
    datelines = sum(part.kind is Kind.OPENING for part in parts)
    lines = [part.text for part in parts if part.kind is Kind.META]
    headers = sum(is_page_header(line) for line in lines)
    return datelines > 1 or sum(map(_is_byline, lines)) > 1 or headers > 0


def _stretches(parts: Sequence[Part]) -> list[list[int]]:
    """Runs of paragraphs with nothing between them; a dateline begins a run of its own."""
    runs: list[list[int]] = []
    for index, part in enumerate(parts):
        if part.kind not in BODY:
            continue
        adjoins = bool(runs) and runs[-1][-1] == index - 1
        quoted = adjoins and fold(part.text).startswith("据")
        if adjoins and (part.kind is Kind.BODY or quoted):
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _following(parts: Sequence[Part], stretches: Sequence[Sequence[int]]) -> list[Part]:
    """The text below a gap, far enough to say what it is about.

    It does not run into the next dateline, nor into what goes on from another page.
    """
    found: list[Part] = []
    last = stretches[0][0]
    for stretch in stretches:
        jump = any(is_continuation(part.text) for part in parts[last + 1 : stretch[0]])
        if found and (jump or parts[stretch[0]].kind is Kind.OPENING):
            break
        last = stretch[-1]
        found += [parts[i] for i in stretch]
        if sum(len(part.text) for part in found) >= _ENOUGH:
            break
    return found


def _weigh(
    between: Sequence[Part], above: Sequence[Part], below: Sequence[Part], topics: Topics
) -> float:
    """The log odds that a new story begins below a gap."""
    last, first = above[-1].text.strip(), below[0]
    headlines = [part for part in between if part.kind is Kind.HEADLINE]
    lines = [part.text for part in between if part.kind is Kind.META]
    closed = closing_author(last) is not None
    quoted = fold(first.text).startswith("据") and not headlines
    dateline = first.kind is Kind.OPENING and not quoted
    odds = _DATELINE if dateline else 0.0
    odds += _BYLINE if any(map(_is_byline, lines)) else 0.0
    odds += _DATE if any(date_line(line) for line in lines) else 0.0
    odds += _EDITORS if any(part.kind is Kind.EDITOR for part in between) else 0.0
    odds += _TAIL if any(part.kind is Kind.TAIL for part in between) else 0.0
    odds += _CLOSED if closed else 0.0
    odds += _RULE if any(_is_rule(part.text) for part in between) else 0.0
    odds += _DECKS if len(headlines) > 1 else 0.0
    odds += _ORNAMENT if any(map(_has_ornament, headlines)) else 0.0
    odds += _LARGE if any(part.size >= _LARGE_SIZE for part in headlines) else 0.0
    odds += 0.0 if headlines else _NO_HEADLINE
    if len(headlines) == 1 and _is_short(headlines[0].text) and headlines[0].text[0] != "【":
        odds += _SHORT
    odds += _NUMBER if any(_NUMBERED.match(part.text) for part in headlines) else 0.0
    if _is_broken_off(last, between):
        odds += _BROKEN_OFF
    elif last[-1] not in _ENDS and not closed:
        odds += _RUNS_ON
    if odds > _LIKENESS_SLOPE * (_VERY_LIKE - _LIKENESS_MIDDLE):
        return odds  # whatever they are about
    texts, others = _texts(above[::-1]), _texts(below)
    weight = min(1.0, min(sum(map(len, texts)), sum(map(len, others))) / (_ENOUGH / 2))
    unlike = _LIKENESS_MIDDLE - topics.likeness(texts, others)
    return odds + weight * _LIKENESS_SLOPE * unlike


def begin_of_text(parts: Sequence[Part], above: int, first: int) -> int:
    """Where the credits of a text begin, at the latest with its first paragraph."""
    start = first
    for index in range(first - 1, above - 1, -1):
        if parts[index].text[0] in "（(":
            break  # the name in brackets below the text above
        if parts[index].kind in _LEADS_TO_TEXT:
            start = index
        elif parts[index].kind not in (Kind.CAPTION, Kind.FURNITURE):
            break
    return start


def _is_rule(line: str) -> bool:
    return len(line) >= _RULE_LENGTH and not any(map(str.isalnum, line))


def _has_ornament(part: Part) -> bool:
    if part.text[0] == "【":
        return part.text[-1] == "】"
    return part.text[0] in "★☆●◆■▲◎" and not _is_short(part.text[1:].strip())


def _is_short(headline: str) -> bool:
    if headline.isascii():
        return len(headline.split()) <= _SHORT_WORDS
    return len(headline) <= _SHORT_CHARACTERS


def _is_byline(line: str) -> bool:
    return byline(line) is not None or opening(line) is not None


def _texts(parts: Sequence[Part]) -> list[str]:
    """Paragraphs up to the length by which it is judged what they are about."""
    found: list[str] = []
    length = 0
    for part in parts:
        found.append(part.text)
        length += len(part.text)
        if length >= 2 * _ENOUGH:
            break
    return found
