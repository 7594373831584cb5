"""The picture of all articles: neighbours stay neighbours, and bars hold every date once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

import rag
from rag import landscape
from rag.landscape import Floats, Numbers, article_means, places, principal, spread, timeline
from rag.types import Bar, FloatMatrix


def clusters(groups: int, each: int, seed: int = 0) -> FloatMatrix:
    """`each` unit vectors around every one of `groups` directions that have nothing in common."""
    noise = np.random.default_rng(seed).normal(size=(groups * each, 64)) * 0.05
    centres = np.repeat(np.eye(64)[:groups], each, axis=0)
    vectors = centres + noise
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


def nearest(points: Floats | FloatMatrix) -> Numbers:
    """The number of the point nearest to each."""
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=-1)
    np.fill_diagonal(apart, np.inf)
    return np.asarray(apart.argmin(axis=1))


@pytest.mark.parametrize("each", [12, 80])  # fewer than the landmarks, and more
def test_articles_on_one_subject_lie_together(each: int) -> None:
    placed = places(clusters(8, each))
    assert placed.shape == (8 * each, 2)
    subject = np.arange(8 * each) // each
    assert (subject[nearest(placed)] == subject).mean() > 0.98


def test_neighbours_are_kept_better_than_by_the_principal_directions() -> None:
    vectors = clusters(12, 12, seed=3)
    truly = nearest(vectors)
    subject = np.arange(144) // 12
    assert (subject[truly] == subject).all()
    flat = principal(vectors.astype(np.float64))
    kept, flatly = (
        (subject[nearest(points)] == subject).mean() for points in (places(vectors), flat)
    )
    assert kept > 0.98 > flatly


def test_places_fill_the_picture_and_are_always_the_same() -> None:
    vectors = clusters(5, 9)
    placed = places(vectors)
    assert placed.min() >= 0.0
    assert placed.max() <= 1.0
    assert (placed.max(axis=0) - placed.min(axis=0)).max() == pytest.approx(1.0)
    assert np.array_equal(placed, places(vectors.copy()))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_hardly_any_articles(count: int) -> None:
    placed = places(clusters(1, count))
    assert placed.shape == (count, 2)
    assert np.isfinite(placed).all()
    if count in (1, 2):
        assert placed.tolist() == [[(i + 1) / (count + 1), 0.5] for i in range(count)]


def test_articles_that_are_all_the_same_or_empty_do_no_harm() -> None:
    assert np.isfinite(places(np.ones((30, 8), dtype=np.float32))).all()
    assert np.isfinite(places(np.zeros((30, 8), dtype=np.float32))).all()


def test_principal_directions_are_those_of_the_covariance() -> None:
    points = np.random.default_rng(1).normal(size=(40, 5)) * [1, 5, 2, 9, 0.5]
    values, directions = np.linalg.eigh(np.cov(points.T))
    found = principal(points)
    for column, direction in enumerate(directions[:, np.argsort(-values)[:2]].T):
        expected = (points - points.mean(axis=0)) @ direction
        sign = 1 if direction[np.abs(direction).argmax()] > 0 else -1
        assert found[:, column] == pytest.approx(sign * expected)


def test_an_articles_vector_is_the_sum_of_its_passages() -> None:
    vectors = np.array([[1, 0], [0, 1], [2, 2]], dtype=np.float32)
    means = article_means(vectors, np.array([0, 0, 2]), 3)
    assert means.tolist() == [[1, 1], [0, 0], [2, 2]]


def test_a_sample_is_spread_evenly_from_the_first_to_the_last() -> None:
    assert spread(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert spread(101, 5).tolist() == [0, 25, 50, 75, 100]
    assert spread(0, 5).tolist() == []


def test_of_many_articles_only_a_sample_is_placed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landscape, "MOST_PLACED", 3)
    heads = [(f"a{i}", f"title {i}", f"2024-01-0{i + 1}") for i in range(5)]
    owners = np.array([0, 0, 1, 2, 3, 4, 4])
    asked: list[list[int]] = []

    def vectors(numbers: Numbers) -> FloatMatrix:
        asked.append(numbers.tolist())
        return np.asarray(np.eye(7)[numbers], dtype=np.float32)

    picture = landscape.landscape(heads, owners, vectors)
    assert [point.article_id for point in picture.points] == ["a0", "a2", "a4"]
    assert asked == [[0, 1, 3, 5, 6]]  # their passages alone
    assert picture.sampled
    assert picture.articles == 5
    assert sum(bar.count for bar in picture.timeline) == 5  # the timeline holds all of them


def days(first: str, count: int, step: int) -> list[str]:
    start = date.fromisoformat(first)
    return [(start + timedelta(step * i)).isoformat() for i in range(count)]


@pytest.mark.parametrize(
    ("dates", "unit", "bars"),
    [
        (days("2024-01-01", 60, 1), "day", 60),
        (days("2024-01-01", 61, 1), "week", 9),
        (days("2024-01-01", 60, 7), "week", 60),
        (days("2024-01-01", 61, 7), "month", 14),
        (days("2019-01-01", 60, 30), "month", 59),
        (days("2015-01-01", 61, 60), "quarter", 40),
        (days("2000-01-01", 60, 180), "year", 30),
        (days("1800-01-01", 60, 1400), "decade", 23),
        ([], "day", 0),
    ],
)
def test_the_unit_is_the_shortest_that_needs_few_bars(
    dates: list[str], unit: str, bars: int
) -> None:
    timed, chosen = timeline(dates)
    assert (chosen, len(timed)) == (unit, bars)
    assert sum(bar.count for bar in timed) == len(dates)


def test_bars_follow_each_other_without_a_gap() -> None:
    timed, unit = timeline(["2022-11-30", "2023-02-01", None, "2023-02-28", "2020-01-15"])
    assert unit == "month"
    assert timed[0] == Bar("2020-01-01", "2020-01-31", 1)
    assert timed[1] == Bar("2020-02-01", "2020-02-29", 0)  # a leap year
    assert timed[-1] == Bar("2023-02-01", "2023-02-28", 2)
    for one, following in pairwise(timed):
        assert date.fromisoformat(one.end) + timedelta(1) == date.fromisoformat(following.start)


def test_quarters_years_and_decades_begin_where_they_do() -> None:
    quarters, _ = timeline(["2010-05-06", "2020-12-31"])
    assert (quarters[0].start, quarters[0].end) == ("2010-04-01", "2010-06-30")
    assert quarters[-1].end == "2020-12-31"
    years, _ = timeline(["1990-05-06", "2020-12-31"])
    assert (years[0].start, years[-1].end) == ("1990-01-01", "2020-12-31")
    decades, _ = timeline(["1805-05-06", "2020-12-31"])
    assert (decades[0].start, decades[0].end) == ("1800-01-01", "1809-12-31")


def test_a_date_that_is_none_is_left_out() -> None:
    assert timeline(["9999-12-31", "2024-01-01"]) == ((Bar("2024-01-01", "2024-01-01", 1),), "day")
    assert timeline(["0001-01-01"])[0] == (Bar("0001-01-01", "0001-01-01", 1),)


def test_the_sample_articles_as_a_picture(sample_index: rag.Index) -> None:
    picture = sample_index.landscape()
    assert [point.article_id for point in picture.points] == [a.id for a in sample_index.articles()]
    assert not picture.sampled
    assert (picture.articles, picture.undated, picture.unit) == (18, 4, "month")
    place = {point.title: np.array([point.x, point.y]) for point in picture.points}

    def apart(one: str, other: str) -> float:
        a, b = (next(p for title, p in place.items() if t in title) for t in (one, other))
        return float(np.linalg.norm(a - b))

    carbon = apart("龙岗区双碳", "福田区双碳")
    assert carbon < apart("龙岗区双碳", "农贸市场")
    assert carbon < apart("福田区双碳", "Night Clinic")
    values = json.loads(json.dumps(picture.to_dict()))
    assert set(values["points"][0]) == {"article_id", "title", "date", "x", "y"}
    assert values["timeline"][0] == {"start": "2022-01-01", "end": "2022-01-31", "count": 1}
    assert values["sampled"] is False
