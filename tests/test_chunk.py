"""Passages: exact spans of whole sentences, inside one section, of the agreed size."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.chunk import MAX_SIZE, chunk
from rag.text import sentence_spans
from rag.types import Article, Language


def article(
    text: str, *headings: str, language: Language = "zh", starts: tuple[int, ...] = ()
) -> Article:
    found = starts or tuple(text.index(heading) for heading in headings)
    pairs = tuple(zip(found, headings, strict=True))
    return Article("a", "题目", text, "a.txt", language, headings=pairs)


SENTENCE = "青汀湖的水位比去年同期高出四十厘米，管理处把木栈道加高了一截。"


def test_long_chinese_text_gives_passages_of_200_to_300_characters() -> None:
    passages = chunk(article(SENTENCE * 40))
    assert len(passages) > 3
    assert all(200 <= len(passage.text) <= 300 for passage in passages)


def test_long_english_text_gives_passages_of_100_to_150_words() -> None:
    text = "The lake rose by forty centimetres and the keepers raised the boardwalk. " * 60
    sizes = [len(passage.text.split()) for passage in chunk(article(text, language="en"))]
    assert len(sizes) > 3
    assert all(100 <= size <= 150 for size in sizes)


def test_a_tail_is_balanced_against_its_neighbour() -> None:
    sizes = [len(passage.text) for passage in chunk(article(SENTENCE * 11))]
    assert len(sizes) == 2
    assert max(sizes) - min(sizes) <= len(SENTENCE)


def test_headings_part_passages_and_stand_in_none() -> None:
    text = f"开头。\n一、水位\n{SENTENCE}\n二、鸟\n来了三万只\n{SENTENCE}"
    passages = chunk(article(text, "一、水位", "二、鸟", "来了三万只"))
    assert [passage.heading for passage in passages] == [None, "一、水位", "二、鸟 来了三万只"]
    assert [passage.text for passage in passages] == ["开头。", SENTENCE, SENTENCE]


def test_an_over_long_sentence_stays_whole() -> None:
    long = "水" * 400 + "。"
    passages = chunk(article(SENTENCE * 4 + long + SENTENCE * 4))
    assert [passage.text for passage in passages] == [SENTENCE * 4, long, SENTENCE * 4]


def test_a_scrap_between_long_sentences_joins_a_neighbour() -> None:
    long = "水" * 400 + "。"
    assert [p.text for p in chunk(article(long + "好。" + long))] == [long + "好。", long]


def test_a_text_of_nothing_but_headings_is_still_a_passage() -> None:
    assert [passage.text for passage in chunk(article("水位", "水位"))] == ["水位"]


def test_an_empty_text_has_no_passages() -> None:
    assert chunk(article(" \n ")) == []


PIECES = st.one_of(
    st.sampled_from(
        ["来了。", "谁？", SENTENCE, SENTENCE * 3, "水" * 350 + "。", "没有句号", "\n"]
    ),
    st.text(alphabet="湖鸟ab。！ ”\n", max_size=30),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(PIECES, st.booleans()), max_size=30), st.sampled_from(["zh", "en"]))
def test_every_sentence_is_in_a_passage_and_every_passage_is_a_span(
    pieces: list[tuple[str, bool]], language: Language
) -> None:
    text, headings = "", []
    for number, (piece, heads) in enumerate(pieces):
        if heads:
            text += "" if text.endswith("\n") or not text else "\n"
            headings.append((len(text), f"第{number}节"))
            text += f"第{number}节\n"
        text += piece
    passages = chunk(Article("a", "题", text, "a.txt", language, headings=tuple(headings)))
    spans = [(passage.start, passage.end) for passage in passages]
    assert spans == sorted(spans)
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text == passage.text.strip() != ""
    heading_starts = {start for start, _ in headings}
    for start, end in sentence_spans(text):
        inside = any(a <= start and end <= b for a, b in spans)
        assert inside or start in heading_starts


def test_passages_hold_at_most_the_largest_size_unless_one_sentence_is_longer() -> None:
    for passage in chunk(article((SENTENCE * 3 + "停。") * 30)):
        assert len(passage.text) <= MAX_SIZE


def test_importing_the_module_does_not_import_langchain() -> None:
    code = "import sys, rag.chunk; print('langchain_text_splitters' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
