"""How well hits match a question, token by token, and how sure that makes us of an answer.

A question is covered when each of its informative tokens finds a match, in one place. One that
finds none (a district, a number, an office the text never mentions) must pull the confidence down
however well the others do, so matches are averaged geometrically. What the confidence is made of
is a handful of features; their weights are fitted by `benchmarks/calibrate.py` and stored with the
model. Nothing here chooses sentences or writes an answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rag import cues
from rag.names import syllable_stream
from rag.numbers import numbers
from rag.question import Question
from rag.signals import look_up, token_similarity
from rag.text import sentence_spans
from rag.types import Article, FloatMatrix, Hit, TokenTable

Floats = npt.NDArray[np.float32]

FEATURES = ("covered", "together", "weakest", "length", "untyped")
LOOKED_AT = 3  # best hits whose evidence is weighed
LEAST_MATCH = 0.05  # so that one unmatched token costs much, not everything
HALVES = 0.8  # match of a word of four characters whose halves both stand in the passage
NAMED = 0.6  # least match of a name with its own translation, across languages
EXACT = 0.9  # and within one language: there it must be the word itself
MISS = 0.1  # what each name, number or office that the article lacks leaves of the coverage


def token_matches(
    question: Question, text: str, table: TokenTable
) -> tuple[FloatMatrix, npt.NDArray[np.int64]]:
    """(n_tokens, m) how like its tokens are to the m tokens of a text, and where those start."""
    spans = table.tokenize_spans(text)
    tokens = look_up(np.array([row for row, _, _ in spans], dtype=np.int32), table)
    starts = np.array([start for _, start, _ in spans], dtype=np.int64)
    return token_similarity(question, tokens), starts


def matches(question: Question, text: str, table: TokenTable) -> Floats:
    """(n_tokens,) in 0..1: the best cosine of each question token among the tokens of a text."""
    return best_match(token_matches(question, text, table)[0])


def best_match(cosines: FloatMatrix) -> Floats:
    """(n_tokens,) the largest cosine in each row, 0 where there are no columns."""
    if not cosines.shape[1]:
        return np.zeros(len(cosines), dtype=np.float32)
    return np.asarray(cosines.max(axis=1), dtype=np.float32)


def context(hit: Hit) -> str:
    """What a passage is read with: its article's title and its section's heading."""
    return "\n".join(filter(None, (hit.article.title, hit.heading)))


def measure(
    question: Question, hits: Sequence[Hit], table: TokenTable
) -> tuple[npt.NDArray[np.float64], bool] | None:
    """The evidence of the hit that matches best: (n_features,), and whether it is in the other
    language; None without hits.

    The features are `FEATURES`: how much of the question the hit covers (ln of `coverage`), how
    much of it stands together in two neighbouring sentences (ln of the best weighted geometric
    mean there, title and heading read with it), the worst matched token, the number of informative
    tokens (ln(1 + n)), and 1 if what kind of thing is asked for is not in those two sentences.
    """
    found: list[tuple[float, npt.NDArray[np.float64], bool]] = []
    for hit in hits[:LOOKED_AT]:
        covered = math.log(max(coverage(question, hit, table), 1e-4))
        together, span, best = _together(question, hit, table)
        speaking = question.weights > 0
        features = np.array(
            [
                covered,
                together,
                float(best[speaking].min()) if speaking.any() else 0.0,
                math.log1p(int(speaking.sum())),
                float(lacks_kind(question.text, span)),
            ]
        )
        found.append((covered + together, features, question.language != hit.article.language))
    if not found:
        return None
    _, features, across = max(found, key=lambda one: one[0])
    return features, across


def lacks_kind(asked: str, span: str) -> bool:
    """Whether a question asks for a kind of thing, such as a time, that a text does not hold."""
    kinds = [(name, holds) for name, asks, holds in cues.KINDS if asks.search(asked)]
    if any(name == "money" for name, _ in kinds):
        kinds = [kind for kind in kinds if kind[0] != "number"]
    return any(not holds.search(span) for _, holds in kinds) or cues.lacks_measure(asked, span)


def _together(question: Question, hit: Hit, table: TokenTable) -> tuple[float, str, Floats]:
    """ln of the best match in two neighbouring sentences, their text, and each token's best match
    in the whole hit.
    """
    around = context(hit)
    cosines, starts = token_matches(question, f"{around}\n{hit.text}", table)
    starts = starts - len(around) - 1
    named = best_match(cosines[:, starts < 0])
    weights = question.weights.astype(np.float64)
    total = max(float(weights.sum()), 1e-9)
    spans = sentence_spans(hit.text) or [(0, len(hit.text))]
    best, where = -math.inf, spans[0]
    for i, (start, _) in enumerate(spans):
        end = spans[min(i + 1, len(spans) - 1)][1]
        matched = best_match(cosines[:, (starts >= start) & (starts < end)])
        mean = float(weights @ np.log(np.maximum(np.maximum(matched, named), LEAST_MATCH))) / total
        if mean > best:
            best, where = mean, (start, end)
    if not weights.any():
        best = math.log(LEAST_MATCH)
    return best, hit.text[where[0] : where[1]], best_match(cosines)


def confidence(
    features: npt.NDArray[np.float64], across: bool, calibration: Mapping[str, Any]
) -> float:
    """In 0..1: how likely it is that the hit answers, by logistic regression on the features."""
    fitted = calibration["across" if across else "same"]
    logit = float(np.dot(fitted["weights"], features)) + float(fitted["bias"])
    return 1.0 / (1.0 + math.exp(-logit))


def coverage(question: Question, hit: Hit, table: TokenTable) -> float:
    """In 0..1: the weighted geometric mean of the question tokens' matches in a hit.

    What has no near-synonym must be in the article: each name, number or office that the question
    holds and the article lacks leaves `MISS` of the rest. A number that the article has, but not
    the hit, counts half, as does a year that an article without a date does not mention.
    """
    read = table.fold(f"{context(hit)}\n{hit.text}")
    best = matches(question, read, table)
    for i, word in enumerate(question.words):  # 政协主席 is said of 政协党组书记、主席, too
        if question.chinese[i] and len(word) == 4 and word[:2] in read and word[2:] in read:
            best[i] = max(best[i], HALVES)
    weights = question.weights.astype(np.float64)
    weights[question.numeric] = 0.0
    misses, proved = _missing_numbers(question, hit), False
    for start, end, found in _romanised_names(question, hit):
        inside = [i for i, (s, e) in enumerate(question.spans) if start <= s and e <= end]
        misses += not found and not any(best[i] >= NAMED for i in inside)
        proved |= found
        weights[inside] = 0.0
    same = question.language == hit.article.language
    elsewhere = table.fold(_whole(hit.article))
    for i, word in enumerate(question.words):
        if question.named[i] and weights[i] and best[i] < (EXACT if same else NAMED):
            weights[i] = 0.0
            misses += word not in elsewhere
    if same:
        misses += sum(place not in elsewhere for place in question.places)
    if question.office is not None:
        misses += not any(office in elsewhere for office in cues.offices(question.office))
    if not weights.any():
        return MISS**misses if proved else 0.0
    mean = float(np.exp(weights @ np.log(np.maximum(best, LEAST_MATCH)) / weights.sum()))
    return float(mean * MISS**misses)


def _missing_numbers(question: Question, hit: Hit) -> float:
    """How many of the question's numbers the hit lacks; single digits are not looked for."""
    misses = 0.0
    for number in question.numbers:
        if number.small or number.code in _codes(f"{context(hit)}\n{hit.text}"):
            continue
        article = hit.article
        if number.code in _codes(_whole(article)) or number.code in _codes(article.date or ""):
            misses += 0.0 if number.dated else 0.5
        elif article.date is None and number.dated:
            misses += 0.5
        else:
            misses += 1.0
    return misses


