"""How well a stretch of an article matches a question, token by token, and how sure that makes us.

A question is covered when each of its informative tokens finds a match. One that finds none (a
district, a number, an office the text never mentions) must pull the confidence down however well
the others do, so matches are averaged geometrically. Nothing here chooses sentences or writes an
answer.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.names import syllable_stream
from rag.question import Question
from rag.signals import look_up, token_similarity
from rag.types import Article, FloatMatrix, Hit, TokenTable

Floats = npt.NDArray[np.float32]

LEAST_MATCH = 0.05  # so that one unmatched token costs much, not everything
HALVES = 0.8  # match of a word of four characters whose halves both stand in the passage
NAMED = 0.6  # least match of a name with its own translation, across languages
FOCUSED = 0.5  # least match of the office that a question asks for, across languages
EXACT = 0.9  # and of either within one language: there it must be the word itself
MISS = 0.3  # what each name, number or office that the article lacks leaves of the coverage
# Confidence = 1 / (1 + exp(-(SLOPE · ln coverage + BIAS))), fitted on 600 questions in both
# languages with and without the passage that answers them (calibration error 0.055 there).
SLOPE, BIAS = 3.74, 2.23
_YEAR = re.compile(r"(?:19|20)\d\d")
_DIGITS = "零一二三四五六七八九"
_TENS = """
    twenty thirty forty fifty sixty seventy eighty ninety
""".split()
_TEENS = """
    ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
""".split()


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


def coverage(question: Question, hit: Hit, table: TokenTable) -> float:
    """In 0..1: the weighted geometric mean of the question tokens' matches in a hit.

    What has no near-synonym must be in the article: each name, longer number or office that the
    question holds and the article lacks leaves `MISS` of the rest; a year that an article without a
    date does not mention counts half.
    """
    read = f"{context(hit)}\n{hit.text}"
    best = matches(question, read, table)
    for i, word in enumerate(question.words):  # 政协主席 is said of 政协党组书记、主席, too
        if question.chinese[i] and len(word) == 4 and word[:2] in read and word[2:] in read:
            best[i] = max(best[i], HALVES)
    weights = question.weights.astype(np.float64)
    misses, proved = 0.0, False
    for start, end, found in _romanised_names(question, hit):
        inside = [i for i, (s, e) in enumerate(question.spans) if start <= s and e <= end]
        misses += not found and not any(best[i] >= NAMED for i in inside)
        proved |= found
        weights[inside] = 0.0
    same = question.language == hit.article.language
    elsewhere = _whole(hit.article)
    for i, word in enumerate(question.words):
        if question.numeric[i]:
            weights[i] = 0.0
            if len(word) > 1 and best[i] < 1.0 and not _has_number(hit.article, word):
                undated_year = hit.article.date is None and _YEAR.fullmatch(word)
                misses += 0.5 if undated_year else 1.0
        elif question.named[i] and weights[i] and best[i] < (EXACT if same else NAMED):
            weights[i] = 0.0
            misses += word not in elsewhere
    if same:
        misses += sum(place not in elsewhere for place in question.places)
    if question.office is not None:
        misses += not _has_office(question, hit.article, best, same)
    if not weights.any():
        return MISS**misses if proved else 0.0
    mean = float(np.exp(weights @ np.log(np.maximum(best, LEAST_MATCH)) / weights.sum()))
    return float(mean * MISS**misses)


def _has_office(question: Question, article: Article, best: Floats, same: bool) -> bool:
    """Whether an article names the office that is asked for, or, across languages, one like it."""
    office = question.office or ""
    if same:
        return office in article.text.lower()
    words = [word.lower() for word in question.words]
    return any(best[i] >= FOCUSED for i, word in enumerate(words) if word in office)


def _has_number(article: Article, digits: str) -> bool:
    """Whether an article holds a number, in digits, in words, or in its date."""
    dated = (article.date or "").replace("-0", "-").split("-")
    if digits in dated or digits in _whole(article):
        return True
    return any(spelled in article.text for spelled in _spelled_number(int(digits)))


def _spelled_number(value: int) -> list[str]:
    """10 to 99 in Chinese and English words."""
    tens, ones = divmod(value, 10)
    if not 1 <= tens <= 9:
        return []
    chinese = ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
    if tens == 1:
        return [chinese, _TEENS[ones]]
    return [chinese] if ones else [chinese, _TENS[tens - 2]]


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


def confidence(covered: float) -> float:
    """In 0..1: how likely it is that a hit with this coverage answers the question."""
    return 1.0 / (1.0 + math.exp(-(SLOPE * math.log(max(covered, 1e-6)) + BIAS)))


def _whole(article: Article) -> str:
    return f"{article.title}\n{article.text}"


def _mentions(article: Article, reading: tuple[int, ...]) -> bool:
    wanted = " " + " ".join(map(str, reading)) + " "
    return wanted in _spelled(_whole(article))


@lru_cache(maxsize=256)
def _spelled(text: str) -> str:
    return " " + " ".join(map(str, syllable_stream(text).tolist())) + " "
