"""Tokenised training pairs, and batches of them drawn from one source at a time.

Texts become flat arrays of token ids with offsets. A batch never mixes sources, so that a pair
cannot
be told from its negatives by domain alone; sources are drawn by rows to the power of 0.75 times
their
weight. Texts that stand twice in a batch are reported, so that the loss can leave them out as
negatives.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from embeddings.train.sources import SOURCES, read_pairs

Ids = npt.NDArray[np.int32]
TEMPER = 0.75
MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Side:
    """Token ids: text i is `ids[offsets[i]:offsets[i + 1]]`; equal texts have equal keys."""

    ids: Ids
    offsets: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]

    def row(self, i: int, limit: int, rng: np.random.Generator) -> Ids:
        """At most `limit` tokens of text i: its beginning, or often a stretch from inside."""
        start, end = int(self.offsets[i]), int(self.offsets[i + 1])
        if end - start > limit and rng.random() < 0.5:
            start += int(rng.integers(0, end - start - limit + 1))
        return self.ids[start : min(end, start + limit)]


@dataclass(frozen=True, slots=True)
class PairSet:
    """One kind of pairs of one source."""

    name: str
    weight: float
    first: Side
    second: Side

    def __len__(self) -> int:
        return len(self.first.keys)


def load_pairs(data: Path, tokenizer: Tokenizer) -> list[PairSet]:
    """Every kind of pairs of every source; pairs without tokens on a side are left out."""
    sets = []
    for source in SOURCES:
        for kind, pairs in sorted(read_pairs(data, source).items()):
            first = _tokenize(tokenizer, [a for a, _ in pairs])
            second = _tokenize(tokenizer, [b for _, b in pairs])
            keep = [i for i in range(len(pairs)) if len(first[i]) and len(second[i])]
            sets.append(
                PairSet(
                    f"{source.file}:{kind}",
                    source.weight,
                    _side([first[i] for i in keep]),
                    _side([second[i] for i in keep]),
                )
            )
    return sets


def sampling_weights(
    sets: list[PairSet], factors: dict[str, float] | None = None
) -> npt.NDArray[np.float64]:
    """The chance of each set; `factors` multiplies sets whose name begins with a key."""
    chances = np.array([s.weight * len(s) ** TEMPER for s in sets])
    for prefix, factor in (factors or {}).items():
        chances *= [factor if s.name.startswith(prefix) else 1.0 for s in sets]
    return np.asarray(chances / chances.sum())


def _tokenize(tokenizer: Tokenizer, texts: list[str]) -> list[Ids]:
    rows: list[Ids] = []
    for start in range(0, len(texts), 20_000):
        for encoding in tokenizer.encode_batch_fast(texts[start : start + 20_000]):
            ids = np.array(encoding.ids, dtype=np.int32)
            rows.append(ids[ids > 0][:MAX_TOKENS])
    return rows


def _side(rows: list[Ids]) -> Side:
    lengths = np.array([0, *(len(row) for row in rows)])
    keys = [int.from_bytes(hashlib.blake2b(r.tobytes(), digest_size=7).digest()) for r in rows]
    return Side(np.concatenate(rows), np.cumsum(lengths), np.array(keys, dtype=np.int64))
