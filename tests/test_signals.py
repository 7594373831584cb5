"""The signals against loops that spell their formulas out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import signals
from rag.question import read_question
from tests.tables import SmallTable

TABLE = SmallTable()


def similarity(question: str, *words: str) -> np.ndarray:
    rows = np.array([TABLE.tokens.index(word) for word in words], dtype=np.int32)
    return signals.token_similarity(read_question(question, TABLE), signals.look_up(rows, TABLE))


def test_a_token_is_wholly_similar_to_itself_and_a_good_translation_nearly() -> None:
    (row,) = similarity("carbon", "carbon", "碳", "会议")
    assert row[0] == 1.0
    assert row[1] == pytest.approx(signals.ACROSS)
    assert row[2] < 0.2


def test_a_number_is_similar_to_itself_alone() -> None:
    (row,) = similarity("17", "17", "18", "2023", "开放")
    assert row.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_an_estimate_counts_the_best_token_of_a_passage_once() -> None:
    holding = {3: [0, 1], 5: [1, 2], 8: [1]}
    out = np.full(4, 0.5, dtype=np.float32)
    signals.estimate(
        np.array([0.2, 0.6, 0.4], dtype=np.float32),
        np.array([3, 5, 8]),
        lambda position: np.array(holding[position], dtype=np.int32),
        out,
    )
    assert out == pytest.approx([0.7, 1.1, 1.1, 0.5])


def test_translations_are_a_softmax_over_the_nearest_above_the_floor() -> None:
    cosines = np.array([[0.9, 0.5, 0.2], [0.1, 0.1, 0.1]], dtype=np.float32)
    weights = signals.translations(cosines)
    high, low = math.exp(signals.SHARPNESS * 0.9), math.exp(signals.SHARPNESS * 0.5)
    assert weights[0] == pytest.approx([high / (high + low), low / (high + low), 0.0], rel=1e-5)
    assert weights[1].tolist() == [0.0, 0.0, 0.0]


def test_only_so_many_translations_are_kept() -> None:
    weights = signals.translations(np.full((1, 50), 0.8, dtype=np.float32))
    assert (weights > 0).sum() == signals.TRANSLATIONS
    assert weights.sum() == pytest.approx(1.0)


def naive_bm25(
    weights: np.ndarray, frequencies: np.ndarray, passages: list[list[int]], mean_length: float
) -> list[float]:
    scores = []
    for passage in passages:
        score = 0.0
        for row in weights:
            df = sum(row[t] * frequencies[t] for t in range(len(row)))
            if not row.any():
                continue
            idf = math.log(1 + (len(passages) - df + 0.5) / (df + 0.5))
            tf = sum(row[t] for t in passage)
            norm = signals.K1 * (1 - signals.B + signals.B * len(passage) / mean_length)
            score += idf * tf * (signals.K1 + 1) / (tf + norm)
        scores.append(score)
    return scores


@given(
    passages=st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=9), min_size=1, max_size=6),
    cosines=st.lists(
        st.lists(st.floats(0, 1, width=32), min_size=5, max_size=5), min_size=1, max_size=4
    ),
)
def test_expected_bm25_is_the_naive_formula(
    passages: list[list[int]], cosines: list[list[float]]
) -> None:
    weights = signals.translations(np.array(cosines, dtype=np.float32))
    frequencies = np.array([sum(t in p for p in passages) for t in range(5)], dtype=np.int32)
    lengths = np.array([len(p) for p in passages])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    values = np.array([t for p in passages for t in p], dtype=np.int32)
    idf = signals.expected_idf(weights, frequencies, len(passages))
    found = signals.expected_bm25(weights, idf, values, starts, lengths, float(lengths.mean()))
    wanted = naive_bm25(weights, frequencies, passages, float(lengths.mean()))
    assert found.tolist() == pytest.approx(wanted, rel=1e-3, abs=1e-3)


def test_a_token_of_one_language_is_plain_bm25() -> None:
    weights = np.array([[1.0, 0.0, 0.0]], dtype=np.float32)
    idf = signals.expected_idf(weights, np.array([1, 2, 2], dtype=np.int32), 4)
    assert idf[0] == pytest.approx(math.log(1 + 3.5 / 1.5))


def test_late_interaction_is_the_weighted_mean_of_squared_best_matches() -> None:
    cosines = np.array([[0.9, 0.1, 0.4], [0.2, 0.6, 0.3]], dtype=np.float32)
    values, starts = np.array([0, 1, 2], dtype=np.int32), np.array([0, 2])
    best = signals.best_matches(cosines, values, starts)
    assert best.tolist() == [pytest.approx([0.9, 0.4]), pytest.approx([0.6, 0.3])]
    late = signals.late_interaction(best, np.array([3.0, 1.0], dtype=np.float32))
    assert late.tolist() == pytest.approx([(3 * 0.81 + 0.36) / 4, (3 * 0.16 + 0.09) / 4])


def test_focus_counts_what_few_windows_say() -> None:
    # two passages of one short window each: the first token is in both, the second in one
    cosines = np.array([[1.0, 0.0, 1.0], [0.0, 0.5, 0.0]], dtype=np.float32)
    values = np.array([0, 1, 2], dtype=np.int32)
    starts, lengths = np.array([0, 2]), np.array([2, 1])
    weights = np.array([1.0, 1.0], dtype=np.float32)
    common, rare = math.log(1 + 0.5 / 2.5), math.log(1 + 2.25 / 0.75)
    found = signals.focus(cosines, values, starts, lengths, weights)
    assert found.tolist() == pytest.approx(
        [(common + rare * 0.25) / (common + rare), common / (common + rare)]
    )


def test_focus_reads_half_overlapping_windows() -> None:
    # 80 tokens; two matches 20 apart stand in one window where they are at 16 and 36
    size = 80
    for places, together in (((16, 36), True), ((10, 60), False)):
        values = np.zeros(size, dtype=np.int32)
        values[list(places)] = [1, 2]
        cosines = np.array([[0, 1, 0, 0], [0, 0, 1, 0]], dtype=np.float32)
        found = signals.focus(
            cosines, values, np.array([0]), np.array([size]), np.ones(2, dtype=np.float32)
        )
        assert bool(found[0] > 0.99) == together


def test_words_that_stand_together_find_such_words() -> None:
    near, apart, turned, split = [1, 0, 0, 2, 0], [1, 0, 0, 0, 2], [2, 1, 0], [0, 1]
    passages = [near, apart, turned, split, [2, 0]]  # the last two meet at a border alone
    values = np.concatenate([np.array(p, dtype=np.int32) for p in passages])
    starts = np.array([0, 5, 10, 13, 15])
    cosines = np.array([[0, 0.8, -1], [0, 0.3, 1], [0.5, 0, 0]], dtype=np.float32)
    weights = np.array([4.0, 1.0, 0.0], dtype=np.float32)  # the second pair counts nought
    found = signals.neighbours(cosines, values, starts, weights)
    assert found == pytest.approx([0.8, 0.0, 0.8, 0.0, 0.0])
    # two pairs, shares 2 and 3: with the token at 0 beside, 0.5 of the best of the second
    weights = np.array([4.0, 1.0, 9.0], dtype=np.float32)
    found = signals.neighbours(cosines, values, starts, weights)
    assert found[0] == pytest.approx((2 * 0.8 + 3 * 0.5) / 5)
    alone = signals.neighbours(cosines[:1], values, starts, weights[:1])
    assert alone.tolist() == [0.0] * 5


def test_fusion_is_a_weighted_mean_in_nought_to_one() -> None:
    values = {
        "dense": np.array([0.5, 2.0], dtype=np.float32),
        "late": np.array([1.0, 2.0], dtype=np.float32),
    }
    assert signals.fuse(values, {"dense": 1.0, "late": 3.0}).tolist() == [0.875, 1.0]


def test_pair_bm25_is_the_textbook_formula_as_a_share_of_its_most() -> None:
    vocabulary = np.array([10, 20, 30], dtype=np.int32)
    frequencies = np.array([2, 1, 1], dtype=np.int32)
    passages = [[0, 0, 1], [0, 2], [3]]  # the last is empty, with a filler
    values = np.concatenate([np.array(p, dtype=np.int32) for p in passages])
    starts, lengths = np.array([0, 3, 5]), np.array([3, 2, 1])
    asked = np.array([10, 20, 99], dtype=np.int32)
    found = signals.pair_bm25(asked, vocabulary, frequencies, 3, values, starts, lengths, 2.0)
    idf = [math.log(1 + (3 - df + 0.5) / (df + 0.5)) for df in (2, 1, 0)]
    most = sum(idf) * (signals.K1 + 1)

    def gain(tf: int, length: int) -> float:
        saturation = signals.K1 * (1 - signals.B + signals.B * length / 2.0)
        return tf * (signals.K1 + 1) / (tf + saturation)

    wanted = [
        (idf[0] * gain(2, 3) + idf[1] * gain(1, 3)) / most,
        idf[0] * gain(1, 2) / most,
        0.0,
    ]
    assert found == pytest.approx(wanted, rel=1e-5)
    nothing = np.zeros(0, dtype=np.int32)
    none = signals.pair_bm25(nothing, vocabulary, frequencies, 3, values, starts, lengths, 2.0)
    assert none.tolist() == [0.0, 0.0, 0.0]


def test_only_what_lies_above_the_background_tells() -> None:
    cosines = np.array([0.4, 0.7, 1.0, 0.1], dtype=np.float32)
    assert signals.above(cosines, 0.4) == pytest.approx([0.0, 0.5, 1.0, 0.0])
