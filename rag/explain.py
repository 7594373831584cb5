"""Why a passage came back: what each signal adds to its score, and which words match where.

It reads the same matches that retrieval and the answer do, and changes none of them. Nothing here
ranks, and it holds no words for a reader: a page says it in its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.evidence import context
from rag.names import BREAK, ROMANISED, SYLLABLES, read_romanised
from rag.numbers import numbers
from rag.question import Question
from rag.retrieve import FOCUS, NAMES_SHARE, SHARES
from rag.signals import look_up, token_similarity
from rag.text import is_han
from rag.types import Explanation, Hit, MatchKind, SignalShare, TokenTable, WordMatch

LEAST_SHOWN = 0.5  # similarity below which a match would only puzzle
BODY_FIRST = 0.9  # of the best match, from which one in the passage goes before one in the title

# (start, end) of a part of a question, where a text has exactly that, and what kind of match it is.
_Exact = tuple[int, int, list[tuple[int, int]], MatchKind]
_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)*")


def explain(carried: Question, hit: Hit, table: TokenTable) -> Explanation:
    """Each signal's part in a hit's score, and each informative question word's best match in it.

    Args:
        carried: the question, with what a follow-up takes over.
        hit: one of its hits.
    """
    return Explanation(signal_shares(hit), *word_matches(carried, hit, table))


def signal_shares(hit: Hit) -> tuple[SignalShare, ...]:
    """The signals in the order of their weights, the largest first.

    Names count only where the question holds one that the index knows. The hit does not say
    whether it did, its score does.
    """
    without = SHARES | {"focus": FOCUS * sum(SHARES.values())}
    named = SHARES | {"names": NAMES_SHARE}
    named |= {"focus": FOCUS * sum(named.values())}
    values = {name: float(hit.signals.get(name, 0.0)) for name in named}
    weights = min((without, named), key=lambda one: abs(_fused(one, values) - hit.score))
    total, score = sum(weights.values()), max(_fused(weights, values), 1e-9)
    return tuple(
        SignalShare(name, values[name], weight / total, weight * values[name] / total / score)
        for name, weight in sorted(weights.items(), key=lambda pair: -pair[1])
    )


def _fused(weights: dict[str, float], values: dict[str, float]) -> float:
    return sum(weight * values[name] for name, weight in weights.items()) / sum(weights.values())


def word_matches(
    question: Question, hit: Hit, table: TokenTable
) -> tuple[tuple[WordMatch, ...], tuple[str, ...]]:
    """The question's informative words that match, in its order, and those that do not.

    A name that is spelled in the other script, and a number, is one match; their parts are none.
    """
    around = f"{context(hit)}\n"
    text = f"{around}{hit.text}"
    shift = hit.start - len(around)
    found: list[tuple[int, WordMatch]] = []
    covered: list[tuple[int, int]] = []

    def add(at: int, end: int, span: tuple[int, int], similarity: float, kind: MatchKind) -> None:
        start, stop = (span[0] + shift, span[1] + shift) if span[0] >= len(around) else (None, None)
        word, match = question.text[at:end], text[slice(*span)]
        found.append((at, WordMatch(word, match, start, stop, round(similarity, 4), kind)))

    exact = [*_numbers(question, text), *_literal(question, text), *_names(question, text)]
    for at, end, spans, kind in exact:
        if not any(start < end and at < stop for start, stop in covered):
            covered.append((at, end))
            add(at, end, _in_passage(spans, len(around)), 1.0, kind)
    missing: list[tuple[int, str]] = []
    told = {one.code for one in numbers(hit.article.date or "")}
    for number in question.numbers:  # those that the text lacks
        if not any(start < number.end and number.start < stop for start, stop in covered):
            covered.append((number.start, number.end))
            if not (number.dated and number.code in told):
                missing.append((number.start, question.text[number.start : number.end]))
    tokens = table.tokenize_spans(text)
    rows = np.array([row for row, _, _ in tokens], dtype=np.int32)
    cosines = token_similarity(question, look_up(rows, table))
    behind = np.array([start >= len(around) for _, start, _ in tokens], dtype=bool)
    chinese = table.are_chinese(rows)
    for i, (at, end) in enumerate(question.spans):
        if not question.weights[i] or any(s < end and at < e for s, e in covered):
            continue
        best = _best(cosines[i], behind)
        if best is None or cosines[i, best] < LEAST_SHOWN:
            missing.append((at, question.text[at:end]))
            continue
        kind = (
            "translation"
            if chinese[best] != question.chinese[i]
            else ("number" if question.numeric[i] else "same")
            if rows[best] == question.rows[i]
            else "related"
        )
        add(at, end, tokens[best][1:], float(cosines[i, best]), kind)
    found.sort(key=lambda pair: pair[0])
    return tuple(match for _, match in found), tuple(word for _, word in sorted(missing))


def _best(cosines: npt.NDArray[np.float32], behind: npt.NDArray[np.bool_]) -> int | None:
    """The column of the best match: the first, in the passage if it is nearly as good there."""
    if not len(cosines):
        return None
    inside = np.where(behind, cosines, -1.0)
    best = int(np.argmax(cosines))
    there = int(np.argmax(inside))
    return there if inside[there] >= BODY_FIRST * cosines[best] else best


def _in_passage(spans: list[tuple[int, int]], begins: int) -> tuple[int, int]:
    """The first span in the passage, or else the first."""
    return next((span for span in spans if span[0] >= begins), spans[0])


def _numbers(question: Question, text: str) -> Iterator[_Exact]:
    """The question's numbers that the text has, however they are written there."""
    there = numbers(text) if question.numbers else []
    for number in question.numbers:
        spans = [(one.start, one.end) for one in there if one.code == number.code]
        if spans:
            yield number.start, number.end, spans, "number"


