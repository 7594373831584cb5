"""Question + index → hits: candidates, exact signals, fusion, collapse of repeats.

Candidates are proposed by three quick searches (near vectors, tokens that occur, names as they
sound) and then scored exactly, all by the same signals. The maths is in `rag.signals`; nothing here
decides whether a question is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from rag import signals
from rag.errors import QuestionError
from rag.index import Generation
from rag.question import Question
from rag.types import Article, FloatMatrix, Hit, Passage, TokenTable

CANDIDATES = 200  # proposed by each search
NEAREST = 30  # tokens that stand for a question token when passages are proposed
SHARES = {"dense": 1.0, "lexical": 1.2, "late": 1.5}
FOCUS = 0.625  # what the best lines of a passage add to its score of the other signals
TOGETHER = 0.2  # of that, for words that stand together as in the question
FOCUSED = 4  # best passages whose lines are compared
NAMES_SHARE = 0.25  # only where the question holds a name that the index knows
PAIRS = 0.75  # of the lexical signal, between a Chinese question and a Chinese passage
NEIGHBOUR = 0.8  # what a match in the passage before or behind counts
TIE = 3  # decimals to which equal scores say nothing of an order
_SAME = 0.9  # share of common tokens from which a passage repeats another


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may answer; ISO dates, inclusive; `source` as part of the source's name."""

    date_from: str | None = None
    date_to: str | None = None
    source: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        """Refuse a malformed date or language."""
        for name, value in (("date_from", self.date_from), ("date_to", self.date_to)):
            if value is not None and not _is_iso_date(value):
                raise QuestionError(f"{name} is {value!r}: write it as YYYY-MM-DD")
        if self.language not in (None, "zh", "en"):
            raise QuestionError(f"language is {self.language!r}: use 'zh' or 'en'")

    @property
    def active(self) -> bool:
        """Whether any filter is set."""
        return any((self.date_from, self.date_to, self.source, self.language))


