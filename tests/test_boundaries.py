"""Where stories begin on pages of text: what each cue between two texts decides, and how surely."""

from __future__ import annotations

import pytest

from embeddings import load_encoder
from embeddings.static import StaticTable
from rag.ingest.boundaries import Gap, begin_of_text, gaps
from rag.ingest.draft import Part
from rag.ingest.layout import read_blocks
from rag.ingest.lines import kind
from rag.ingest.topics import Topics
from tests.town_news import (
    BRIDGE,
    BRIDGE_EN,
    BRIDGE_HEAD,
    LIBRARY,
    LIBRARY_EN,
    LIBRARY_HEAD,
)

HEADER = "湖城日报 2023年5月1日 星期一 A03版"
DATELINE = "本报讯（记者 何远）"
LAKEPORT = "LAKEPORT, Sept. 5 -- "
BYLINES = ("□本报记者 何远", "□本报记者 白一舟")


@pytest.fixture(scope="module")
def topics() -> Topics:
    table = load_encoder("bilingual")
    assert isinstance(table, StaticTable)
    return Topics(table)


def parts_of(*paragraphs: str, size: float = 0.0) -> list[Part]:
    """Parts as the reader of plain text makes them; headlines may be set in larger type."""
    parts = []
    for block in read_blocks("\n\n".join(paragraphs)):
        found = kind(block.text)
        parts.append(Part(block.text, found, size=size if found.name == "HEADLINE" else 0.0))
    return parts


def found(topics: Topics, *paragraphs: str, titled: bool = False) -> list[Gap]:
    return gaps(parts_of(*paragraphs), topics, titled=titled)


def begun(topics: Topics, *paragraphs: str, titled: bool = False) -> list[bool]:
    return [gap.begins for gap in found(topics, *paragraphs, titled=titled)]


def test_a_dateline_begins_a_story_with_or_without_a_headline(topics: Topics) -> None:
    one, other = (DATELINE + LIBRARY[0], LIBRARY[1]), (DATELINE + BRIDGE[0], BRIDGE[1])
    assert begun(topics, *one, *other) == [True]
    assert begun(topics, LIBRARY_HEAD, *one, BRIDGE_HEAD, *other) == [True]
    assert begun(topics, LAKEPORT + LIBRARY_EN[0], LAKEPORT + BRIDGE_EN[0]) == [True]


def test_a_paragraph_that_quotes_an_agency_begins_none(topics: Topics) -> None:
    quoted = f"据新华社电 {LIBRARY[1]}"
    assert begun(topics, DATELINE + LIBRARY[0], quoted, LIBRARY[2]) == []


def test_a_gap_says_where_the_text_above_ends_and_where_credits_and_text_below_begin(
    topics: Topics,
) -> None:
    parts = parts_of(*(LIBRARY_HEAD, BYLINES[0], *LIBRARY[:2]), *(BRIDGE_HEAD, BYLINES[1], *BRIDGE))
    [gap] = gaps(parts, topics, titled=False)
    assert parts[gap.above].text == LIBRARY[1]
    assert parts[gap.start].text == BYLINES[1]
    assert parts[gap.first].text == BRIDGE[0]
    assert (gap.story, gap.begins, gap.continues) == (1, True, False)


def test_a_byline_begins_a_story(topics: Topics) -> None:
    without = (LIBRARY_HEAD, *LIBRARY[:2], BRIDGE_HEAD, *BRIDGE)
    assert begun(topics, *without) == [False]
    lines = (LIBRARY_HEAD, BYLINES[0], *LIBRARY[:2], BRIDGE_HEAD, BYLINES[1], *BRIDGE)
    assert begun(topics, *lines) == [True]


def test_the_name_of_the_writer_in_brackets_closes_a_story(topics: Topics) -> None:
    below = (BRIDGE_HEAD, *BRIDGE)
    assert begun(topics, LIBRARY_HEAD, LIBRARY[0], f"{LIBRARY[1]}（何远）", *below) == [True]
    assert begun(topics, LIBRARY_HEAD, LIBRARY[0], f"{LIBRARY[1]}（见图）", *below) == [False]


def test_a_line_drawn_across_parts_stories(topics: Topics) -> None:
    above, below = (LIBRARY_HEAD, *LIBRARY[:2]), (BRIDGE_HEAD, *BRIDGE)
    assert begun(topics, *above, "————————", *below) == [True]
    assert begun(topics, *above, "———", *below) == [False]


