"""Typos in English questions: which words are read as others, and which are left alone."""

from __future__ import annotations

import random
import string
import time

import numpy as np
import pytest

from embeddings import load_encoder
from rag import spelling
from rag.spelling import Correction, corrections
from rag.types import TokenTable
from tests import tables
from tests.tables import SmallTable


@pytest.fixture(scope="module")
def table() -> TokenTable:
    loaded = load_encoder("bilingual")
    assert hasattr(loaded, "tokens")
    return loaded  # type: ignore[return-value]


def changed(text: str, table: TokenTable) -> dict[str, str]:
    return {c.word: c.correct for c in corrections(text, table)}


def test_a_correction_names_its_place() -> None:
    text = "Is the libary open?"
    assert corrections(text, SmallTable()) == [Correction(7, 13, "libary", "library")]


@pytest.mark.parametrize(
    ("word", "correct"),
    [("shcool", "school"), ("ilbrary", "library"), ("carbonn", "carbon"), ("rivr", "river")],
)
def test_one_slip_is_put_right(word: str, correct: str) -> None:
    assert changed(f"the {word} is open", SmallTable()) == {word: correct}


@pytest.mark.parametrize(
    "text",
    [
        "the rivir is open",  # in a short word no letter is exchanged
        "the rover is open",
        "who is Scool",  # a name
        "the SCOOL is open",  # an acronym
        "the scool2 is open",
        "see scool.org or me@scool",
        "the schools are opened",
        "a riverschool, a meetinglibrary",
        "schöol",
        "学校 是 17",
        "",
        "?!",
    ],
)
def test_other_words_are_left_alone(text: str) -> None:
    assert corrections(text, SmallTable()) == []


def test_the_first_word_may_be_capitalised() -> None:
    assert corrections("“Libary open?", SmallTable()) == [Correction(1, 7, "Libary", "Library")]
    assert corrections("Who is Libary?", SmallTable()) == []


def test_nearest_first_then_most_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {word: {"open": 1.0} for word in ("stationary", "stations", "stationery", "planets")}
    monkeypatch.setattr(tables, "WORDS", {**tables.WORDS, **words})
    table = SmallTable()
    assert changed("stationry", table) == {"stationry": "stationary"}
    assert changed("planet", table) == {}  # its plural is known
    assert spelling._dictionary_of(table) is spelling._dictionary_of(table)


@pytest.mark.parametrize(
    ("word", "correct"),
    [
        ("subsidys", "subsidies"),
        ("technolgies", "technologies"),
        ("goverment", "government"),  # a token of the table, from texts with typos
        ("dictrict", "district"),
        ("definately", "definitely"),
        ("immediatly", "immediately"),
        ("refered", "referred"),
        ("noticable", "noticeable"),
        ("truely", "truly"),
        ("arguement", "argument"),
        ("resistence", "resistance"),
        ("dissapear", "disappear"),
        ("citys", "cities"),
    ],
)
def test_common_typos(table: TokenTable, word: str, correct: str) -> None:
    text = f"what about the {word}?"
    assert corrections(text, table) == [Correction(15, 15 + len(word), word, correct)]


RARE = """
    lentiviral koxinga chungyuan jokyu shimabara birobidzhan globules occultation picaresque arum
    codonopsis valsartan coadjutor trebuchets mortician iconoclasm annelids microbeads footbridges
    theatregoers chipmakers neurotrophic immunofluorescence palaeontology mainlanders regents
    stared guillotine hegelian longgang pingshan baolong
"""


@pytest.mark.parametrize("word", RARE.split())
def test_rare_words_and_names_are_left_alone(table: TokenTable, word: str) -> None:
    assert corrections(f"what about {word} now?", table) == []


def test_most_single_slips_are_put_right(table: TokenTable) -> None:
    draw = random.Random(7)
    rows = np.flatnonzero(table.are_english(np.arange(len(table.tokens), dtype=np.int32)))
    frequent = [table.tokens[row] for row in rows[500:15000] if len(table.tokens[row]) > 6]
    right = wrong = 0
    for word in draw.sample(frequent, 300):
        at = draw.randrange(1, len(word) - 1)
        letter = draw.choice(string.ascii_lowercase.replace(word[at], ""))
        typo = draw.choice(
            [
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            ]
        )
        found = changed(f"what about {typo} now", table)
        right += found == {typo: word}
        wrong += found not in ({typo: word}, {})
    assert right >= 250
    assert wrong <= 20


def test_nothing_is_looked_up_when_every_word_is_known(
    table: TokenTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spelling, "_dictionary_of", pytest.fail)
    assert corrections("Which technologies does the government support?", table) == []


def test_a_typo_costs_little(table: TokenTable) -> None:
    corrections("technolgies", table)
    best = 1.0
    for _ in range(20):
        start = time.perf_counter()
        corrections("which technolgies", table)
        best = min(best, time.perf_counter() - start)
    assert best < 0.002