@lru_cache(maxsize=512)
def _codes(text: str) -> frozenset[int]:
    return frozenset(number.code for number in numbers(text))


def _romanised_names(question: Question, hit: Hit) -> list[tuple[int, int, bool]]:
    """(start, end, whether the article has it) of the names in a question; longer ones first.

    A word in small letters is taken for a name only if the article has it. Chinese names need no
    second script here: their characters are tokens.
    """
    if question.language == "zh":
        return []
    names: list[tuple[int, int, bool]] = []
    unknown: list[tuple[int, int, bool]] = []
    read = _whole(hit.article).lower()
    for spelling in question.spellings:
        if any(start <= spelling.start and spelling.end <= end for start, end, _ in names):
            continue
        if spelling.text.lower() in read or any(
            _mentions(hit.article, reading) for reading in spelling.readings
        ):
            names.append((spelling.start, spelling.end, True))
        elif spelling.capitalised and " " not in spelling.text:
            unknown.append((spelling.start, spelling.end, False))
    return names + unknown


def _whole(article: Article) -> str:
    return f"{article.title}\n{article.text}"


def _mentions(article: Article, reading: tuple[int, ...]) -> bool:
    wanted = " " + " ".join(map(str, reading)) + " "
    return wanted in _spelled(_whole(article))


@lru_cache(maxsize=256)
def _spelled(text: str) -> str:
    return " " + " ".join(map(str, syllable_stream(text).tolist())) + " "