def test_editors_part_the_stories_of_a_page_and_end_a_single_article(topics: Topics) -> None:
    lines = (LIBRARY_HEAD, *LIBRARY[:2], "责任编辑：左右", BRIDGE_HEAD, *BRIDGE)
    assert begun(topics, HEADER, *lines) == [True]
    assert begun(topics, *lines) == [False]


def test_the_same_gap_weighs_more_on_a_page_than_in_an_article(topics: Topics) -> None:
    lines = (LIBRARY_HEAD, *LIBRARY[:2], BRIDGE_HEAD, *BRIDGE)
    [page], [article] = found(topics, HEADER, *lines), found(topics, *lines)
    assert page.begins
    assert not article.begins
    assert page.log_odds - article.log_odds == pytest.approx(3.4)


def test_two_datelines_or_two_bylines_make_a_page(topics: Topics) -> None:
    above = (LIBRARY_HEAD, DATELINE + LIBRARY[0], BRIDGE_HEAD, BRIDGE[0])
    below = (LIBRARY_HEAD, DATELINE + LIBRARY[1])
    assert begun(topics, *above) == [False]
    assert begun(topics, *above, *below) == [True, True]


def test_section_headings_of_one_article_begin_no_story(topics: Topics) -> None:
    article = (
        LIBRARY_HEAD,
        DATELINE + LIBRARY[0],
        "谁来借书",
        LIBRARY[1],
        "座位够不够",
        LIBRARY[2],
    )
    assert begun(topics, *article) == [False, False]
    assert begun(topics, HEADER, *article) == [False, False]
    numbered = (*article[:2], "一、谁来借书", LIBRARY[1], "二、座位够不够", LIBRARY[2])
    plain, marked = found(topics, HEADER, *article), found(topics, HEADER, *numbered)
    assert all(b.log_odds < a.log_odds - 2 for a, b in zip(plain, marked, strict=True))


def test_a_headline_in_larger_type_weighs_more_than_one_in_that_of_headings(
    topics: Topics,
) -> None:
    lines = (LIBRARY_HEAD, *LIBRARY[:2], BRIDGE_HEAD, *BRIDGE)
    [plain], [small], [large] = (
        gaps(parts_of(*lines, size=size), topics, titled=False) for size in (0.0, 1.1, 1.3)
    )
    assert plain.log_odds == small.log_odds == pytest.approx(large.log_odds - 1.5)


def test_a_text_that_breaks_off_without_an_end_mark_runs_on(topics: Topics) -> None:
    above, below = (HEADER, LIBRARY_HEAD, LIBRARY[0]), (BRIDGE_HEAD, *BRIDGE)
    assert begun(topics, *above, LIBRARY[1], *below) == [True]
    parts = parts_of(*above, LIBRARY[1], *below)
    parts[3].text = parts[3].text.rstrip("。")
    [gap] = gaps(parts, topics, titled=False)
    assert not gap.begins


@pytest.mark.parametrize(
    ("jump", "back"),
    [
        ("转A05版", "上接A01版"),
        ("（下转第五版）", "（紧接第一版）"),
        ("下转A05版", "上接A01版"),
    ],
)
def test_a_text_goes_on_below_the_line_that_names_the_page_it_comes_from(
    topics: Topics, jump: str, back: str
) -> None:
    told = found(
        topics,
        *(LIBRARY_HEAD, DATELINE + LIBRARY[0], jump),
        *(BRIDGE_HEAD, DATELINE + BRIDGE[0], BRIDGE[1]),
        *(back, *LIBRARY[1:]),
    )
    assert [(gap.story, gap.continues) for gap in told] == [(1, False), (0, True)]
    assert told[1].begins
    assert told[1].confidence > 0.99


def test_english_jump_lines_are_followed_too(topics: Topics) -> None:
    told = found(
        topics,
        *("Library opens late on Fridays", LAKEPORT + LIBRARY_EN[0], "Continued on page A5"),
        *("Bridge closed across the river", LAKEPORT + BRIDGE_EN[0], BRIDGE_EN[1]),
        *("Continued from page A1", LIBRARY_EN[1]),
    )
    assert [(gap.story, gap.continues) for gap in told] == [(1, False), (0, True)]


def test_a_jump_in_brackets_may_end_the_paragraph_itself(topics: Topics) -> None:
    told = found(
        topics,
        *(LIBRARY_HEAD, f"{DATELINE}{LIBRARY[0]}（下转A05版）"),
        *(BRIDGE_HEAD, DATELINE + BRIDGE[0], BRIDGE[1]),
        *("上接A01版", *LIBRARY[1:]),
    )
    assert [gap.story for gap in told] == [1, 0]


