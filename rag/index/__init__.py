"""An index generation on disk: store, dense, phrases, token streams, manifest, atomic swap.

    generation.py   writes a generation, swaps the pointer, opens and checks one
    store.py        articles and passages (SQLite)
    dense.py        passage vectors (FAISS)
    phrases.py      the inverted index of syllables, for names and numbers (tantivy)
    streams.py      each passage's token and syllable numbers, memory-mapped

Only this package and `rag.ingest` touch the disk. Nothing here scores or ranks an answer.
"""

from rag.index.generation import (
    Generation,
    Manifest,
    current_generation,
    open_generation,
    write_generation,
)

__all__ = [
    "Generation",
    "Manifest",
    "current_generation",
    "open_generation",
    "write_generation",
]
