"""Which headline belongs to which story: by the words they share, then by where they stand.

Words are pairs of Chinese characters and Latin words; there is no segmenter and no model here.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from rag.ingest.draft import Draft, Part
from rag.ingest.lines import Kind

_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
_WORD = re.compile(r"[A-Za-z]{3,}|\d+")
_LEAD = 200  # characters
MIN_SHARE = 0.12  # a headline shares at least this with its story, a slogan less
BELOW_SHARE = 0.5  # what a headline printed below its story shares with it
_FULL_WEIGHT = 8  # features


def assign_headlines(drafts: list[Draft], gaps: list[list[Part]]) -> None:
    """Give the headlines in each gap to the story above or below it.

    In a gap the first ones belong above and the others below; the cut is where the words they
    share with the two texts add up to most. `gaps` are those above, between and below `drafts`.
    """
    bodies = [features(" ".join(part.text for part in draft.parts)) for draft in drafts]
    common = Counter(feature for body in bodies for feature in body)
    decks = [[part.text for part in gap if part.kind is Kind.HEADLINE] for gap in gaps]
    drafts[0].decks += decks[0]
    # Where a page begins with a text and ends with a headline, headlines stand below.
    below_first = 0.1 if drafts[0].decks or not decks[-1] else -0.2
    for number in range(1, len(drafts)):
        above, below = bodies[number - 1], bodies[number]
        titled = 0.3 if drafts[number - 1].decks else 0.0
        scores = [
            (share(text, above, common) - titled, share(text, below, common) + below_first)
            for text in decks[number]
        ]
        cut = max(
            range(len(scores) + 1),
            key=lambda at: sum(up for up, _ in scores[:at]) + sum(low for _, low in scores[at:]),
        )
        drafts[number - 1].decks += decks[number][:cut]
        drafts[number].decks += decks[number][cut:]
    if not drafts[-1].decks:
        # Below the last story stand its headline, if it has none above, and furniture.
        enough = BELOW_SHARE if below_first > 0 else MIN_SHARE
        drafts[-1].decks += [text for text in decks[-1] if share(text, bodies[-1]) >= enough]


def choose_title(decks: list[str], text: str) -> str | None:
    """Of the headlines of a story the one that says most of what its text begins with."""
    if not decks:
        return None
    lead, body = features(text[:_LEAD]), features(text)
    scores = [(share(deck, lead) + share(deck, body)) * weight(deck) for deck in decks]
    usable = [
        (score, -index)
        for index, score in enumerate(scores)
        # Words that the text does not know are a slogan, if another headline has better ones.
        if len(decks) == 1 or score >= MIN_SHARE
    ]
    best = -max(usable)[1] if usable else 0
    return decks[best].strip(" ■□◆●▲·•|｜")


def share(text: str, body: set[str], common: Counter[str] | None = None) -> float:
    """The share of a headline's features that a text has, 0..1; common ones count less."""
    weights = {found: 1 / max(1, common[found]) if common else 1.0 for found in features(text)}
    if not weights:
        return 0.0
    return sum(weights[found] for found in weights.keys() & body) / sum(weights.values())


def weight(text: str) -> float:
    """How much a headline says, up to 1: a label of two words is found in any text."""
    return min(1.0, len(features(text)) / _FULL_WEIGHT)


def features(text: str) -> set[str]:
    """Pairs of Chinese characters, and other words in lower case."""
    found = {word.lower() for word in _WORD.findall(text)}
    for run in _HAN_RUN.findall(text):
        found.update(map("".join, pairwise(run)))
    return found
