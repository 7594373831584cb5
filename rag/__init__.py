"""Wenbao (问报): ask a folder of news articles, in Chinese or English, and get cited quotes.

stats = rag.build_index(["articles/"], "idx")
index = rag.open_index("idx")
answer = index.ask("What did the carbon meeting decide?")
"""

from typing import TYPE_CHECKING, Any

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
from rag.inspect import InspectedDocument, InspectedStory, Inspection
from rag.reading import evaluate_ingest, inspect_files
from rag.report import write_report
from rag.types import (
    DOUBTFUL_BELOW,
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

if TYPE_CHECKING:
    from rag.evaluate import (
        Bin,
        Change,
        Figure,
        IngestReport,
        Part,
        QuestionReport,
        SetReport,
        evaluate_questions,
    )

__all__ = [
    "DOUBTFUL_BELOW",
    "Answer",
    "Article",
    "Bin",
    "BuildStats",
    "Change",
    "Citation",
    "CorruptIndexError",
    "EmptyCorpusError",
    "Encoder",
    "Figure",
    "Gloss",
    "Hit",
    "Index",
    "IndexInfo",
    "IngestReport",
    "InputError",
    "InspectedDocument",
    "InspectedStory",
    "Inspection",
    "MissingIndexError",
    "ModelError",
    "ModelMismatchError",
    "Part",
    "Passage",
    "QuestionError",
    "QuestionReport",
    "SetReport",
    "StoredIndexError",
    "WenbaoError",
    "ask",
    "build_index",
    "evaluate_ingest",
    "evaluate_questions",
    "inspect_files",
    "is_stale",
    "open_index",
    "retrieve",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """What measures (`rag.evaluate`) is imported when it is first used; asking does without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rag import evaluate

    return getattr(evaluate, name)