def test_of_several_texts_that_broke_off_the_one_most_alike_goes_on(topics: Topics) -> None:
    broken = (
        *(LIBRARY_HEAD, DATELINE + LIBRARY[0], "下转A05版"),
        *(BRIDGE_HEAD, DATELINE + BRIDGE[0], "下转A06版"),
    )
    library, bridge = ("上接A01版", LIBRARY[1] * 3, LIBRARY[2] * 3), ("上接A01版", BRIDGE[1] * 6)
    assert [gap.story for gap in found(topics, *broken, *library, *bridge)] == [1, 0, 1]
    assert [gap.story for gap in found(topics, *broken, *bridge, *library)] == [1, 1, 0]


def test_without_a_text_that_broke_off_a_line_from_another_page_continues_nothing(
    topics: Topics,
) -> None:
    told = found(topics, LIBRARY_HEAD, DATELINE + LIBRARY[0], "上接A01版", *LIBRARY[1:])
    assert [gap.continues for gap in told] == [False]


def test_a_declared_title_speaks_against_several_stories(topics: Topics) -> None:
    lines = (HEADER, LIBRARY_HEAD, *LIBRARY[:2], BRIDGE_HEAD, *BRIDGE)
    assert begun(topics, *lines) == [True]
    assert begun(topics, *lines, titled=True) == [False]
    dated = (LIBRARY_HEAD, DATELINE + LIBRARY[0], BRIDGE_HEAD, DATELINE + BRIDGE[0])
    assert begun(topics, *dated, titled=True) == [True]


@pytest.mark.parametrize("log_odds", [-50.0, -2.0, -0.1, 0.0, 0.1, 2.0, 50.0])
def test_confidence_grows_from_a_half_to_1_with_the_distance_from_zero(log_odds: float) -> None:
    gap = Gap(0, 1, 1, 0, log_odds)
    assert 0.5 <= gap.confidence <= 1
    assert gap.confidence == Gap(0, 1, 1, 0, -log_odds).confidence
    assert (gap.confidence == 0.5) == (log_odds == 0)
    assert Gap(0, 1, 1, 0, log_odds * 1.1).confidence >= gap.confidence
    assert gap.begins == (log_odds > 0)


def test_a_sure_decision_is_told_from_a_doubtful_one(topics: Topics) -> None:
    above = (LIBRARY_HEAD, DATELINE + LIBRARY[0], LIBRARY[1])
    [sure] = found(topics, *above, BRIDGE_HEAD, DATELINE + BRIDGE[0])
    [doubtful] = found(topics, *above[:1], *LIBRARY[:2], "————————", BRIDGE_HEAD, *BRIDGE)
    assert sure.confidence > 0.99
    assert doubtful.confidence < 0.8


def test_without_a_table_datelines_still_part_stories() -> None:
    lines = (LIBRARY_HEAD, DATELINE + LIBRARY[0], "谁来借书", LIBRARY[1], BRIDGE_HEAD)
    assert begun(Topics(None), *lines, DATELINE + BRIDGE[0], BRIDGE[1]) == [False, True]


def test_texts_without_a_gap_between_them_have_none(topics: Topics) -> None:
    assert found(topics, "") == []
    assert found(topics, LIBRARY_HEAD) == []
    assert found(topics, LIBRARY_HEAD, *LIBRARY) == []
    assert found(topics, *LIBRARY, "责任编辑：左右") == []


def test_the_credits_of_a_text_begin_it_but_not_the_name_below_the_text_above() -> None:
    above = (LIBRARY[0], BRIDGE_HEAD)
    parts = parts_of(*above, BYLINES[0], "2023年5月1日", BRIDGE[0])
    assert parts[begin_of_text(parts, 1, 4)].text == BYLINES[0]
    parts = parts_of(*above, "核心提示：", "大桥俯瞰图", BRIDGE[0])
    assert parts[begin_of_text(parts, 1, 4)].text == "核心提示："
    parts = parts_of(LIBRARY[0], "（本报记者 何远）", BRIDGE[0])
    assert parts[begin_of_text(parts, 1, 2)].text == BRIDGE[0]


def test_a_text_that_broke_off_goes_on_once(topics: Topics) -> None:
    told = found(
        topics,
        *(LIBRARY_HEAD, DATELINE + LIBRARY[0], "下转A05版", BRIDGE_HEAD, DATELINE + BRIDGE[0]),
        *("上接A01版", LIBRARY[1], "上接A01版", BRIDGE[1]),
    )
    assert [gap.continues for gap in told] == [False, True, False]
