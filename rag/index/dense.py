"""Passage vectors in FAISS: exact inner product over unit vectors, so higher is better.

The similarity is the cosine, in -1..1; a distance never leaves this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from rag.types import FloatMatrix

FILE = "dense.faiss"


def write_dense(folder: Path, vectors: FloatMatrix) -> None:
    """Write (n_passages, dim) float32 unit vectors, in the order of passage numbers."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    faiss.write_index(index, str(folder / FILE))


class Dense:
    """Search over one generation's vectors."""

    def __init__(self, folder: Path) -> None:
        self._index = faiss.read_index(str(folder / FILE))
        self.dim = int(self._index.d)

    def nearest(
        self, query: FloatMatrix, limit: int, allowed: npt.NDArray[np.int64] | None = None
    ) -> npt.NDArray[np.int64]:
        """Numbers of the passages nearest to `query` (1, dim), best first; at most `limit`."""
        if allowed is None:
            _, numbers = self._index.search(query, limit)
        else:
            among = faiss.IDSelectorBatch(allowed)
            selector = faiss.SearchParameters(sel=among)  # type: ignore[call-arg]
            _, numbers = self._index.search(query, limit, params=selector)
        found: npt.NDArray[np.int64] = numbers[0]
        return found[found >= 0]

    def similarities(
        self, query: FloatMatrix, numbers: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """Cosine of `query` (1, dim) with each passage asked for, (n,) float32."""
        cosines: npt.NDArray[np.float32] = self.vectors(numbers) @ query[0]
        return cosines

    def vectors(self, numbers: Sequence[int] | npt.NDArray[np.int64]) -> FloatMatrix:
        """The stored vectors of some passages, (n, dim) float32."""
        wanted = np.asarray(numbers, dtype=np.int64)
        if not len(wanted):
            return np.zeros((0, self.dim), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(wanted), dtype=np.float32)
