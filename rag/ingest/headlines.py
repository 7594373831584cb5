"""Which headline belongs to which story of a page: by what they are about, then by their place.

Each line between two texts goes to the story that has or means its words, or to none; lines
printed together stay together unless their words say otherwise (Viterbi over the lines of a gap).
Headlines may stand above their texts, below them, or all in one place. The title is the lines of
one headline; a story's other lines are its decks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.ingest.draft import Draft, Part
from rag.ingest.lines import NOTICE_WORDS, Kind
from rag.ingest.topics import Topics

FITS = 0.45  # of a headline's meaning: its own story has more, others and slogans have less
_BELONGS = 0.27  # a kicker or subtitle that is printed together with its headline
_FAR = -0.25  # for a story that is not next to the line
_COLLECTED = -0.1  # the same at the top or the bottom of a page, where headlines are collected
_STYLE = 0.08  # for the side on which this page sets its headlines
_PART_GROUP, _PART_LINES = -0.3, -0.05  # to part what is printed together, and what is not
_AS_GOOD = 0.02  # a fit this much lower than the best is as good
_ENCLOSED = re.compile(r"【([^【】]+)】")
_AS_LARGE = 0.8  # of the largest type: two lines of one headline
MAX_STORIES = 40  # more are no page: then a headline stands next to its story
MAX_TITLE = 80  # characters
MAX_TITLE_LINES = 4
ORNAMENTS = " ■□◆●▲◇★☆·•|｜▎　"


def assign_headlines(drafts: list[Draft], gaps: list[list[Part]], topics: Topics) -> None:
    """Give the headlines of a page to its stories; `gaps` are those above, between and below."""
    bodies = ["\n".join(part.text for part in draft.parts) for draft in drafts]
    lines = [[part for part in gap if part.kind is Kind.HEADLINE] for gap in gaps]
    fits = [_fits(gap, number, bodies, topics) for number, gap in enumerate(lines)]
    style = _style(fits)
    owners: list[list[int | None]] = []
    for number, (gap, fit) in enumerate(zip(lines, fits, strict=True)):
        place = _places(number, len(bodies), style)
        owners.append(_owners(gap, fit + place[None, :] - FITS) if gap else [])
    _prefer_near(owners, fits)
    _keep_one_side(owners, fits, style)
    if len(drafts) <= MAX_STORIES:
        _serve_untitled(owners, fits, len(drafts))
    for gap, chosen, fit in zip(lines, owners, fits, strict=True):
        for part, story, values in zip(gap, chosen, fit, strict=True):
            if story is not None:
                drafts[story].decks.append(part)
                others = np.delete(values, story)
                if len(others) and values[story] >= FITS and values[story] - others.max() < 0.05:
                    drafts[story].doubts["its headline may be that of another story"] = 0.6
    for draft in drafts:
        if not draft.decks:
            draft.doubts["no headline was found for it"] = 0.65


def title_of(decks: Sequence[Part], text: str, topics: Topics) -> str | None:
    """The headline of a story: of its lines those set in the largest type, else those that are
    printed together with the one that says most of what the text is about.
    """
    if not decks:
        return None
    if len(decks) == 1:
        return bare(decks[0])
    decks = [part for part in decks if part.text[0] not in "—–-"] or decks
    largest = max(part.size for part in decks)
    decks = [part for part in decks if part.size >= _AS_LARGE * largest]
    decks = [part for part in decks if part.marked] or decks
    fits = [topics.fit(part.text, text) * min(1.0, len(part.text) / 8) for part in decks]
    best = max(range(len(decks)), key=lambda index: (round(fits[index], 2), -index))
    first = last = best
    while first and decks[first].tight and fits[first - 1] >= _BELONGS:
        first -= 1
    while last + 1 < len(decks) and decks[last + 1].tight and fits[last + 1] >= _BELONGS:
        last += 1
    while last - first >= MAX_TITLE_LINES or (
        last > first and sum(len(part.text) + 1 for part in decks[first : last + 1]) > MAX_TITLE
    ):
        first, last = (first + 1, last) if first < best else (first, last - 1)
    return " ".join(map(bare, decks[first : last + 1]))


def bare(part: Part) -> str:
    """A headline without the stars or brackets around it."""
    text = part.text.strip(ORNAMENTS)
    enclosed = _ENCLOSED.fullmatch(text)
    return enclosed[1].strip() if enclosed else text


def _fits(
    lines: Sequence[Part], gap: int, bodies: Sequence[str], topics: Topics
) -> npt.NDArray[np.float64]:
    """(lines, stories) how well each line of a gap fits each story."""
    fits = np.zeros((len(lines), len(bodies)))
    near = range(len(bodies))
    if len(bodies) > MAX_STORIES:
        near = range(max(0, gap - 1), min(len(bodies), gap + 1))
        if len(lines) == 1 and gap < len(bodies):
            fits[0, gap] = 1.0
            return fits
    for row, part in enumerate(lines):
        for story in near:
            fits[row, story] = topics.fit(part.text, bodies[story])
        if gap < len(bodies) and "".join(part.text.split()) in NOTICE_WORDS:
            fits[row, gap] = 1.0
    return fits


def _style(fits: Sequence[npt.NDArray[np.float64]]) -> float:
    """-1..1: whether the headlines of a page fit the texts below them (1) or above them (-1)."""
    below, above = 0.0, 0.0
    for number, fit in enumerate(fits):
        if len(fit) and number < fit.shape[1]:
            below += float(fit[:, number].max())
        if len(fit) and number > 0:
            above += float(fit[:, number - 1].max())
    return (below - above) / max(below, above, 1e-9)


def _places(gap: int, stories: int, style: float) -> npt.NDArray[np.float64]:
    """(stories,) what the place of a gap says for each story."""
    collected = gap in (0, stories)
    places = np.full(stories, _COLLECTED if collected else _FAR)
    if gap < stories:
        places[gap] = _STYLE * max(style, 0.0)
    if gap > 0:
        places[gap - 1] = _STYLE * max(-style, 0.0)
    return places


def _owners(lines: Sequence[Part], scores: npt.NDArray[np.float64]) -> list[int | None]:
    """For each line the story it belongs to, None for no story: the path of the highest sum."""
    table = np.hstack([scores, np.zeros((len(lines), 1))])
    best = table[0]
    back: list[npt.NDArray[np.float64]] = []
    for part, row in zip(lines[1:], table[1:], strict=True):
        parting = _PART_GROUP if part.tight else _PART_LINES
        jump = best.argmax()
        moved = best[jump] + parting
        back.append(np.where(best >= moved, np.arange(len(best)), jump))
        best = np.maximum(best, moved) + row
    path = [int(best.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    nobody = scores.shape[1]
    return [None if story == nobody else story for story in reversed(path)]


def _prefer_near(owners: list[list[int | None]], fits: list[npt.NDArray[np.float64]]) -> None:
    """A story that has a headline next to it needs none from elsewhere."""
    served = {
        owner
        for gap, chosen in enumerate(owners)
        for index, owner in enumerate(chosen)
        if owner is not None and gap in (owner, owner + 1) and fits[gap][index, owner] >= FITS
    }
    for gap, chosen in enumerate(owners):
        owners[gap] = [
            None if owner in served and gap not in (owner, owner + 1) else owner for owner in chosen
        ]


def _keep_one_side(
    owners: list[list[int | None]], fits: list[npt.NDArray[np.float64]], style: float
) -> None:
    """A story with a headline on the side where this page sets them has none on the other."""
    for story in range(len(owners) - 1):
        right, wrong = (story, story + 1) if style >= 0 else (story + 1, story)
        if any(
            owner == story and fits[right][index, story] >= FITS
            for index, owner in enumerate(owners[right])
        ):
            owners[wrong] = [None if owner == story else owner for owner in owners[wrong]]


def _serve_untitled(
    owners: list[list[int | None]], fits: list[npt.NDArray[np.float64]], stories: int
) -> None:
    """Give a story without a headline the line that fits it best, if no other needs that line."""
    for story in range(stories):
        if any(story in chosen for chosen in owners):
            continue
        candidates = [
            (float(values[story]), gap, index)
            for gap, fit in enumerate(fits)
            for index, values in enumerate(fit)
            if values[story] >= max(FITS, float(values.max()) - _AS_GOOD)
            and (
                (owner := owners[gap][index]) is None
                or sum(chosen.count(owner) for chosen in owners) > 1
            )
        ]
        # A line right beside its text may be worded freely.
        beside = [
            (float(fits[gap][index, story]), gap, index)
            for gap in (story, story + 1)
            for index, owner in enumerate(owners[gap])
            if owner is None and fits[gap][index, story] >= _BELONGS
        ]
        if candidates or beside:
            _, gap, index = max(candidates or beside)
            owners[gap][index] = story
