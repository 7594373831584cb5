"""Sequences of small numbers, one a passage, memory-mapped: tokens for scoring, syllables for
names.

A stream is two flat arrays, `<name>.npy` and `<name>.offsets.npy`; sequence i is
`values[offsets[i]:offsets[i + 1]]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt


def write_stream(folder: Path, name: str, sequences: Sequence[npt.NDArray[np.integer]]) -> None:
    """Write the sequences in the order of passage numbers."""
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = np.concatenate(sequences) if len(sequences) else np.zeros(0)
    np.save(folder / f"{name}.npy", values.astype(np.int32))
    np.save(folder / f"{name}.offsets.npy", offsets)


@dataclass(frozen=True, slots=True)
class Ragged:
    """Some sequences laid end to end: sequence i begins at `starts[i]`; none is empty."""

    values: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


class Stream:
    """Read access to one stream."""

    def __init__(self, folder: Path, name: str) -> None:
        mapped = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        self._values = np.asarray(mapped)  # still mapped; a plain array is quicker to index
        self._offsets = np.load(folder / f"{name}.offsets.npy", allow_pickle=False)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @property
    def mean_length(self) -> float:
        """Mean length of a sequence, at least 1."""
        return max(1.0, float(self._offsets[-1]) / max(1, len(self)))

    def __getitem__(self, number: int) -> npt.NDArray[np.int32]:
        """One sequence."""
        return self._values[self._offsets[number] : self._offsets[number + 1]]

    def lengths(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """How long the sequences of some passages are."""
        found: npt.NDArray[np.int64] = self._offsets[numbers + 1] - self._offsets[numbers]
        return found

    def take(self, numbers: npt.NDArray[np.int64], filler: int) -> Ragged:
        """The sequences of some passages; an empty one is given a single `filler`."""
        begins = self._offsets[numbers]
        there = self._offsets[numbers + 1] - begins
        lengths = np.maximum(there, 1)
        starts = np.cumsum(lengths) - lengths
        if not len(self._values):
            return Ragged(np.full(len(numbers), filler, dtype=np.int32), starts, lengths)
        positions = np.repeat(begins - starts, lengths) + np.arange(lengths.sum())
        values = self._values[np.minimum(positions, len(self._values) - 1)]
        values[starts[there == 0]] = filler
        return Ragged(values, starts, lengths)


def write_terms(folder: Path, name: str, sequences: Sequence[npt.NDArray[np.integer]]) -> None:
    """Write sequences of terms as a stream of positions in their vocabulary, and which passages
    each term occurs in.
    """
    vocabulary = np.unique(np.concatenate([np.zeros(0, dtype=np.int32), *sequences]))
    local = [np.searchsorted(vocabulary, row).astype(np.int32) for row in sequences]
    owners = np.repeat(np.arange(len(local)), [len(row) for row in local])
    flat = np.concatenate([np.zeros(0, dtype=np.int32), *local])
    held = np.unique(flat.astype(np.int64) * max(1, len(local)) + owners)
    terms, passages = np.divmod(held, max(1, len(local)))
    write_stream(folder, name, local)
    np.save(folder / f"{name}.vocabulary.npy", vocabulary.astype(np.int32))
    np.save(folder / f"{name}.postings.npy", passages.astype(np.int32))
    offsets = np.searchsorted(terms, np.arange(len(vocabulary) + 1))
    np.save(folder / f"{name}.postings.offsets.npy", offsets.astype(np.int64))


class Terms(Stream):
    """A stream of terms: its numbers are positions in `vocabulary`.

    `vocabulary` holds the terms that occur in any passage, ascending, `frequencies` the number of
    passages that each occurs in.
    """

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder, name)
        self.vocabulary: npt.NDArray[np.int32] = np.load(
            folder / f"{name}.vocabulary.npy", allow_pickle=False
        )
        self._postings = Stream(folder, f"{name}.postings")
        every = self._postings.lengths(np.arange(len(self._postings)))
        self.frequencies: npt.NDArray[np.int32] = every.astype(np.int32)

    def passages(self, position: int) -> npt.NDArray[np.int32]:
        """The numbers of the passages that hold the term at this position, ascending."""
        return self._postings[position]
