"""Columns side by side in plain text: found, cut and stacked; text without them is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.columns import display_width, one_column
from rag.ingest.layout import read_blocks

LAKE = [
    "青汀湖木栈道昨天开始加高，工期",
    "四十天，由本地工匠用旧木料完成，",
    "总共花费八十万元，木料只换三成。",
    "管理处主任常青说，游人仍可预约。",
]
BRIDGE = [
    "跨江大桥昨日合龙，施工单位用了三",
    "年时间，大桥长两千米，工程师正在",
    "检查钢索和桥面，明年春天可以通车",
    "总工程师说，钢索都是新换的好料。",
]
MARKET = [
    "柳塘区的夜市昨晚搬进旧车站，首晚",
    "来了八千人，摊主说租金每月六百元",
    "水电另计，下周再定收摊的时间，摊",
    "位一共一百二十个，先到的人先挑。",
]
HARBOUR = [
    "The harbour was closed on Monday",
    "after the crane slipped from its",
    "rails and came to rest across the",
    "quay, the port authority said.",
]
ROOF = [
    "A market hall lost its roof in a",
    "storm on Sunday night, and the",
    "traders have moved their stalls",
    "to the square in front of it.",
]
ACROSS = "一条跨越两栏的标题把版面从中间切成上下两半，说的是两件事"


def width(text: str, quote: int = 2) -> int:
    """Display columns where a quotation mark takes as many as given."""
    return display_width(text) - (2 - quote) * sum(char in "“”" for char in text)


def side_by_side(*columns: Sequence[str], gap: int = 4, quote: int = 2) -> list[str]:
    """The columns as a page prints them."""
    widths = [max(width(text, quote) for text in column) for column in columns]
    return [
        (" " * gap)
        .join(
            text + " " * (wide - width(text, quote)) for text, wide in zip(row, widths, strict=True)
        )
        .rstrip()
        for row in zip(*columns, strict=True)
    ]


def read(lines: Sequence[str]) -> list[str]:
    """The lines that are not blank, in reading order."""
    return [line.strip() for stretch in one_column(lines) for line in stretch if line.strip()]


@pytest.mark.parametrize(
    "columns",
    [[LAKE, BRIDGE], [HARBOUR, ROOF], [LAKE, MARKET, BRIDGE], [HARBOUR, ROOF, HARBOUR]],
    ids=["two", "two in English", "three", "three in English"],
)
@pytest.mark.parametrize("gap", [3, 8])
def test_columns_are_read_one_after_the_other(columns: list[list[str]], gap: int) -> None:
    assert read(side_by_side(*columns, gap=gap)) == list(chain(*columns))


def test_a_gutter_of_ideographic_spaces_is_one_too() -> None:
    lines = [line.replace("    ", "　　") for line in side_by_side(LAKE[1:] * 2, BRIDGE[1:] * 2)]
    assert "　　" in lines[0]
    assert read(lines) == LAKE[1:] * 2 + BRIDGE[1:] * 2


def test_tabs_may_part_columns() -> None:
    lines = [f"{one}\t\t{other}" for one, other in zip(LAKE[1:] * 2, BRIDGE[1:] * 2, strict=True)]
    assert read(lines) == LAKE[1:] * 2 + BRIDGE[1:] * 2


def test_regions_with_other_gutters_are_read_one_after_the_other() -> None:
    lines = [*side_by_side(LAKE, BRIDGE), "", *side_by_side(BRIDGE, MARKET, LAKE, gap=3)]
    assert read(lines) == LAKE + BRIDGE + BRIDGE + MARKET + LAKE


def test_a_blank_line_inside_a_region_does_not_part_its_columns() -> None:
    lines = [*side_by_side(LAKE, BRIDGE), "", *side_by_side(LAKE, BRIDGE)]
    assert read(lines) == LAKE * 2 + BRIDGE * 2


@pytest.mark.parametrize("blank", [[], [""]], ids=["no blank lines", "blank lines"])
def test_a_headline_across_ends_the_columns_above_it(blank: list[str]) -> None:
    above, below = side_by_side(LAKE, BRIDGE), side_by_side(MARKET, BRIDGE)
    lines = [*above, *blank, ACROSS, *blank, *below]
    assert read(lines) == [*LAKE, *BRIDGE, ACROSS, *MARKET, *BRIDGE]


def test_headlines_above_each_column_stay_with_their_columns() -> None:
    lines = [*side_by_side(["木栈道开始加高" + "　" * 8, *LAKE], ["跨江大桥合龙", *BRIDGE])]
    headed = [lines[0], "", *lines[1:]]
    assert read(headed) == ["木栈道开始加高", *LAKE, "跨江大桥合龙", *BRIDGE]


def test_a_column_that_ends_early_leaves_its_lines_to_the_other() -> None:
    lines = side_by_side([*LAKE, "", ""], [*BRIDGE, *MARKET[:2]])
    assert read(lines) == LAKE + BRIDGE + MARKET[:2]


def test_quotes_may_be_one_column_wide_or_two() -> None:
    quoting = [
        "“青汀湖”木栈道昨天开始“加高”，",
        "工期四十天，由本地工匠来完成的，",
        "总共花费“八十万”元，木料不换了",
        "管理处主任常青说，“还能用”的",
    ]
    for quote in (1, 2):
        assert read(side_by_side(quoting, BRIDGE, gap=3, quote=quote)) == quoting + BRIDGE


def test_an_indent_behind_the_gutter_begins_a_paragraph_of_its_column() -> None:
    indented = ["    总工程师说，钢索都是新换的", *BRIDGE[1:]]
    stacked = one_column(side_by_side(LAKE, indented))[1]
    assert stacked[len(LAKE)].startswith("    总")


def test_a_paragraph_goes_on_from_one_column_to_the_next() -> None:
    going_on = [*LAKE[:2], "四十天，由本地工匠用旧木料完成，", "总共花费八十万元，木料只换三成又"]
    [text] = [
        block.text
        for block in read_blocks("\n".join(side_by_side(going_on, BRIDGE)))
        if "三成又" in block.text
    ]
    assert "木料只换三成又跨江大桥昨日合龙" in text


@pytest.mark.parametrize(
    "lines",
    [
        [
            "城市      气温      湿度",
            "北城      12        40",
            "南城      18        35",
            "东城      15        50",
            "西城      9         61",
            "中城      11        44",
        ],
        ["Team            Won   Lost", *(f"Lakeport {n}      1{n}     {n}" for n in range(6))],
    ],
    ids=["Chinese", "English"],
)
def test_a_table_of_figures_is_no_columns(lines: list[str]) -> None:
    assert one_column(lines) == [lines]


def test_three_lines_show_no_gutter() -> None:
    lines = side_by_side(LAKE[:3], BRIDGE[:3])
    assert one_column(lines) == [lines]


@pytest.mark.parametrize(
    "lines", [LAKE, HARBOUR, [*LAKE, "", *BRIDGE], [ACROSS], ["　　" + ACROSS]]
)
def test_text_in_one_column_is_left_as_it_is(lines: list[str]) -> None:
    assert one_column(lines) == [lines]


def test_nothing_gives_nothing() -> None:
    assert one_column([]) == [[]]
    assert one_column([""]) == [[""]]
    assert one_column(["  ", "\t"]) == [["", ""]]


def test_a_chinese_character_is_two_columns_wide_and_a_latin_one_is_one() -> None:
    assert display_width("湖a é，") == 7
    assert display_width("") == 0


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.text(st.sampled_from("湖水ab，“ 　"), max_size=50)
        | st.sampled_from(side_by_side(LAKE, BRIDGE) + side_by_side(HARBOUR, ROOF)),
        max_size=14,
    )
)
def test_whatever_the_lines_are_no_character_is_lost_or_added(lines: list[str]) -> None:
    result = "".join(line for stretch in one_column(lines) for line in stretch)
    assert sorted("".join(result.split())) == sorted("".join("".join(lines).split()))


def test_as_many_columns_at_other_places_are_a_region_of_their_own() -> None:
    lines = [*side_by_side(LAKE, BRIDGE, gap=3), "", *side_by_side(BRIDGE, MARKET, gap=12)]
    assert read(lines) == LAKE + BRIDGE + BRIDGE + MARKET
