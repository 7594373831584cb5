"""How much two texts of one document are about the same thing, 0..1.

With the bilingual table: the cosine of the means of their token vectors, and for a headline the
share of its words that a body has or means. Without it, by words alone: pairs of Chinese
characters and Latin words. Nothing is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from rag.types import FloatMatrix, TokenTable

_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
_WORD = re.compile(r"[A-Za-z]{3,}|\d+")
_LEAD = 600  # characters: a headline says what a story begins with
_WORDS_LIKENESS = 4.0  # brings the share of common words to the range of the cosine
_ROWS, _MEANS = 256, 8192  # texts whose vectors are kept


class Topics:
    """Likeness of texts; texts that come again are not measured anew."""

    def __init__(self, table: TokenTable | None) -> None:
        self._table = table
        self._rows = lru_cache(maxsize=_ROWS)(self._measure)
        self._sum = lru_cache(maxsize=_MEANS)(lambda text: self._vectors(text).sum(axis=0))

    @property
    def by_meaning(self) -> bool:
        """Whether words that mean the same count, too; by words alone, fits are often 0."""
        return self._table is not None

    def likeness(self, above: Sequence[str], below: Sequence[str]) -> float:
        """How alike two runs of paragraphs are: parts of one story are above 0.3, most of them."""
        if self._table is None:
            first, second = features("\n".join(above)), features("\n".join(below))
            common = len(first & second) / max(1, min(len(first), len(second)))
            return min(1.0, _WORDS_LIKENESS * common)
        means = [np.sum([self._sum(text) for text in texts], axis=0) for texts in (above, below)]
        lengths = float(np.linalg.norm(means[0]) * np.linalg.norm(means[1]))
        return max(0.0, float(means[0] @ means[1]) / max(lengths, 1e-9))

    def fit(self, headline: str, body: str) -> float:
        """The share of a headline's meaning that a body has: its own headline is above 0.5.

        Each token counts by the length of its vector, with the square of its best cosine.
        """
        if self._table is None:
            words = features(headline)
            return len(words & features(body[:_LEAD])) / max(1, len(words))
        units, lengths = self._rows(headline)
        others, _ = self._rows(body[:_LEAD])
        if not len(units) or not len(others):
            return 0.0
        best = np.maximum((units @ others.T).max(axis=1), 0.0)
        return float((best**2 * lengths).sum() / lengths.sum())

    def _vectors(self, text: str) -> FloatMatrix:
        """(n, dim) the vectors of a text's tokens."""
        assert self._table is not None
        return self._table.rows(self._table.tokenize([text])[0])

    def _measure(self, text: str) -> tuple[FloatMatrix, FloatMatrix]:
        """(n, dim) unit vectors of a text's tokens that have one, and (n,) their lengths."""
        rows = self._vectors(text)
        lengths = np.linalg.norm(rows, axis=1)
        known = lengths > 0
        return rows[known] / lengths[known, None], lengths[known]


def features(text: str) -> set[str]:
    """Pairs of Chinese characters, and other words in lower case."""
    found = {word.lower() for word in _WORD.findall(text)}
    for run in _HAN_RUN.findall(text):
        found.update(map("".join, pairwise(run)))
    return found
