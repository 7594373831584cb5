"""Romanised names: how words are cut into syllables, and what of a question may be a name."""

from __future__ import annotations

import pytest

from rag.names import (
    BREAK,
    ROMANISED,
    SYLLABLES,
    han_spellings,
    read_romanised,
    spellings,
    syllable_stream,
)

BY_NUMBER = {number: syllable for syllable, number in SYLLABLES.items()}


def readings(word: str) -> list[str]:
    return [" ".join(BY_NUMBER[s] for s in reading) for reading in read_romanised(word)]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Longgang", ["long gang"]),
        ("Xi'an", ["xi an"]),
        ("xian", ["xian", "xi an"]),
        ("Fangan", ["fang an", "fan gan"]),
        ("Lüshun", ["lv shun"]),
        ("meeting", []),  # inside a word no syllable begins with e
        ("carbon", []),
        ("", [""]),
    ],
)
def test_a_word_is_cut_as_pinyin_is_spelled(word: str, expected: list[str]) -> None:
    assert sorted(readings(word)) == sorted(expected)


def test_every_syllable_has_its_own_number() -> None:
    assert len(set(SYLLABLES.values())) == len(SYLLABLES) > 390
    assert BREAK not in SYLLABLES.values()
    assert max(SYLLABLES.values()) < ROMANISED


def test_neighbouring_capitalised_words_are_read_together() -> None:
    found = {spelling.text: spelling for spelling in spellings("Where did Zhang Liwei go?")}
    assert "Zhang Liwei" in found
    assert found["Zhang Liwei"].readings[0] == tuple(SYLLABLES[s] for s in ("zhang", "li", "wei"))
    assert "go" not in found


def test_the_possessive_is_no_part_of_a_name() -> None:
    (spelling,) = spellings("longgang's budget")
    assert (spelling.text, spelling.start, spelling.end) == ("longgang", 0, 8)


def test_ordinary_english_words_are_no_names() -> None:
    assert spellings("When will the women change the route?") == []


def test_a_stream_breaks_between_runs_and_keeps_the_scripts_apart() -> None:
    stream = syllable_stream("龙岗，Zhang Liwei said").tolist()
    assert stream[:3] == [SYLLABLES["long"], SYLLABLES["gang"], BREAK]
    assert stream[3:6] == [SYLLABLES[s] + ROMANISED for s in ("zhang", "li", "wei")]
    assert stream[-1] == BREAK


def test_a_phrase_decides_how_a_character_is_read() -> None:
    assert syllable_stream("重庆")[:2].tolist() == [SYLLABLES["chong"], SYLLABLES["qing"]]


def test_single_characters_in_a_row_may_be_a_chinese_name() -> None:
    spelled = han_spellings("张礼卫调研", [(0, 1), (1, 2), (2, 3), (3, 5)])
    assert [s.text for s in spelled] == ["张礼卫", "调研"]
    assert spelled[0].readings[0] == tuple(SYLLABLES[s] + ROMANISED for s in ("zhang", "li", "wei"))
