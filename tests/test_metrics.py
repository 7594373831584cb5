"""Measures and statistics against numbers worked out by hand, a naive count, and trec_eval."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rag.evaluate.metrics import (
    cites_evidence,
    first_right_scores,
    holds_evidence,
    ndcg,
    rank_scores,
    recall,
    reciprocal_rank,
)
from rag.evaluate.statistics import (
    auroc,
    auroc_of,
    calibration_error,
    calibration_error_of,
    estimate,
    mean_of,
    ratio_of,
    reliability,
    sign_flip,
)

ONE = np.ones((1, 4))


def test_ndcg_by_hand() -> None:
    assert ndcg(["a", "b", "c"], {"b": 1}) == pytest.approx(0.63093, abs=1e-5)  # 1 / log2(3)
    # (1 + 3 / log2(3)) / (3 + 1 / log2(3))
    assert ndcg(["a", "b"], {"a": 1, "b": 3}) == pytest.approx(0.79671, abs=1e-5)
    assert ndcg(["b", "a"], {"a": 1, "b": 3}) == 1.0
    assert ndcg(["a"], {"a": 1, "z": 1}) == pytest.approx(0.61315, abs=1e-5)  # 1 / (1 + 0.63093)
    assert ndcg([*"0123456789", "a"], {"a": 1}) == 0.0  # rank 11
    assert ndcg(["a"], {"a": 0}) == 0.0


def test_recall_and_reciprocal_rank_by_hand() -> None:
    relevant = {"b": 1, "z": 2, "c": 0}
    assert [recall(["a", "b", "c"], relevant, k) for k in (1, 2, 3)] == [0.0, 0.5, 0.5]
    assert reciprocal_rank(["c", "a", "b"], relevant) == 1 / 3
    assert reciprocal_rank([*"0123456789", "b"], relevant) == 0.0
    assert recall([], relevant, 5) == reciprocal_rank([], relevant) == 0.0
    assert recall(["a"], {}, 5) == 0.0


def test_only_the_first_right_hit_of_a_question_counts() -> None:
    scores = first_right_scores([False, True, True])
    assert scores["ndcg@10"] == pytest.approx(0.63093, abs=1e-5)
    assert (scores["recall@1"], scores["recall@5"], scores["mrr@10"]) == (0.0, 1.0, 0.5)
    assert set(first_right_scores([False] * 10).values()) == {0.0}
    assert set(first_right_scores([]).values()) == {0.0}


def test_rank_measures_are_trec_evals() -> None:
    measures = pytest.importorskip("ir_measures")
    draw = random.Random(7)
    documents = [f"d{number}" for number in range(30)]
    qrels = {
        f"q{n}": {d: draw.choice([0, 1, 1, 2, 3]) for d in draw.sample(documents, 6)} | {"d0": 1}
        for n in range(40)
    }
    ranked = {query: draw.sample(documents, draw.randint(1, 25)) for query in qrels}
    run = {q: {d: 1 / (rank + 1) for rank, d in enumerate(ids)} for q, ids in ranked.items()}
    names = {
        measures.nDCG @ 10: "ndcg@10",
        measures.R @ 1: "recall@1",
        measures.R @ 5: "recall@5",
        measures.R @ 10: "recall@10",
        measures.RR @ 10: "mrr@10",
    }
    found = list(measures.iter_calc(list(names), qrels, run))
    assert len(found) == 5 * len(qrels)
    for metric in found:
        ours = rank_scores(ranked[metric.query_id], qrels[metric.query_id])
        assert ours[names[metric.measure]] == pytest.approx(metric.value), metric


@pytest.mark.parametrize(
    ("passage", "evidence", "holds"),
    [
        ("全部花费 2.3亿\n元，地下部分占了四成五。", "全部花费2.3亿元", True),
        ("全部花费２．３亿元", "全部花费2.3亿元", True),  # full width
        ("全部花费2.3亿", "全部花费2.3亿元", True),  # lies in it
        ("x1234567", "1234567890ab", True),  # 7 of 12 characters in one run
        ("x12345yz", "1234567890ab", False),  # 5 of 12
        ("12345和678", "12345678", False),  # the evidence is shorter, but not in one piece
        ("", "1", False),
        ("1", "", False),
    ],
)
def test_a_passage_holds_evidence(passage: str, evidence: str, holds: bool) -> None:
    assert holds_evidence(passage, [evidence]) is holds
    assert holds_evidence(passage, ["不在此处", evidence]) is holds


@pytest.mark.parametrize(
    ("quote", "evidence", "cites"),
    [
        ("他说，全部花费 2.3亿元。", "全部花费2.3亿元", True),
        ("全部花费２.３亿元", "老街全部花费2.3亿元", True),
        ("花费2.3亿元", "老街全部花费2.3亿元", False),  # 7 characters: too short
        ("部花费2.3亿元", "老街全部花费2.3亿元", True),  # 8
        ("2.3", "2.3", True),  # all of it
        ("全部", "", False),
    ],
)
def test_a_quote_cites_evidence(quote: str, evidence: str, cites: bool) -> None:
    assert cites_evidence(quote, [evidence]) is cites


def test_auroc_by_hand_and_by_counting_pairs() -> None:
    # 0.9 beats both, 0.5 ties with 0.5 and beats 0.1: 3.5 of 4
    positive = [True, True, False, False]
    assert auroc([0.9, 0.5, 0.5, 0.1], positive)(ONE)[0] == 0.875
    draw = np.random.default_rng(3)
    for _ in range(20):
        scores = draw.integers(0, 6, 25) / 5
        labels = draw.random(25) < 0.4
        labels[:2] = True, False
        pairs = [(p, n) for p in scores[labels] for n in scores[~labels]]
        naive = sum((p > n) + (p == n) / 2 for p, n in pairs) / len(pairs)
        assert auroc(scores, labels)(np.ones((1, 25)))[0] == pytest.approx(naive)


def test_auroc_is_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    draw = np.random.default_rng(5)
    scores, labels = draw.integers(0, 9, 200) / 8, draw.random(200) < 0.3
    weights = draw.integers(0, 4, (1, 200)).astype(float)
    expected = metrics.roc_auc_score(labels, scores, sample_weight=weights[0])
    assert auroc(scores, labels)(weights)[0] == pytest.approx(expected)


def test_weights_are_as_good_as_repeating_a_question() -> None:
    scores, labels = [0.9, 0.2, 0.6, 0.4], [True, True, False, False]
    twice = auroc([0.9, 0.2, 0.2, 0.6, 0.4], [True, True, True, False, False])
    weights = np.array([[1.0, 2, 1, 1]])
    assert auroc(scores, labels)(weights)[0] == twice(np.ones((1, 5)))[0]
    error = calibration_error(scores, labels)(weights)[0]
    repeated = calibration_error([0.9, 0.2, 0.2, 0.6, 0.4], [True, True, True, False, False])
    assert error == pytest.approx(repeated(np.ones((1, 5)))[0])


def test_pairs_of_confidences_stand_against_each_other() -> None:
    # with the articles 0.9 and 0.5, without 0.5 and 0.1
    assert auroc_of([(0.9, 0.5), (0.5, 0.1)])(np.ones((1, 2)))[0] == 0.875
    assert calibration_error_of([(0.95, 0.05)])(np.ones((1, 1)))[0] == pytest.approx(0.05)


def test_calibration_error_by_hand() -> None:
    # four bins of one: |0.05 - 0| + |0.15 - 1| + |0.95 - 1| + |0.85 - 1| = 1.1, over four
    error = calibration_error([0.05, 0.15, 0.95, 0.85], [False, True, True, True])
    assert error(ONE)[0] == pytest.approx(0.275)
    # one bin: mean confidence 0.75, half of them right
    assert calibration_error([0.72, 0.78], [True, False])(np.ones((1, 2)))[0] == pytest.approx(0.25)


def test_the_reliability_table_by_hand() -> None:
    rows = reliability([(0.95, 0.0), (0.91, 0.3)])
    assert [(row.low, row.high) for row in rows][:2] == [(0.0, 0.1), (0.1, 0.2)]
    assert [row.n for row in rows] == [1, 0, 1, 0, 0, 0, 0, 0, 0, 2]  # 0.3 is in (0.2, 0.3]
    assert rows[9].confidence == pytest.approx(0.93)
    assert rows[9].share == 1.0
    assert (rows[2].confidence, rows[2].share) == (0.3, 0.0)
    assert (rows[1].confidence, rows[1].share) == (None, None)


def test_an_interval_is_that_of_the_normal_distribution_where_that_is_known() -> None:
    figure = estimate(mean_of([0.0, 1.0] * 200), 400)
    assert (figure.value, figure.n) == (0.5, 400)
    assert figure.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert figure.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)
    assert figure == estimate(mean_of([0.0, 1.0] * 200), 400)


def test_an_interval_of_what_never_varies_is_a_point() -> None:
    figure = estimate(mean_of([0.25] * 30), 30)
    assert (figure.value, figure.low, figure.high) == (0.25, 0.25, 0.25)
    ratio = estimate(ratio_of([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]), 3)
    assert (ratio.value, ratio.low, ratio.high) == (0.5, 0.5, 0.5)


def test_an_undefined_figure_is_none() -> None:
    assert estimate(mean_of([]), 0).value is None
    assert estimate(ratio_of([0.0], [0.0]), 1).value is None
    assert estimate(auroc([0.1, 0.9], [True, True]), 2).value is None


def test_sign_flip_by_hand() -> None:
    assert sign_flip([1.0] * 3) == pytest.approx(2 / 8, abs=0.02)  # +++ and ---, of 8
    assert sign_flip([0.1] * 10) == pytest.approx(2 / 1024, abs=0.001)
    assert sign_flip([1.0, -1.0]) == 1.0
    assert sign_flip([0.0, 0.0, 0.0]) == sign_flip([]) == 1.0
    assert sign_flip([-1.0] * 10) == sign_flip([1.0] * 10)
    assert sign_flip([3.0, 1.0, 1.0]) == pytest.approx(2 / 8, abs=0.02)
