"""The score of ingestion on eight unlike documents, with floors that may only be raised."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rag.ingest import read_articles
from rag.types import Article

DOCUMENTS = Path(__file__).parent / "documents"
FLOORS = {
    "found": 1.0,
    "title": 1.0,
    "date": 1.0,
    "source": 1.0,
    "authors": 1.0,
    "language": 1.0,
    "whole": 1.0,
    "headings": 1.0,
    "clean": 1.0,
}


@dataclass(frozen=True)
class Score:
    """Points a story got by what was asked of it, and stories that are not in the gold."""

    points: dict[str, float]
    extra: list[str]


def squeeze(text: str) -> str:
    return "".join(text.split())


def grade(article: Article | None, gold: dict[str, Any]) -> dict[str, bool]:
    if article is None:
        return dict.fromkeys(FLOORS, False)
    text = squeeze(article.text)
    accepted = [title for title in (gold["title"], *gold["title_accept"]) if title]
    return {
        "found": True,
        "title": article.title not in gold["not_title"]
        and (article.title in accepted if accepted else article.title_inferred),
        "date": article.date == gold["date"],
        "source": article.source in (gold["source"], *gold["source_accept"]),
        "authors": list(article.authors) == gold["authors"],
        "language": article.language == gold["language"],
        "whole": squeeze(gold["first_sentence"]) in text and squeeze(gold["last_sentence"]) in text,
        "headings": [heading for _, heading in article.headings] == gold["headings"],
        "clean": not any(squeeze(line) in text for line in gold["boilerplate"]),
    }


@cache
def score() -> Score:
    grades: list[dict[str, bool]] = []
    extra: list[str] = []
    for document in json.loads((DOCUMENTS / "gold.json").read_text(encoding="utf-8")):
        articles = list(read_articles([DOCUMENTS / document["file"]]).articles)
        for gold in document["stories"]:
            first = squeeze(gold["first_sentence"])
            found = next((a for a in articles if first in squeeze(a.text)), None)
            grades.append(grade(found, gold))
            articles = [article for article in articles if article is not found]
        extra += [f"{document['file']}: {article.title}" for article in articles]
    return Score({name: sum(g[name] for g in grades) / len(grades) for name in FLOORS}, extra)


@pytest.mark.parametrize("name", FLOORS)
def test_the_score_does_not_fall(name: str) -> None:
    assert score().points[name] >= FLOORS[name]


def test_furniture_forms_no_article_of_its_own() -> None:
    assert score().extra == []
