"""The inverted index that finds syllables in a row: a name as it sounds, or the code of a number.

Syllables are stored as decimal numbers in tantivy, so it needs no tokenizer of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

FOLDER = "phrases"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=True, fast=True)
    builder.add_text_field("syllables", tokenizer_name="whitespace", index_option="position")
    return builder.build()


def write_phrases(folder: Path, syllables: Sequence[npt.NDArray[np.integer]]) -> None:
    """Write each passage's syllables, in the order of passage numbers."""
    target = folder / FOLDER
    target.mkdir()
    index = tantivy.Index(_schema(), path=str(target))
    writer = index.writer(heap_size=64_000_000, num_threads=1)
    for number, row in enumerate(syllables):
        document = tantivy.Document()
        document.add_unsigned("number", number)
        document.add_text("syllables", " ".join(map(str, row.tolist())))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


class Phrases:
    """Search over one generation's syllables."""

    def __init__(self, folder: Path) -> None:
        index = tantivy.Index.open(str(folder / FOLDER))
        self._schema = index.schema
        self._searcher = index.searcher()

    def holding(self, syllables: Sequence[int], limit: int) -> tuple[list[int], int]:
        """Passages that hold these syllables in a row, at most `limit`, and how many there are."""
        query = (
            tantivy.Query.phrase_query(self._schema, "syllables", [str(s) for s in syllables])
            if len(syllables) > 1
            else tantivy.Query.term_query(self._schema, "syllables", str(syllables[0]))
        )
        result = self._searcher.search(query, limit=limit, count=True)
        numbers = [self._searcher.doc(address)["number"][0] for _, address in result.hits]
        return numbers, int(result.count or 0)  # type: ignore[attr-defined]
