"""What a hit covers of a question, over a table small enough to compute by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rag import evidence
from rag.question import read_question
from rag.types import Article, Hit
from tests.tables import SmallTable

TABLE = SmallTable()


def hit(text: str, title: str = "。", date: str | None = None) -> Hit:
    article = Article(id=text, title=title, text=text, path="a.txt", language="zh", date=date)
    return Hit(article, 0, len(text), text, None, 0.5, {})


def covered(question: str, *args: str, **kwargs: str) -> float:
    return evidence.coverage(read_question(question, TABLE), hit(*args, **kwargs), TABLE)


def test_a_question_found_word_for_word_is_wholly_covered() -> None:
    assert covered("碳会议决定", "会议关于碳的决定") == pytest.approx(1.0)


def test_coverage_is_the_weighted_geometric_mean() -> None:
    asked = read_question("碳学校", TABLE)
    best = evidence.matches(asked, "碳图书馆", TABLE)
    weights = asked.weights
    wanted = math.exp(float(weights @ np.log(best)) / float(weights.sum()))
    assert covered("碳学校", "碳图书馆") == pytest.approx(wanted, rel=1e-5)


def test_a_title_counts_as_part_of_its_passage() -> None:
    assert covered("碳会议", "决定", title="碳会议") == pytest.approx(1.0)


def test_another_name_number_or_office_is_a_miss() -> None:
    full = covered("北城图书馆开放", "北城图书馆开放")
    assert covered("北城图书馆开放", "南城图书馆开放") < evidence.MISS * full + 0.01
    assert covered("图书馆17开放", "图书馆18开放") < evidence.MISS + 0.01
    assert covered("学校的院长是谁", "学校图书馆开放") < evidence.MISS + 0.01


def test_a_number_may_stand_in_the_date_or_in_words() -> None:
    assert covered("图书馆2023开放", "图书馆开放", date="2023-03-01") == pytest.approx(1.0)
    assert covered("图书馆2023开放", "图书馆开放", date="2022-03-01") < evidence.MISS + 0.01
    assert covered("图书馆17开放", "图书馆开放十七天") == pytest.approx(1.0)


def test_confidence_rises_with_coverage_between_nought_and_one() -> None:
    values = [evidence.confidence(c) for c in (0.0, 0.2, 0.5, 0.9, 1.0)]
    assert values == sorted(values)
    assert 0.0 <= values[0] < 0.01 < 0.9 < values[-1] <= 1.0
