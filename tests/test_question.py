"""How a question is read: what is silent, named, asked for; what is refused."""

from __future__ import annotations

import pytest

from rag.config import MAX_QUESTION_CHARS
from rag.errors import QuestionError
from rag.question import check_question, read_question
from tests.tables import SmallTable

TABLE = SmallTable()


def test_function_words_weigh_nothing() -> None:
    asked = read_question("the carbon is", TABLE)
    assert (asked.weights > 0).tolist() == [False, True, False]
    assert not read_question("the is", TABLE).weights.any()


@pytest.mark.parametrize("question", ["？？？", "😀", "\u200b…"])
def test_a_question_without_any_known_token_is_still_a_question(question: str) -> None:
    assert read_question(question, TABLE).words == ()


@pytest.mark.parametrize(
    ("question", "office"),
    [
        ("学校的院长是谁？", "院长"),
        ("谁是学校的院长？", "院长"),
        ("who is the dean of the school", "dean"),
        ("who is the dean?", "dean"),
        ("图书馆开放", None),
    ],
)
def test_the_office_whose_holder_is_asked_for_is_marked(question: str, office: str | None) -> None:
    assert read_question(question, TABLE).office == office


@pytest.mark.parametrize(
    ("question", "places"),
    [("北城区的会议", ("北城",)), ("北城会议", ()), ("河区会议", ())],
)
def test_a_division_needs_a_name_before_it(question: str, places: tuple[str, ...]) -> None:
    assert read_question(question, TABLE).places == places


def test_numbers_and_names_are_marked() -> None:
    asked = read_question("北城图书馆2023", TABLE)
    assert asked.words == ("北城", "图书馆", "2023")
    assert asked.named.tolist() == [True, False, False]
    assert asked.numeric.tolist() == [False, False, True]


def test_a_question_is_stripped_and_bounded() -> None:
    assert check_question("  碳？\n") == "碳？"
    check_question("碳" * MAX_QUESTION_CHARS)
    for refused in ("", " \n", "碳" * (MAX_QUESTION_CHARS + 1)):
        with pytest.raises(QuestionError):
            check_question(refused)
