"""A token table small enough to read: a few words of each language, each with a hand-made vector.

Words that mean the same point the same way, so similarity means something; the tokenizer takes the
longest word it knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.types import FloatMatrix, TokenIds

# Each axis is a meaning; a word is a mixture of a few.
MEANINGS = (
    "carbon",
    "meeting",
    "decide",
    "school",
    "library",
    "open",
    "dean",
    "north",
    "south",
    "river",
)
WORDS: dict[str, dict[str, float]] = {
    **{meaning: {meaning: 1.0} for meaning in MEANINGS},
    "碳": {"carbon": 1.0, "river": 0.3},
    "会议": {"meeting": 1.0, "school": 0.2},
    "决定": {"decide": 1.0, "meeting": 0.3},
    "学校": {"school": 1.0, "library": 0.2},
    "图书馆": {"library": 1.0, "school": 0.3},
    "开放": {"open": 1.0, "decide": 0.2},
    "院长": {"dean": 1.0, "school": 0.3},
    "北城": {"north": 1.0, "south": 0.2},
    "南城": {"south": 1.0, "north": 0.2},
    "区": {"north": 0.1, "south": 0.1},
    "河": {"river": 1.0, "open": 0.2},
    "17": {"open": 0.5},
    "18": {"open": 0.5},
    "2023": {"open": 0.5},
    "谁": {"dean": 0.2},
    "是": {"open": 0.1},
    "的": {"open": 0.1},
    "who": {"dean": 0.2},
    "is": {"open": 0.1},
    "the": {"open": 0.1},
    "libraries": {"library": 1.0},
}
NAMES = {"北城", "南城", "north", "south"}


class SmallTable:
    """Implements `rag.types.TokenTable` over `WORDS`; row 0 is unknown."""

    name = "small"
    revision = "1"
    dim = len(MEANINGS)

    def __init__(self) -> None:
        self.tokens: Sequence[str] = ["<unk>", *WORDS]
        self._rows = {token: row for row, token in enumerate(self.tokens)}
        self._vectors = np.zeros((len(self.tokens), self.dim), dtype=np.float32)
        for token, mixture in WORDS.items():
            for meaning, share in mixture.items():
                self._vectors[self._rows[token], MEANINGS.index(meaning)] = share

    def rows(self, ids: npt.NDArray[np.int32]) -> FloatMatrix:
        return self._vectors[ids]

    def fold(self, text: str) -> str:
        return text.lower()

    @property
    def calibration(self) -> dict[str, Any]:
        fitted = {"weights": [1.0, 1.0, 0.0, 0.0, -1.0], "bias": 2.0}
        return {"same": fitted, "across": fitted, "answer_from": 0.4}

    def are_chinese(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        return np.array(["\u3400" <= self.tokens[i][0] <= "\u9fff" for i in ids], dtype=bool)

    def are_english(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        return np.array(
            [self.tokens[i].isascii() and self.tokens[i].isalpha() for i in ids], dtype=bool
        )

    def are_names(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        return np.array([self.tokens[i] in NAMES for i in ids], dtype=bool)

    def are_headwords(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        return np.array([self.tokens[i] in MEANINGS for i in ids], dtype=bool)

    def reach(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        every = np.arange(1, len(self.tokens), dtype=np.int32)
        unit = self._unit(every)
        chinese = self.are_chinese(every)
        return np.array(
            [
                max(0.0, float((unit[chinese != own] @ self._unit(np.array([i]))[0]).max()))
                for i, own in zip(ids, self.are_chinese(ids), strict=True)
            ],
            dtype=np.float32,
        )

    def tokenize_spans(self, text: str) -> list[tuple[int, int, int]]:
        found, at, lower = [], 0, text.lower()
        longest = max(map(len, WORDS))
        while at < len(text):
            for end in range(min(len(text), at + longest), at, -1):
                if lower[at:end] in self._rows:
                    found.append((self._rows[lower[at:end]], at, end))
                    at = end
                    break
            else:
                at += 1
        return found

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        return [
            np.array([row for row, _, _ in self.tokenize_spans(t)], dtype=np.int32) for t in texts
        ]

    def encode_query(self, texts: Sequence[str]) -> FloatMatrix:
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatMatrix:
        sums = np.stack([self._vectors[ids].sum(axis=0) for ids in self.tokenize(texts)])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.maximum(lengths, 1e-12), dtype=np.float32)

    def _unit(self, ids: npt.NDArray[np.int32]) -> FloatMatrix:
        rows = self._vectors[ids]
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6))
