"""Glosses from a small table: spans, both directions, names in pinyin, nothing where nothing is
known.
"""

from __future__ import annotations

import rag
from rag.gloss import Glossary
from tests.tables import SmallTable

GLOSSARY = Glossary(SmallTable())


def test_each_word_has_its_nearest_word_at_its_place() -> None:
    quote = "会议决定：开放图书馆"
    found = GLOSSARY.gloss(quote, "en")
    assert [(quote[g.start : g.end], g.words[0]) for g in found] == [
        ("会议", "meeting"),
        ("决定", "decide"),
        ("开放", "open"),
        ("图书馆", "library"),
    ]


def test_a_gloss_is_a_lemma_not_one_of_its_forms() -> None:
    (gloss,) = GLOSSARY.gloss("图书馆", "en")
    assert gloss.words == ("library",)
    (reverse,) = GLOSSARY.gloss("libraries", "zh")
    assert reverse.words == ("图书馆",)


def test_the_reverse_glosses_english_in_chinese() -> None:
    (gloss,) = GLOSSARY.gloss("the library", "zh")
    assert (gloss.word, gloss.words) == ("library", ("图书馆",))


def test_numbers_function_words_and_unknown_words_have_none() -> None:
    assert GLOSSARY.gloss("的，2023 ☃", "en") == ()


def test_a_personal_name_is_spelled_not_translated() -> None:
    class Names(SmallTable):
        """Also knows four characters one by one."""

        def tokenize_spans(self, text: str) -> list[tuple[int, int, int]]:
            return [(1, i, i + 1) for i in range(len(text))]

    (gloss,) = Glossary(Names()).gloss("张礼卫", "en")
    assert (gloss.start, gloss.end, gloss.words) == (0, 3, ("Zhang Liwei",))


def test_names_in_a_list_of_leaders_are_spelled_though_they_hold_words(
    sample_index: rag.Index,
) -> None:
    quote = next(
        citation
        for citation in sample_index.ask("What did the carbon meeting decide?").citations
        if "区领导陈列子和谷更军" in citation.quote
    )
    words = {gloss.word: gloss.words[0] for gloss in quote.gloss}
    assert words["陈列子"] == "Chen Liezi"
    assert words["谷更军"] == "Gu Gengjun"
    assert not {"陈列", "谷", "军"} & set(words)
