"""The score of reading on a set of documents, with floors that may only be raised.

They were written to be unlike each other by hands that did not know the rules; those in `last/`
after all rules were in place, those in `after/` after what these had taught. What is wrong is
listed by `wenbao eval --ingest tests/documents`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import rag
from rag.evaluate import IngestReport, figures

DOCUMENTS = Path(__file__).parent / "documents"
FLOORS = {
    "f1": 0.99,
    "title": 0.98,
    "date": 0.99,
    "source": 0.98,
    "authors": 0.99,
    "language": 0.99,
    "headings": 0.98,
    "page": 1.0,
    "copies": 1.0,
    "boilerplate_recall": 0.985,
    "boilerplate_precision": 0.99,
    "clean": 0.97,
    "refused": 1.0,
}


@cache
def report() -> IngestReport:
    return rag.evaluate_ingest(DOCUMENTS)


@pytest.mark.parametrize("name", FLOORS)
def test_the_score_does_not_fall(name: str) -> None:
    figure = report().total[name]
    assert figure is not None
    assert figure >= FLOORS[name]


def test_the_set_is_large_and_of_many_kinds() -> None:
    assert len(report().documents) >= 40
    assert len(report().kinds) >= 8


def test_the_documents_written_last_are_read_as_well() -> None:
    last = figures([d for d in report().documents if d.file.startswith("last/")])
    assert last["documents"] == 15
    for name, floor in {"f1": 0.98, "title": 0.98, "date": 0.95, "source": 0.98}.items():
        assert (last[name] or 0.0) >= floor, name


def test_every_file_of_the_set_is_scored() -> None:
    files = {
        str(path.relative_to(DOCUMENTS)).replace("\\", "/")
        for path in DOCUMENTS.rglob("*")
        if path.is_file() and path.name != "gold.json"
    }
    assert files == {document.file for document in report().documents}


def test_each_kind_of_document_is_read_well() -> None:
    for kind in report().kinds:
        of_kind = [document for document in report().documents if document.kind == kind]
        f1 = figures(of_kind)["f1"]
        assert f1 is not None
        assert f1 >= 0.95, kind
