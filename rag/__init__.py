"""Wenbao (问报): ask a folder of news articles, in Chinese or English, and get cited quotes.

stats = rag.build_index(["articles/"], "idx")
index = rag.open_index("idx")
answer = index.ask("What did the carbon meeting decide?")
"""

from typing import TYPE_CHECKING, Any

from rag.cite import STYLES, format_answer, format_conversation, references
from rag.config import LLMSettings
from rag.engine import Index, ask, build_index, is_stale, open_index, retrieve
from rag.errors import (
    BusyError,
    CorruptIndexError,
    EmptyCorpusError,
    FeedbackError,
    InputError,
    MissingIndexError,
    ModelError,
    ModelMismatchError,
    QuestionError,
    StoredIndexError,
    WenbaoError,
)
from rag.feedback import Feedback, Judged, Quoted
from rag.inspect import InspectedDocument, InspectedStory, Inspection
from rag.reading import evaluate_ingest, inspect_files
from rag.report import render_report, write_report
from rag.types import (
    DOUBTFUL_BELOW,
    SCHEMA,
    Answer,
    Article,
    Bar,
    BuildStats,
    Citation,
    Encoder,
    Explanation,
    Gloss,
    Hit,
    IndexInfo,
    Landscape,
    Passage,
    Point,
    SignalShare,
    Statement,
    Understanding,
    WordMatch,
)
from rag.uploads import Added, Library, Rebuild, Upload

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
    from rag.generate import Draft

__all__ = [
    "DOUBTFUL_BELOW",
    "SCHEMA",
    "STYLES",
    "Added",
    "Answer",
    "Article",
    "Bar",
    "Bin",
    "BuildStats",
    "BusyError",
    "Change",
    "Citation",
    "CorruptIndexError",
    "Draft",
    "EmptyCorpusError",
    "Encoder",
    "Explanation",
    "Feedback",
    "FeedbackError",
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
    "Judged",
    "LLMSettings",
    "Landscape",
    "Library",
    "MissingIndexError",
    "ModelError",
    "ModelMismatchError",
    "Part",
    "Passage",
    "Point",
    "QuestionError",
    "QuestionReport",
    "Quoted",
    "Rebuild",
    "SetReport",
    "SignalShare",
    "Statement",
    "StoredIndexError",
    "Understanding",
    "Upload",
    "WenbaoError",
    "WordMatch",
    "ask",
    "build_index",
    "evaluate_ingest",
    "evaluate_questions",
    "format_answer",
    "format_conversation",
    "inspect_files",
    "is_stale",
    "open_index",
    "references",
    "render_report",
    "retrieve",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """What measures (`rag.evaluate`) or writes (`rag.generate`) is imported when it is first used;
    asking does without.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "Draft":
        from rag.generate import Draft

        return Draft
    from rag import evaluate

    return getattr(evaluate, name)