def _literal(question: Question, text: str) -> Iterator[_Exact]:
    """What may be a name and stands in the text letter for letter: one match, not its pieces."""
    for spelling in question.spellings:
        at, end = spelling.start, spelling.end
        inside = [i for i, (s, e) in enumerate(question.spans) if at <= s and e <= end]
        spans = [found.span() for found in re.finditer(re.escape(spelling.text), text, re.I)]
        says = spelling.capitalised and (
            question.language == "en" or question.weights[inside].any()
        )
        if spans and says:
            yield at, end, spans, "same"


def _names(question: Question, text: str) -> Iterator[_Exact]:
    """The question's names that the text has in the other script."""
    if not question.spellings:
        return
    units = list(_syllables(text, romanised=question.language == "zh"))
    for spelling in question.spellings:  # longest first
        for reading in spelling.readings:
            size = len(reading)
            spans = [
                (units[i][1], units[i + size - 1][2])
                for i in range(len(units) - size + 1)
                if all(syllable in units[i + j][0] for j, syllable in enumerate(reading))
            ]
            if spans:
                yield spelling.start, spelling.end, spans, "name"
                break


def _syllables(text: str, *, romanised: bool) -> Iterator[tuple[frozenset[int], int, int]]:
    """(what it may be read as, start, end) of each Chinese character of a text, or of each syllable
    of its romanised words; between runs nothing that can be read.
    """
    for run in _RUN.finditer(text):
        word, at, end = run.group(), run.start(), run.end()
        if not is_han(word[0]):
            readings = read_romanised(re.sub("['’]s$", "", word)) if romanised else ()
            for syllable in readings[0] if readings else (BREAK,):
                yield frozenset({syllable + ROMANISED} if syllable else ()), at, end
        elif not romanised:
            yield from ((_read_aloud(char), at + i, at + i + 1) for i, char in enumerate(word))
            yield frozenset(), end, end


@lru_cache(maxsize=8192)
def _read_aloud(char: str) -> frozenset[int]:
    """The syllables that a Chinese character may be read as."""
    from pypinyin import Style, pinyin

    read = pinyin(char, style=Style.NORMAL, heteronym=True, v_to_u=False)
    return frozenset(SYLLABLES[one] for one in read[0] if one in SYLLABLES)
