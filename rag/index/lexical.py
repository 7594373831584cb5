"""The inverted index that proposes candidates: tantivy over the table's own tokens and over pinyin.

Tokens and syllables are stored as decimal numbers, so tantivy needs no tokenizer of its own. Its
BM25
only proposes: it cannot know expected term frequencies, so `rag.signals` scores what it finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

FOLDER = "lexical"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=True, fast=True)
    builder.add_text_field("tokens", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("syllables", tokenizer_name="whitespace", index_option="position")
    return builder.build()


def write_lexical(
    folder: Path,
    tokens: Sequence[npt.NDArray[np.integer]],
    syllables: Sequence[npt.NDArray[np.integer]],
) -> None:
    """Write each passage's token and syllable numbers, in the order of passage numbers."""
    target = folder / FOLDER
    target.mkdir()
    index = tantivy.Index(_schema(), path=str(target))
    writer = index.writer(heap_size=64_000_000, num_threads=1)
    for number, (token_row, syllable_row) in enumerate(zip(tokens, syllables, strict=True)):
        document = tantivy.Document()
        document.add_unsigned("number", number)
        document.add_text("tokens", " ".join(map(str, token_row.tolist())))
        document.add_text("syllables", " ".join(map(str, syllable_row.tolist())))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


class Lexical:
    """Search over one generation's inverted index."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder / FOLDER))
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def matching(self, weights: Sequence[tuple[int, float]], limit: int) -> list[int]:
        """Numbers of the passages that hold the weighted tokens, best first; at most `limit`."""
        clauses = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.term_query(
                        self._schema, "tokens", str(token), index_option="freq"
                    ),
                    weight,
                ),
            )
            for token, weight in weights
        ]
        if not clauses or limit < 1:
            return []
        return self._numbers(tantivy.Query.boolean_query(clauses), limit)

    def spelled(self, syllables: Sequence[int], limit: int) -> tuple[list[int], int]:
        """Passages that hold these syllables in a row, at most `limit`, and how many there are."""
        query = (
            tantivy.Query.phrase_query(self._schema, "syllables", [str(s) for s in syllables])
            if len(syllables) > 1
            else tantivy.Query.term_query(self._schema, "syllables", str(syllables[0]))
        )
        result = self._searcher.search(query, limit=limit, count=True)
        return self._of(result), int(result.count or 0)  # type: ignore[attr-defined]

    def _numbers(self, query: tantivy.Query, limit: int) -> list[int]:
        return self._of(self._searcher.search(query, limit=limit, count=False))

    def _of(self, result: tantivy.SearchResult) -> list[int]:
        return [self._searcher.doc(address)["number"][0] for _, address in result.hits]
