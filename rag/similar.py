"""Which articles tell the same story in other words, in either language.

Two stories are near in meaning when their subject is the same; that they are one event shows in
what no other story has: its names and numbers. So both must agree, and the dates must not object.
A story told twice letter by letter is one article already (`rag.ingest.duplicates`). Nothing here
reads an index.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from rag.names import SYLLABLES, read_romanised
from rag.numbers import numbers
from rag.question import FUNCTION_WORDS
from rag.text import is_han
from rag.types import Article, TokenTable

READ = {"zh": 4_000, "en": 12_000}  # characters of a text that are compared
LEAST_COSINE = {True: 0.70, False: 0.60}  # in one language, and across two
LEAST_SHARED = 0.3  # of the names and numbers
MOST_SHARED = 0.5  # from which one number, or none where there is none, will do
LEAST_NUMBERS = 2  # shared
AGREEING = 0.4  # of the fewer numbers must be among the others
MAX_DAYS = 3

_CAPITALS = re.compile(r"\b[A-Z][A-Za-zÀ-ɏ]+(?:['’][a-z]+)?(?: [A-Z][A-Za-zÀ-ɏ]+(?:['’][a-z]+)?)*")
_OPENS = re.compile(r"(?:^|[.!?:\n][\s\"“”'‘’]*|[\"“‘(])$")  # before a sentence's first word
_NO_NAMES = frozenset(
    """
        monday tuesday wednesday thursday friday saturday sunday january february march april may
        june july august september october november december mr mrs ms dr
    """.split()
)
_COUNTED = frozenset("零〇一二三四五六七八九十百千万亿两几多第半年月日号时点分个元条只次名米岁家")


@dataclass(frozen=True, slots=True)
class Facts:
    """What tells an article from others on its subject.

    `numbers` are codes (`rag.numbers`), without single digits, years and months. `names` are pairs
    of Chinese characters in names and other words that no dictionary has, or capitalised English
    words; `sounds` the same as pairs of pinyin syllables, to be looked for in the other language.
    """

    numbers: frozenset[int]
    names: frozenset[str]
    sounds: frozenset[tuple[int, int]]


def same_story(articles: Sequence[Article], table: TokenTable) -> list[tuple[Article, ...]]:
    """The articles in groups, one a story, in the order of their first articles.

    An article joins the first group with every article of which it is one story.
    """
    if not articles:
        return []
    vectors = table.encode_document([_read(article) for article in articles])
    cosines = vectors @ vectors.T
    mixed = len({article.language for article in articles}) > 1
    facts = [read_facts(article, table, sounds=mixed) for article in articles]
    groups: list[list[int]] = []
    for i, article in enumerate(articles):
        for group in groups:
            if all(
                _is_one(article, articles[j], float(cosines[i, j]), facts[i], facts[j])
                for j in group
            ):
                group.append(i)
                break
        else:
            groups.append([i])
    return [tuple(articles[i] for i in group) for group in groups]


def _is_one(a: Article, b: Article, cosine: float, first: Facts, second: Facts) -> bool:
    """Whether two articles tell one story; a sequel has the names, but not the numbers."""
    days = [date.fromisoformat(article.date) for article in (a, b) if article.date]
    if len(days) == 2 and abs((days[0] - days[1]).days) > MAX_DAYS:
        return False
    same = a.language == b.language
    share = shared_facts(first, second, across=not same)
    if cosine < LEAST_COSINE[same] or share < LEAST_SHARED:
        return False
    values = len(first.numbers & second.numbers)
    agreeing = values >= AGREEING * min(len(first.numbers), len(second.numbers))
    return agreeing and (values >= LEAST_NUMBERS or share >= MOST_SHARED)


def shared_facts(first: Facts, second: Facts, *, across: bool) -> float:
    """In 0..1: the names and numbers two articles share, by the geometric mean of their counts."""
    one, other = (
        {*facts.numbers, *(facts.sounds if across else facts.names)} for facts in (first, second)
    )
    return len(one & other) / max(math.sqrt(len(one) * len(other)), 1.0)


def read_facts(article: Article, table: TokenTable, *, sounds: bool) -> Facts:
    """The names and numbers of an article; without `sounds` it is not spelled in pinyin."""
    text = _read(article)
    places = {number.start: number for number in reversed(numbers(text))}  # a day, not its month
    values = frozenset(
        number.code
        for number in places.values()
        if not (
            number.small or (number.dated and _is_year_or_month(text[number.start : number.end]))
        )
    )
    if article.language == "zh":
        names = _rare_pairs(text, table)
        return Facts(values, names, frozenset(map(_spell, names) if sounds else ()))
    words: set[str] = set()
    spelled: set[tuple[int, int]] = set()
    for run in _CAPITALS.finditer(text):
        name = [re.sub("['’]s$", "", word) for word in run.group().split()]
        name = [word for word in name if word.lower() not in FUNCTION_WORDS | _NO_NAMES]
        if len(name) < 2 and _OPENS.search(text, max(0, run.start() - 4), run.start()):
            continue  # a sentence's first word
        words.update(word.lower() for word in name)
        readings = [read_romanised(word) for word in name]
        syllables = [one for reading in readings if reading for one in reading[0]]
        spelled.update(pairwise(syllables))
    return Facts(values, frozenset(words), frozenset(spelled))


def _is_year_or_month(dated: str) -> bool:
    return len(dated) <= 4 or dated.lower() in _NO_NAMES


def _rare_pairs(text: str, table: TokenTable) -> frozenset[str]:
    """Pairs of neighbouring characters in runs of words of one character, and in names."""
    tokens = table.tokenize_spans(text)
    named = table.are_names(np.array([row for row, _, _ in tokens], dtype=np.int32))
    pairs: set[str] = set()
    before = -1  # where the last single character ended
    for (_, start, end), is_name in zip(tokens, named, strict=True):
        word = text[start:end]
        if not is_han(word[0]) or word in FUNCTION_WORDS:
            continue
        if len(word) == 1:
            if before == start:
                pairs.add(text[start - 1 : end])
            before = end
        elif is_name:
            pairs.update(word[i : i + 2] for i in range(len(word) - 1))
    return frozenset(pair for pair in pairs if not _COUNTED & set(pair))


def _spell(pair: str) -> tuple[int, int]:
    from pypinyin import Style, lazy_pinyin

    first, second = lazy_pinyin(pair, style=Style.NORMAL, v_to_u=False)
    return SYLLABLES.get(first, 0), SYLLABLES.get(second, 0)


def _read(article: Article) -> str:
    return f"{article.title}\n{article.text[: READ[article.language]]}"
