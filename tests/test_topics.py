"""Likeness of texts and fit of headlines: by meaning with a table, by words without one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from embeddings import load_encoder
from embeddings.static import StaticTable
from rag.ingest.topics import Topics, features
from rag.types import TokenIds
from tests.tables import SmallTable
from tests.town_news import (
    BRIDGE,
    BRIDGE_EN,
    BRIDGE_HEAD,
    LIBRARY,
    LIBRARY_EN,
    LIBRARY_HEAD,
    SLOGANS,
)


@pytest.fixture(scope="module")
def shipped() -> Topics:
    table = load_encoder("bilingual")
    assert isinstance(table, StaticTable)
    return Topics(table)


SMALL, WORDS = Topics(SmallTable()), Topics(None)


def test_parts_of_one_story_are_above_the_bound_and_two_stories_far_below(shipped: Topics) -> None:
    for topics in (shipped, WORDS):
        assert topics.likeness(LIBRARY[:1], LIBRARY[1:]) > 0.5
        assert topics.likeness(BRIDGE[:1], BRIDGE[1:]) > 0.3
        assert topics.likeness(LIBRARY, BRIDGE) < 0.2
    assert shipped.likeness(LIBRARY_EN[:1], LIBRARY_EN[1:]) > 0.3
    assert shipped.likeness(LIBRARY_EN, BRIDGE_EN) < 0.2


def test_likeness_is_the_same_both_ways_and_that_of_a_text_with_itself_is_1(
    shipped: Topics,
) -> None:
    for topics in (shipped, SMALL, WORDS):
        assert topics.likeness(["图书馆", "学校"], ["会议"]) == pytest.approx(
            topics.likeness(["会议"], ["图书馆", "学校"])
        )
        assert topics.likeness(["图书馆开放"], ["图书馆开放"]) == pytest.approx(1.0)


def test_likeness_is_the_cosine_of_the_sums_of_vectors() -> None:
    # 会议 is (meeting 1, school 0.2); the sum of 学校 and 图书馆 is (school 1.3, library 1.2).
    expected = 0.2 * 1.3 / ((1 + 0.04) ** 0.5 * (1.3**2 + 1.2**2) ** 0.5)
    assert SMALL.likeness(["会议"], ["学校", "图书馆"]) == pytest.approx(expected)


def test_paragraphs_may_be_cut_anywhere_without_changing_likeness() -> None:
    assert SMALL.likeness(["学校图书馆"], ["院长"]) == pytest.approx(
        SMALL.likeness(["学校", "图书馆"], ["院长"])
    )


def test_a_headline_fits_its_own_body_and_not_another(shipped: Topics) -> None:
    for topics in (shipped, WORDS):
        for headline, own, other in (
            (LIBRARY_HEAD, LIBRARY, BRIDGE),
            (BRIDGE_HEAD, BRIDGE, LIBRARY),
        ):
            assert topics.fit(headline, "\n".join(own)) > 0.5
            assert topics.fit(headline, "\n".join(other)) < 0.1


def test_slogans_fit_nothing(shipped: Topics) -> None:
    for slogan in SLOGANS:
        for body in (LIBRARY, BRIDGE):
            assert shipped.fit(slogan, "\n".join(body)) < 0.3
            assert WORDS.fit(slogan, "\n".join(body)) == 0


def test_a_headline_in_the_other_language_fits_by_meaning_alone(shipped: Topics) -> None:
    headline, body = "Library opens at night on Fridays", "\n".join(LIBRARY)
    assert shipped.fit(headline, body) > 0.5 > shipped.fit(headline, "\n".join(BRIDGE))
    assert WORDS.fit(headline, body) == 0
    assert shipped.by_meaning
    assert not WORDS.by_meaning


def test_each_word_of_a_headline_counts_by_its_length_with_the_square_of_its_best_cosine() -> None:
    # open (long 1) is in the body; of library (long 1) the body has 学校, its cosine 0.2 / √1.04.
    assert SMALL.fit("open", "open学校") == pytest.approx(1.0)
    assert SMALL.fit("open library", "open学校") == pytest.approx((1 + 0.04 / 1.04) / 2)
    # 2023 (long 0.5) is in the body, decide (long 1) is not.
    assert SMALL.fit("2023 decide", "2023") == pytest.approx(0.5 / 1.5)


def test_by_words_the_share_of_a_headlines_pairs_and_words_counts() -> None:
    assert WORDS.fit("木栈道", "木栈桥") == 0.5
    assert WORDS.fit("Lake walkway raised", "The walkway at the LAKE was rebuilt.") == 2 / 3
    # One pair of four, and of eight, in common; four times that, but no more than 1.
    assert WORDS.likeness(["木栈道加高"], ["木栈桥修好"]) == 1.0
    assert WORDS.likeness(["木栈道已经重新加高"], ["木栈桥已被拆除了吗"]) == 4 / 8
    assert WORDS.likeness(["木栈道又加高加固"], ["木栈道，木栈道"]) == 1.0


def test_a_headline_says_what_a_text_begins_with(shipped: Topics) -> None:
    body = "，".join(BRIDGE * 8) + "\n".join(LIBRARY)
    assert body.index(LIBRARY[0]) > 600
    for topics in (shipped, WORDS):
        assert topics.fit(LIBRARY_HEAD, body) < 0.1


def test_nothing_is_like_nothing(shipped: Topics) -> None:
    for topics in (shipped, SMALL, WORDS):
        for empty in ("", " ", "——…！", "\u200b"):
            assert topics.likeness([empty], LIBRARY) == 0
            assert topics.likeness(LIBRARY, [empty]) == 0
            assert topics.likeness([empty], [empty]) == 0
            assert topics.fit(empty, LIBRARY[0]) == 0
            assert topics.fit(LIBRARY_HEAD, empty) == 0


def test_all_values_lie_between_0_and_1(shipped: Topics) -> None:
    texts = (*LIBRARY, *BRIDGE_EN, *SLOGANS, "2023", "", LIBRARY_HEAD)
    for topics in (shipped, SMALL, WORDS):
        for one in texts:
            for other in texts:
                assert 0 <= topics.likeness([one], [other]) <= 1 + 1e-6
                assert 0 <= topics.fit(one, other) <= 1 + 1e-6


def test_a_text_that_comes_again_is_not_measured_anew() -> None:
    class Counting(SmallTable):
        """Keeps the texts that were cut into tokens."""

        def __init__(self) -> None:
            super().__init__()
            self.asked: list[str] = []

        def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
            self.asked += texts
            return super().tokenize(texts)

    table = Counting()
    topics = Topics(table)
    for _ in range(3):
        topics.likeness(["学校", "会议"], ["图书馆"])
    assert sorted(table.asked) == sorted(["学校", "会议", "图书馆"])
    for _ in range(3):
        topics.fit("开放", "河")
    assert table.asked[3:] == ["开放", "河"]


def test_features_are_pairs_of_characters_and_whole_words_in_lower_case() -> None:
    assert features("图书馆 Night hours 240 ab 木") == {"图书", "书馆", "night", "hours", "240"}
    assert features("图，书") == set()
    assert features("") == set()