def _is_iso_date(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


class Retriever:
    """Search over one open generation; safe to use from several threads."""

    def __init__(self, generation: Generation, table: TokenTable) -> None:
        self._generation = generation
        words = signals.look_up(generation.tokens.vocabulary, table)
        # laid out as the product with a question reads them
        self._vocabulary = replace(words, unit=np.asfortranarray(words.unit))

    def retrieve(
        self, question: Question, query: FloatMatrix, k: int, filters: Filters
    ) -> list[Hit]:
        """The `k` best hits, best first; `query` is the question's dense vector, (1, dim).

        Those with equal scores, to `TIE` decimals, are newest first, the undated last. Fewer than
        `k` only when fewer passages meet the filters.
        """
        generation = self._generation
        allowed = self._allowed(filters)
        if k < 1 or (allowed is not None and not len(allowed)) or not len(generation.tokens):
            return []
        question = question.telling()
        cosines = signals.token_similarity(question, self._vocabulary)
        weights = signals.translations(cosines)
        idf = signals.expected_idf(weights, generation.tokens.frequencies, len(generation.tokens))
        # a last column of noughts, for a passage without tokens
        weights, cosines = (np.pad(part, ((0, 0), (0, 1))) for part in (weights, cosines))
        names = self._names(question)
        limit = max(CANDIDATES, 4 * k)
        numbers = self._candidates(question, query, cosines, weights, idf, names, limit, allowed)
        if len(numbers) < k:  # a small index or narrow filters: all that is there
            rest = allowed if allowed is not None else np.arange(len(generation.tokens))
            numbers = np.union1d(numbers, rest[: 4 * k])
        scored = self._signals(question, query, cosines, weights, idf, names, numbers)
        shares = SHARES | ({"names": NAMES_SHARE} if names else {})
        scored["focus"] = self._focus(question, cosines, numbers, signals.fuse(scored, shares))
        fused = signals.fuse(scored, shares | {"focus": FOCUS * sum(shares.values())})
        order = np.argsort(-fused, kind="stable")
        chosen = self._distinct(numbers, order, k)
        passages = generation.store.passages([int(numbers[i]) for i in chosen])
        hits = [
            _hit(
                article, passage, float(fused[i]), {name: float(v[i]) for name, v in scored.items()}
            )
            for i, (article, passage) in zip(chosen, passages, strict=True)
        ]
        hits.sort(key=lambda hit: hit.article.date or "", reverse=True)
        return sorted(hits, key=lambda hit: round(hit.score, TIE), reverse=True)

    def _allowed(self, filters: Filters) -> npt.NDArray[np.int64] | None:
        if not filters.active:
            return None
        return np.array(
            self._generation.store.matching_passages(
                filters.date_from, filters.date_to, filters.source, filters.language
            ),
            dtype=np.int64,
        )

    def _names(self, question: Question) -> list[tuple[tuple[int, ...], float, list[int]]]:
        """(syllables, idf, some passages) of each name in the question that the index knows."""
        total = len(self._generation.syllables)
        known: list[tuple[tuple[int, ...], float, list[int]]] = []
        covered: list[str] = []
        for spelling in question.spellings:  # longest first
            if any(spelling.text in longer for longer in covered):
                continue
            for reading in spelling.readings:
                found, count = self._generation.phrases.holding(reading, CANDIDATES // 2)
                if count:
                    known.append((reading, _idf(total, count), found))
                    covered.append(spelling.text)
                    break
        for number in question.numbers:
            if number.small or number.dated:  # a year is told by tokens, and by the article's date
                continue
            found, count = self._generation.phrases.holding((number.code,), CANDIDATES // 2)
            if count:
                known.append(((number.code,), _idf(total, count), found))
        return known

    def _candidates(
        self,
        question: Question,
        query: FloatMatrix,
        cosines: FloatMatrix,
        weights: FloatMatrix,
        idf: npt.NDArray[np.float32],
        names: Iterable[tuple[tuple[int, ...], float, list[int]]],
        limit: int,
        allowed: npt.NDArray[np.int64] | None,
    ) -> npt.NDArray[np.int64]:
        """Passage numbers worth exact scoring, ascending."""
        generation = self._generation
        near = generation.dense.nearest(query, min(limit, len(generation.tokens)), allowed)
        estimate = self._estimate(question, cosines, weights, idf)
        if allowed is not None:
            estimate = estimate[allowed]
        count = min(limit, len(estimate))
        best = np.argpartition(-estimate, count - 1)[:count]
        found = [near, best if allowed is None else allowed[best]]
        for *_, passages in names:
            part = np.array(passages, dtype=np.int64)
            found.append(part if allowed is None else part[np.isin(part, allowed)])
        return np.unique(np.concatenate(found))

    def _estimate(
        self,
        question: Question,
        cosines: FloatMatrix,
        weights: FloatMatrix,
        idf: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.float32]:
        """(n_passages,) about what the lexical and the late signal will be, from which tokens occur
        in a passage, not how often: each question token counts by its best one.
        """
        terms = self._generation.tokens
        late = SHARES["late"] * question.weights / max(float(question.weights.sum()), 1e-9)
        lexical = SHARES["lexical"] * idf / max(float(idf.sum()), 1e-9)
        total = np.zeros(len(terms), dtype=np.float32)
        count = min(NEAREST, cosines.shape[1])
        for token, similar in enumerate(cosines):
            near = np.argpartition(-similar, count - 1)[:count]
            near = near[similar[near] > signals.FLOOR]
            once = weights[token, near] / (weights[token, near] + signals.K1)  # BM25 at tf = weight
            gains = late[token] * np.square(similar[near]) + lexical[token] * once
            signals.estimate(gains, near, terms.passages, total)
        return total

    def _signals(
        self,
        question: Question,
        query: FloatMatrix,
        cosines: FloatMatrix,
        weights: FloatMatrix,
        idf: npt.NDArray[np.float32],
        names: Sequence[tuple[tuple[int, ...], float, list[int]]],
        numbers: npt.NDArray[np.int64],
    ) -> dict[str, npt.NDArray[np.float32]]:
        """Each signal of the candidates, in 0..1."""
        generation = self._generation
        tokens = generation.tokens.take(numbers, filler=len(generation.tokens.vocabulary))
        lexical = signals.expected_bm25(
            weights,
            idf,
            tokens.values,
            tokens.starts,
            tokens.lengths,
            generation.tokens.mean_length,
        )
        ceiling = max(float(idf.sum()) * (signals.K1 + 1), 1e-9)
        best = signals.best_matches(cosines, tokens.values, tokens.starts)
        beside = self._neighbours(numbers)
        for there, neighbour in beside:
            around = NEIGHBOUR * best[:, neighbour]
            best[:, there] = np.maximum(best[:, there], around)
        spelled = np.zeros(len(numbers), dtype=np.float32)
        if names:
            stream = generation.syllables.take(numbers, filler=0)
            total = sum(idf for _, idf, _ in names)
            for reading, name_idf, _ in names:
                holds = _holds(stream.values, stream.starts, reading)
                for there, neighbour in beside:
                    holds[there] = np.maximum(holds[there], NEIGHBOUR * holds[neighbour])
                spelled += np.float32(name_idf / total) * holds
        return {
            "dense": signals.above(
                generation.dense.similarities(query, numbers), generation.manifest.background
            ),
            "lexical": self._with_pairs(question, numbers, np.minimum(lexical / ceiling, 1.0)),
            "late": signals.late_interaction(best, question.weights),
            "names": spelled,
        }

    def _focus(
        self,
        question: Question,
        cosines: FloatMatrix,
        numbers: npt.NDArray[np.int64],
        fused: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.float32]:
        """How well the best lines of the `FOCUSED` best candidates match; the others, which are not
        read, count as the least of them, so that none passes them.
        """
        top = np.argsort(-fused, kind="stable")[:FOCUSED]
        terms = self._generation.tokens
        tokens = terms.take(numbers[top], filler=len(terms.vocabulary))
        lines = signals.focus(
            cosines, tokens.values, tokens.starts, tokens.lengths, question.weights
        )
        beside = signals.neighbours(cosines, tokens.values, tokens.starts, question.weights)
        best = (1 - TOGETHER) * lines + TOGETHER * beside
        found = np.full_like(fused, best.min())
        found[top] = best
        return found

    def _with_pairs(
        self, question: Question, numbers: npt.NDArray[np.int64], words: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """The lexical signal, to which pairs of characters add where both sides are Chinese."""
        terms = self._generation.pairs
        if question.language != "zh" or not len(question.pairs):
            return words
        pairs = terms.take(numbers, filler=len(terms.vocabulary))
        found = signals.pair_bm25(
            question.pairs,
            terms.vocabulary,
            terms.frequencies,
            len(terms),
            pairs.values,
            pairs.starts,
            pairs.lengths,
            terms.mean_length,
        )
        chinese = pairs.lengths * 2 > self._generation.tokens.lengths(numbers)
        return np.where(chinese, (1 - PAIRS) * words + PAIRS * found, words)

    def _neighbours(
        self, numbers: npt.NDArray[np.int64]
    ) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Positions of candidates, and of those just before, or just behind, in their article."""
        owners = self._generation.owners[numbers]
        follows = (np.diff(numbers) == 1) & (np.diff(owners) == 0)
        first = np.flatnonzero(follows)
        return [(first + 1, first), (first, first + 1)]

    def _distinct(
        self, numbers: npt.NDArray[np.int64], order: npt.NDArray[np.int64], k: int
    ) -> list[int]:
        """Positions of the `k` best that repeat no better one; repeats only fill what is left."""
        chosen: list[int] = []
        repeats: list[int] = []
        seen: list[set[int]] = []
        for position in order:
            if len(chosen) == k:
                break
            tokens = set(
                self._generation.tokens.take(numbers[position : position + 1], -1).values.tolist()
            )
            if any(_repeats(tokens, other) for other in seen):
                repeats.append(int(position))
            else:
                chosen.append(int(position))
                seen.append(tokens)
        filled = sorted(chosen + repeats[: k - len(chosen)], key=order.tolist().index)
        return filled


def _idf(passages: int, count: int) -> float:
    """Inverse document frequency of what `count` passages hold, at least 0.05."""
    return max(float(np.log1p((passages - count + 0.5) / (count + 0.5))), 0.05)


def _repeats(one: set[int], other: set[int]) -> bool:
    """Whether two passages share nearly all their tokens."""
    few, many = sorted((len(one), len(other)))
    return few >= _SAME * many and len(one & other) >= _SAME * len(one | other)


def _holds(
    values: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], reading: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    """(n_passages,) 1 where the syllables stand in a row; a passage's stream ends with a break."""
    windows = max(0, len(values) - len(reading) + 1)
    hit = np.zeros(len(values), dtype=np.float32)
    matched = np.ones(windows, dtype=bool)
    for offset, syllable in enumerate(reading):
        matched &= values[offset : offset + windows] == syllable
    hit[:windows] = matched
    return np.maximum.reduceat(hit, starts)


def _hit(article: Article, passage: Passage, score: float, values: dict[str, float]) -> Hit:
    return Hit(article, passage.start, passage.end, passage.text, passage.heading, score, values)
