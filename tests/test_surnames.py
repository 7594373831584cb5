"""Names in brackets are told from other short words by their surnames."""

from __future__ import annotations

import pytest

from rag.ingest.credits import closing_author
from rag.ingest.surnames import is_chinese_name


@pytest.mark.parametrize("name", ["何远", "白一舟", "張遠", "劉一舟", "陳遠", "关山月"])
def test_a_surname_and_one_or_two_characters_are_a_name(name: str) -> None:
    assert is_chinese_name(name)


@pytest.mark.parametrize("name", ["欧阳修", "歐陽明月", "诸葛亮", "司馬相如", "上官云"])
def test_a_double_surname_and_one_or_two_characters_are_a_name(name: str) -> None:
    assert is_chinese_name(name)


@pytest.mark.parametrize("word", ["欧阳", "诸葛", "司马一二三", "白一二三", "何远近高"])
def test_a_surname_alone_or_with_too_much_behind_it_is_none(word: str) -> None:
    assert not is_chinese_name(word)


@pytest.mark.parametrize("word", ["", "何", "湖边", "见图", "Ann", "An", "12", "，何", " 何远"])
def test_a_word_that_begins_with_no_surname_is_none(word: str) -> None:
    assert not is_chinese_name(word)


def test_a_paragraph_ends_with_a_name_and_not_with_any_word_in_brackets() -> None:
    assert closing_author("木栈道昨天又加高了。（何远 欧阳一舟）") == ("何远", "欧阳一舟")
    assert closing_author("木栈道昨天又加高了。（见图）") is None
    assert closing_author("木栈道昨天又加高了。（何远 见图）") is None
