"""What a hit covers of a question, over a table small enough to compute by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embeddings import load_encoder
from embeddings.static import StaticTable
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


def test_a_number_elsewhere_in_the_article_counts_half() -> None:
    article = Article(id="a", title="。", text="图书馆开放。学校18", path="a.txt", language="zh")
    first = Hit(article, 0, 6, "图书馆开放。", None, 0.5, {})
    asked = read_question("图书馆18开放", TABLE)
    assert evidence.coverage(asked, first, TABLE) == pytest.approx(math.sqrt(evidence.MISS))


def test_traditional_and_simplified_questions_weigh_the_same() -> None:
    table = load_encoder("bilingual")
    assert isinstance(table, StaticTable)
    article = Article(
        id="a",
        title="龙岗区开会",
        text="龙岗区召开会议，区长王策飞出席，部署17项任务。",
        path="a.txt",
        language="zh",
    )
    hit = Hit(article, 0, len(article.text), article.text, None, 0.5, {})
    one, other = (
        evidence.measure(read_question(text, table), [hit], table)
        for text in ("龙岗区区长是谁？会议部署多少项任务？", "龍崗區區長是誰？會議部署多少項任務？")
    )
    assert one is not None
    assert other is not None
    assert one[0].tolist() == pytest.approx(other[0].tolist())


def measured(question: str, *args: str, **kwargs: str) -> list[float]:
    found = evidence.measure(read_question(question, TABLE), [hit(*args, **kwargs)], TABLE)
    assert found is not None
    return [float(value) for value in found[0]]


def test_what_stands_together_counts_more_than_what_is_scattered() -> None:
    near = measured("碳会议", "碳会议。学校。图书馆。开放。")
    far = measured("碳会议", "碳。学校。图书馆。开放。会议。")
    together = evidence.FEATURES.index("together")
    assert near[together] > far[together] + 0.1


def test_features_are_what_they_say() -> None:
    values = dict(zip(evidence.FEATURES, measured("碳会议", "碳会议。"), strict=True))
    assert values["covered"] == pytest.approx(0.0, abs=1e-5)
    assert values["weakest"] == pytest.approx(1.0)
    assert values["length"] == pytest.approx(math.log(3))
    assert values["untyped"] == 0.0
    assert evidence.measure(read_question("碳会议", TABLE), [], TABLE) is None


@pytest.mark.parametrize(
    ("asked", "holds", "lacks"),
    [
        ("When did it open?", "It opened on May 5.", "It is open."),
        ("什么时候开放？", "9月开放", "已经开放"),
        ("How many came?", "13 came", "Many came"),
        ("花了多少钱？", "耗资三千元", "很贵，有13项"),
        ("How much did it cost?", "It cost 3 million yuan", "There were 13"),
        ("Who opened it?", "Mr Li opened it", "it opened"),
        ("为什么关闭？", "因为下雨", "已经关闭"),
        ("在哪里举行？", "在大运中心举行", "已经举行"),
        ("卖了多少辆车？", "卖出186万台车", "2022年卖车的有13家"),
        ("建了多少所小学？", "新建小学二十七个", "小学在校生1.2万名"),
        ("Which district leaders went?", "区领导郑某参加", "到场看了工地"),
        ("哪些专家讲课？", "请王教授讲课", "已经开课"),
    ],
)
def test_a_kind_of_thing_that_is_asked_for_must_be_there(
    asked: str, holds: str, lacks: str
) -> None:
    assert not evidence.lacks_kind(asked, holds)
    assert evidence.lacks_kind(asked, lacks)


def test_confidence_is_the_logistic_of_the_weighted_features() -> None:
    calibration = {
        "same": {"weights": [1.0, 2.0, 0.0, 0.0, -1.0], "bias": 0.5},
        "across": {"weights": [0.0] * 5, "bias": 0.0},
    }
    features = np.array([-1.0, -0.5, 0.3, 1.0, 1.0])
    wanted = 1 / (1 + math.exp(-(-1.0 - 1.0 - 1.0 + 0.5)))
    assert evidence.confidence(features, False, calibration) == pytest.approx(wanted)
    assert evidence.confidence(features, True, calibration) == 0.5


def test_the_shipped_calibration_fits_the_features() -> None:
    table = load_encoder("bilingual")
    assert isinstance(table, StaticTable)
    calibration = table.calibration
    assert tuple(calibration["features"]) == evidence.FEATURES
    for side in ("same", "across"):
        assert len(calibration[side]["weights"]) == len(evidence.FEATURES)
        covered, together = calibration[side]["weights"][:2]
        assert covered > 0
        assert together > 0
    assert 0 < calibration["answer_from"] < 1
