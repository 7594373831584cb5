"""Wenbao (问报): ask a folder of news articles, in Chinese or English, and get cited quotes.

stats = rag.build_index(["articles/"], "idx")
index = rag.open_index("idx")
answer = index.ask("What did the carbon meeting decide?")
"""

from rag.engine import Index, ask, build_index, is_stale, open_index, retrieve
from rag.errors import (
    CorruptIndexError,
    EmptyCorpusError,
    InputError,
    MissingIndexError,
    ModelError,
    ModelMismatchError,
    QuestionError,
    StoredIndexError,
    WenbaoError,
)
from rag.types import (
    Answer,
    Article,
    BuildStats,
    Citation,
    Encoder,
    Gloss,
    Hit,
    IndexInfo,
    Passage,
)

__all__ = [
    "Answer",
    "Article",
    "BuildStats",
    "Citation",
    "CorruptIndexError",
    "EmptyCorpusError",
    "Encoder",
    "Gloss",
    "Hit",
    "Index",
    "IndexInfo",
    "InputError",
    "MissingIndexError",
    "ModelError",
    "ModelMismatchError",
    "Passage",
    "QuestionError",
    "StoredIndexError",
    "WenbaoError",
    "ask",
    "build_index",
    "is_stale",
    "open_index",
    "retrieve",
]
