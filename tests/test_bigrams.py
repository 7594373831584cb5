"""Pairs of Chinese characters as codes."""

from __future__ import annotations

from rag.bigrams import bigrams


def test_pairs_are_of_neighbouring_chinese_characters_alone() -> None:
    codes, starts = bigrams("电动车 in 深圳，车")
    assert starts.tolist() == [0, 1, 7]
    assert len(codes) == 3
    assert bigrams("")[0].tolist() == bigrams("车")[0].tolist() == bigrams("abc 12")[0].tolist()


def test_the_same_pair_has_the_same_code_and_no_other_has_it() -> None:
    (one, other), _ = bigrams("双碳双")
    (again,), _ = bigrams("双碳")
    assert one == again != other
    characters = "一丁鿿㐀龥中"
    codes = {int(bigrams(a + b)[0][0]) for a in characters for b in characters}
    assert len(codes) == len(characters) ** 2
    assert min(codes) >= 0


def test_characters_beyond_the_plane_break_a_pair() -> None:
    assert bigrams("车𠀀车")[0].tolist() == []
