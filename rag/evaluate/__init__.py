"""Figures: how well documents are read, passages found, questions answered and refused.

    ingest.py       the reading of documents against a gold file
    sets.py         question sets, read from disk
    metrics.py      what one question scores
    statistics.py   what many questions score together, with intervals and a paired test
    beir.py         asks the queries of a BEIR folder
    answers.py      asks the questions of a question file
    running.py      what both share
    questions.py    which set is asked of which index
    report.py       what a run found, as values and as JSON, and its comparison with another

What counts as good enough is not decided here.
"""

from rag.evaluate.beir import ranked_articles
from rag.evaluate.ingest import (
    FIELDS,
    GOLD,
    DocumentScore,
    IngestReport,
    Mark,
    StoryScore,
    evaluate_ingest,
    figures,
    read_gold,
    score_document,
)
from rag.evaluate.metrics import ndcg, rank_scores, recall, reciprocal_rank
from rag.evaluate.questions import evaluate_questions
from rag.evaluate.report import Change, Part, QuestionReport, SetReport
from rag.evaluate.sets import BeirSet, Question, QuestionSet, read_beir, read_rows, read_set
from rag.evaluate.statistics import Bin, Figure

__all__ = [
    "FIELDS",
    "GOLD",
    "BeirSet",
    "Bin",
    "Change",
    "DocumentScore",
    "Figure",
    "IngestReport",
    "Mark",
    "Part",
    "Question",
    "QuestionReport",
    "QuestionSet",
    "SetReport",
    "StoryScore",
    "evaluate_ingest",
    "evaluate_questions",
    "figures",
    "ndcg",
    "rank_scores",
    "ranked_articles",
    "read_beir",
    "read_gold",
    "read_rows",
    "read_set",
    "recall",
    "reciprocal_rank",
    "score_document",
]
