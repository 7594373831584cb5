"""Sentence spans and language, on sentences of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import detect_language, is_han, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "河水退了。鸟来了！谁先看见？没人知道；",
            ["河水退了。", "鸟来了！", "谁先看见？", "没人知道；"],
        ),
        ("他说：“走吧。”大家就走了。", ["他说：“走吧。”", "大家就走了。"]),
        ("雨还在下……桥已经封了。", ["雨还在下……", "桥已经封了。"]),
        ("新增学位1.87万个,占11.2%。完", ["新增学位1.87万个,占11.2%。", "完"]),
        ("（见下图。）接着说。", ["（见下图。）", "接着说。"]),
        ("第一行没有句号\n第二行。", ["第一行没有句号", "第二行。"]),
        ('他问:"在吗?" 没有人答。', ['他问:"在吗?"', "没有人答。"]),
        ('说:"好。"又说:"再见。"', ['说:"好。"', '又说:"再见。"']),
    ],
)
def test_chinese_sentences_end_at_full_marks_with_their_closing_quotes(
    text: str, expected: list[str]
) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "It rained. We left! Why? Nobody knew; so be it.",
            ["It rained.", "We left!", "Why?", "Nobody knew;", "so be it."],
        ),
        (
            "Mr. Hale met Dr. Roe on Sept. 5. They spoke.",
            ["Mr. Hale met Dr. Roe on Sept. 5.", "They spoke."],
        ),
        (
            "The U.S. Army paid $1.2 million. J. R. Moss agreed.",
            ["The U.S. Army paid $1.2 million.", "J. R. Moss agreed."],
        ),
        ('"Why now?" he asked. "Because."', ['"Why now?" he asked.', '"Because."']),
        ("See example.com for No. 7. Done.", ["See example.com for No. 7.", "Done."]),
        ("1. Buy bread. 2. Go home.", ["1. Buy bread.", "2. Go home."]),
    ],
)
def test_english_sentences_end_before_white_space_and_not_at_abbreviations(
    text: str, expected: list[str]
) -> None:
    assert sentences(text) == expected


def test_spans_stay_inside_the_given_range() -> None:
    text = "第一句。第二句。第三句。"
    assert sentence_spans(text, 4, 8) == [(4, 8)]
    assert sentence_spans(text, 5, 7) == [(5, 7)]


@given(st.text(alphabet="河桥abAB 1.。！?;；…”\"’')）\n\r\t　,", max_size=80))
def test_spans_cover_every_visible_character_once_and_hold_no_edge_space(text: str) -> None:
    covered: list[int] = []
    for start, end in sentence_spans(text):
        assert text[start:end] == text[start:end].strip() != ""
        covered += range(start, end)
    assert covered == sorted(set(covered))
    assert {i for i, char in enumerate(text) if not char.isspace()} <= set(covered)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("海堤昨日合龙", "zh"),
        ("BYD去年卖了多少辆车", "zh"),
        ("The sea wall closed", "en"),
        ("Who leads 坪山 district?", "en"),
        ("嶼上的燈塔", "zh"),
        ("2022", "en"),
        ("", "en"),
    ],
)
def test_language_follows_the_script_that_says_more(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_han_is_chinese_in_both_scripts_and_nothing_else() -> None:
    assert all(map(is_han, "龙龍〇𠮷"))
    assert not any(map(is_han, "a1。，かé "))
