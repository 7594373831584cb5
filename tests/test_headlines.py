"""Which headline is whose: above, below and collected elsewhere; and which lines are the title."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from embeddings import load_encoder
from embeddings.static import StaticTable
from rag.ingest.draft import Draft, Part
from rag.ingest.headlines import (
    MAX_STORIES,
    MAX_TITLE,
    MAX_TITLE_LINES,
    assign_headlines,
    bare,
    title_of,
)
from rag.ingest.lines import Kind, kind
from rag.ingest.topics import Topics
from tests.town_news import (
    BRIDGE,
    BRIDGE_HEAD,
    LIBRARY,
    LIBRARY_HEAD,
    MARKET,
    MARKET_HEAD,
    SLOGANS,
)

BODIES = tuple("\n".join(body) for body in (LIBRARY, BRIDGE, MARKET))
HEADS = (LIBRARY_HEAD, BRIDGE_HEAD, MARKET_HEAD)
KICKER, SUBTITLE = "阅览室里的夜晚", "读者座位须先预约"


@pytest.fixture(scope="module")
def shipped() -> Topics:
    table = load_encoder("bilingual")
    assert isinstance(table, StaticTable)
    return Topics(table)


def line(
    text: str, *, tight: bool = False, size: float = 0.0, marked: bool = False, only: bool = True
) -> Part:
    """A headline; `only` says that it must read as nothing else."""
    assert not only or kind(text) is Kind.HEADLINE
    return Part(text, Kind.HEADLINE, marked, tight, size)


def assigned(
    gaps: Sequence[Sequence[str | Part]], topics: Topics, bodies: Sequence[str] = BODIES
) -> list[Draft]:
    """Stories after their headlines were given to them."""
    drafts = [Draft(parts=[Part(body, Kind.BODY)]) for body in bodies]
    parts = [[line(one) if isinstance(one, str) else one for one in gap] for gap in gaps]
    assign_headlines(drafts, parts, topics)
    return drafts


def decks(drafts: Sequence[Draft]) -> list[list[str]]:
    return [[part.text for part in draft.decks] for draft in drafts]


EACH_ITS_OWN = [[head] for head in HEADS]


@pytest.mark.parametrize(
    "gaps",
    [
        pytest.param([[HEADS[0]], [HEADS[1]], [HEADS[2]], []], id="above"),
        pytest.param([[], [HEADS[0]], [HEADS[1]], [HEADS[2]]], id="below"),
        pytest.param([[HEADS[2], HEADS[0], HEADS[1]], [], [], []], id="at the top"),
        pytest.param([[], [], [], [HEADS[1], HEADS[2], HEADS[0]]], id="at the bottom"),
        pytest.param([[HEADS[1]], [HEADS[0]], [], [HEADS[2]]], id="scattered"),
    ],
)
def test_headlines_find_their_stories_wherever_they_stand(
    shipped: Topics, gaps: list[list[str]]
) -> None:
    for topics in (shipped, Topics(None)):
        drafts = assigned(gaps, topics)
        assert decks(drafts) == EACH_ITS_OWN
        assert not any(draft.doubts for draft in drafts)


def test_slogans_belong_to_nobody(shipped: Topics) -> None:
    gaps = [[SLOGANS[0], HEADS[0]], [SLOGANS[1], HEADS[1]], [HEADS[2]], [SLOGANS[0]]]
    assert decks(assigned(gaps, shipped)) == EACH_ITS_OWN


def test_a_story_without_a_headline_takes_none_and_says_so(shipped: Topics) -> None:
    drafts = assigned([[HEADS[0]], [SLOGANS[0]], [HEADS[2]], []], shipped)
    assert decks(drafts) == [[HEADS[0]], [], [HEADS[2]]]
    assert [list(draft.doubts) for draft in drafts] == [[], ["no headline was found for it"], []]
    assert all(0 < sure < 0.7 for draft in drafts for sure in draft.doubts.values())


def test_a_headline_that_two_stories_fit_is_doubted(shipped: Topics) -> None:
    drafts = assigned([[HEADS[0]], [HEADS[1]], []], shipped, (BODIES[0], BODIES[0]))
    assert decks(drafts)[0] == [HEADS[0]]
    assert "its headline may be that of another story" in drafts[0].doubts


def test_kicker_headline_and_subtitle_that_are_printed_together_go_together(
    shipped: Topics,
) -> None:
    together = [line(KICKER), line(HEADS[0], tight=True), line(SUBTITLE, tight=True)]
    assert decks(assigned([together, [HEADS[1]], [HEADS[2]], []], shipped)) == [
        [KICKER, HEADS[0], SUBTITLE],
        *EACH_ITS_OWN[1:],
    ]
    assert title_of(together, BODIES[0], shipped) == f"{KICKER} {HEADS[0]} {SUBTITLE}"


def test_a_kicker_that_says_nothing_is_kept_as_a_deck_but_not_in_the_title(
    shipped: Topics,
) -> None:
    together = [line("从今往后"), line(HEADS[0], tight=True)]
    drafts = assigned([together, [HEADS[1]], [HEADS[2]], []], shipped)
    assert decks(drafts)[0] == ["从今往后", HEADS[0]]
    assert title_of(drafts[0].decks, BODIES[0], shipped) == HEADS[0]


def test_lines_that_are_not_printed_together_are_no_one_headline(shipped: Topics) -> None:
    apart = [line(KICKER), line(HEADS[0]), line(SUBTITLE)]
    assert title_of(apart, BODIES[0], shipped) in (HEADS[0], SUBTITLE)


def test_the_largest_type_is_the_title_whatever_it_says(shipped: Topics) -> None:
    lines = [
        line(HEADS[0], size=1.3),
        line("从今往后", size=2.4, tight=True),
        line(SUBTITLE, size=1.1, tight=True),
    ]
    assert title_of(lines, BODIES[0], shipped) == "从今往后"
    nearly = [line(KICKER, size=2.0), line(HEADS[0], size=2.4, tight=True)]
    assert title_of(nearly, BODIES[0], shipped) == f"{KICKER} {HEADS[0]}"


def test_what_mark_up_makes_a_heading_is_the_title(shipped: Topics) -> None:
    lines = [line(HEADS[0]), line("从今往后", marked=True), line(SUBTITLE)]
    assert title_of(lines, BODIES[0], shipped) == "从今往后"


def test_a_line_behind_a_dash_is_no_title_unless_it_is_all_there_is(shipped: Topics) -> None:
    dash = line("——区图书馆周五开放到深夜侧记")
    assert title_of([dash, line(KICKER)], BODIES[0], shipped) == KICKER
    assert title_of([dash], BODIES[0], shipped) == dash.text


def test_a_title_has_a_few_lines_and_not_too_many_characters(shipped: Topics) -> None:
    many = [line(HEADS[0]), *(line(HEADS[0], tight=True) for _ in range(MAX_TITLE_LINES + 2))]
    title = title_of(many, BODIES[0], shipped)
    assert title is not None
    assert title.count(HEADS[0]) == MAX_TITLE_LINES
    wide = [
        line(f"{LIBRARY[0][:30]}", only=False),
        *(line(LIBRARY[0][:30], tight=True, only=False),) * 3,
    ]
    title = title_of(wide, BODIES[0], shipped)
    assert title is not None
    assert len(title) <= MAX_TITLE
    assert title.count(LIBRARY[0][:30]) == 2


def test_no_lines_are_no_title(shipped: Topics) -> None:
    assert title_of([], BODIES[0], shipped) is None


def test_titles_stand_without_the_stars_and_brackets_around_them() -> None:
    assert bare(line(f"★{HEADS[0]}☆")) == HEADS[0]
    assert bare(line(f"【{HEADS[0]}】")) == HEADS[0]
    assert bare(line("【图书馆】周五开放到深夜")) == "【图书馆】周五开放到深夜"


def test_on_more_stories_than_a_page_has_a_headline_stands_above_its_story(
    shipped: Topics,
) -> None:
    few, many = MAX_STORIES, MAX_STORIES + 1
    for count in (few, many):
        bodies = [BODIES[number % 3] for number in range(count)]
        heads = [[line(f"{number}号鲸鱼唱歌")] for number in range(count)]
        drafts = assigned([*heads, []], shipped, bodies)
        given = [head[0].text for head in heads]
        assert decks(drafts) == ([[]] * few if count == few else [[text] for text in given])


def test_on_more_stories_than_a_page_has_no_headline_comes_from_afar(shipped: Topics) -> None:
    bodies = [BODIES[1 if number else 0] for number in range(MAX_STORIES + 1)]
    drafts = assigned([*([[]] * (MAX_STORIES + 1)), [HEADS[0]]], shipped, bodies)
    assert decks(drafts) == [[]] * (MAX_STORIES + 1)
    near = assigned([[], [], [HEADS[0]]], shipped, bodies[:2])
    assert decks(near) == [[HEADS[0]], []]


def test_the_words_of_a_notice_head_the_text_below_them(shipped: Topics) -> None:
    drafts = assigned([[HEADS[0]], [line("更 正", only=False)], []], shipped, BODIES[:2])
    assert decks(drafts) == [[HEADS[0]], ["更 正"]]


def test_lines_that_are_no_headlines_are_given_to_nobody(shipped: Topics) -> None:
    editors = Part(HEADS[0], Kind.EDITOR)
    assert decks(assigned([[editors], [], [], []], shipped)) == [[], [], []]


SECOND_HEAD = "图书馆夜间开放读者先预约"


def test_a_story_with_a_headline_beside_it_takes_none_from_afar(shipped: Topics) -> None:
    gaps = [[HEADS[0]], [HEADS[1]], [HEADS[2]], [SECOND_HEAD]]
    assert decks(assigned(gaps, shipped)) == EACH_ITS_OWN


def test_where_headlines_stand_above_a_story_takes_none_from_below(shipped: Topics) -> None:
    gaps = [[HEADS[0]], [SECOND_HEAD, HEADS[1]], [HEADS[2]], []]
    assert decks(assigned(gaps, shipped)) == EACH_ITS_OWN


def test_a_slogan_is_parted_from_a_headline_printed_right_below_it(shipped: Topics) -> None:
    top = [line(SLOGANS[0]), line(HEADS[0], tight=True)]
    assert decks(assigned([top, [HEADS[1]], [HEADS[2]], []], shipped)) == EACH_ITS_OWN
