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
Rows = npt.NDArray[np.int64]
TEMPER = 0.75
MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Side:
    """Token ids: text i is `ids[offsets[i]:offsets[i + 1]]`; equal texts have equal keys."""

    ids: Ids
    offsets: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]

    def take(self, chosen: Rows, limit: int, rng: np.random.Generator) -> tuple[Ids, Rows]:
        """At most `limit` tokens of each chosen text, and which of the chosen each belongs to.

        Of a longer text it is the beginning, or as often a stretch from inside.
        """
        starts = self.offsets[chosen]
        lengths = self.offsets[chosen + 1] - starts
        over = np.maximum(lengths - limit, 0)
        inside = rng.random(len(chosen)) < 0.5
        starts = starts + np.where(inside, (rng.random(len(chosen)) * (over + 1)).astype(int), 0)
        lengths = np.minimum(lengths, limit)
        behind = np.cumsum(lengths)
        positions = np.arange(behind[-1]) + np.repeat(starts - behind + lengths, lengths)
        return self.ids[positions], np.repeat(np.arange(len(chosen)), lengths)


@dataclass(frozen=True, slots=True)
class PairSet:
    """One kind of pairs of one source."""

    name: str
    weight: float
    first: Side
    second: Side

    def __len__(self) -> int:
        return len(self.first.keys)

    @property
    def symmetric(self) -> bool:
        """Whether either side may be asked for with the other: translations, not questions."""
        return self.name.endswith((":zh-en", ":zh-zh", ":q_en-q_zh"))


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


def sampling_weights(sets: list[PairSet]) -> npt.NDArray[np.float64]:
    """The chance of each set: its weight times its size to the power of `TEMPER`."""
    chances = np.array([s.weight * len(s) ** TEMPER for s in sets])
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
