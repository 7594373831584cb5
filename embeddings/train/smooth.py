"""After training: rows that saw little data borrow from rows that saw much.

Three steps, none of which looks at text. An inflected form moves towards its lemma. Each row moves
towards its nearest rows of either language (retrofitting, Faruqui and others 2015, with the table's
own neighbours instead of a dictionary's). And the lengths, which are the weights of the words in a
mean, are evened out: training sharpens them more than unseen texts bear.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from embeddings.train.sources import LEMMAS, read_rows

Table = npt.NDArray[np.float32]
LEMMA_SHARE = 0.4
NEIGHBOURS = 12
NEAR = 0.5  # cosine from which a row is a neighbour; its weight is what it has above that
NEIGHBOUR_SHARE = 0.3
EVENNESS = 0.6  # exponent of a row's length


def mix_lemmas(table: Table, tokenizer: Tokenizer, data: Path) -> int:
    """Pull each inflected English form towards its lemma, in place; how many rows moved."""
    vocabulary = tokenizer.get_vocab()
    lemma_of: dict[str, str] = {}
    for row in sorted(read_rows(data, LEMMAS), key=lambda row: row["count"]):
        lemma_of.update(dict.fromkeys(row["forms"], row["en"]))
    original = table.copy()
    moved = 0
    for form, lemma in lemma_of.items():
        if form in vocabulary and lemma in vocabulary and form != lemma and len(form) > 2:
            own, base = original[vocabulary[form]], original[vocabulary[lemma]]
            table[vocabulary[form]] = (1 - LEMMA_SHARE) * own + LEMMA_SHARE * base
            moved += 1
    return moved


def smooth(table: Table) -> Table:
    """(rows, dim) the table with every row moved towards its neighbours and lengths evened out.

    Row i becomes |i|^EVENNESS × ((1 - s) u_i + s Σ w_ij u_j), with unit rows u, j over the
    NEIGHBOURS nearest whose cosine c_ij exceeds NEAR, w_ij in proportion to c_ij - NEAR, summing to
    one, and s = NEIGHBOUR_SHARE, or 0 without such a neighbour.
    """
    lengths = np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)
    unit = table / lengths
    moved = unit.copy()
    every = torch.from_numpy(unit)
    for start in range(0, len(unit), 1000):
        part = unit[start : start + 1000]
        cosines = every[start : start + 1000] @ every.T
        own = torch.arange(len(part))
        cosines[own, start + own] = -1.0
        nearest = cosines.topk(min(NEIGHBOURS, len(unit) - 1), dim=1)
        weights = np.maximum(nearest.values.numpy() - NEAR, 0.0)
        total = weights.sum(axis=1, keepdims=True)
        share = NEIGHBOUR_SHARE * (total > 0)
        neighbours = unit[nearest.indices.numpy()]
        around = np.einsum("ij,ijd->id", weights / np.maximum(total, 1e-6), neighbours)
        moved[start : start + 1000] = (1 - share) * part + share * around
    result = moved * lengths**EVENNESS
    result[(table == 0).all(axis=1)] = 0.0
    return np.asarray(result, dtype=np.float32)
