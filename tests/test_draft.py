"""Parts of a story keep the pages of their characters, however they are cut, split and joined."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.draft import Part
from rag.ingest.layout import join
from rag.ingest.lines import Kind
from rag.ingest.model import Pages

Printed = list[tuple[str, int | None]]  # each character and the page it stands on


def printed(part: Part) -> Printed:
    """The characters with their pages as `pages` tells them, without those put in by joining."""
    numbers: list[int | None] = [None] * len(part.text)
    for at, page in part.pages:
        numbers[at:] = [page] * len(numbers[at:])
    return [(c, p) for c, p in zip(part.text, numbers, strict=True) if c != " "]


def is_sound(part: Part) -> bool:
    """Whether the pages of a part begin with it and come in order."""
    offsets = [at for at, _ in part.pages]
    return offsets[:1] == [0] and all(one <= other for one, other in pairwise(offsets))


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """A paragraph over one to four pages, the characters of each with their page."""
    text, pages = "", []
    number = draw(st.integers(1, 9))
    for _ in range(draw(st.integers(1, 4))):
        pages.append((len(text), number))
        text += draw(st.text(st.sampled_from("湖水木栈道abcXYZ，。-"), min_size=1, max_size=6))
        number += draw(st.integers(1, 3))
    return Part(text, Kind.BODY, pages=tuple(pages))


@given(parts(), st.data())
def test_what_is_left_after_a_cut_keeps_its_pages(part: Part, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(part.text)))
    end = data.draw(st.integers(start, len(part.text)))
    before = printed(part)
    part.cut(start, end)
    assert printed(part) == before[:start] + before[end:]
    assert is_sound(part)


@given(parts(), st.data())
def test_both_halves_of_a_split_keep_their_pages(part: Part, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(part.text)))
    whole = printed(part)
    first, second = part.split(at)
    assert printed(first) == whole[:at]
    assert printed(second) == whole[at:]
    assert printed(part) == whole
    assert is_sound(first)
    assert is_sound(second)


@given(parts(), parts())
def test_parts_that_are_joined_keep_their_pages(one: Part, other: Part) -> None:
    expected = printed(one) + printed(other)
    one.extend(other, join)
    assert printed(one) == expected
    assert is_sound(one)


@settings(max_examples=60, deadline=None)
@given(parts(), st.lists(parts(), max_size=3), st.data())
def test_any_run_of_cuts_splits_and_joins_keeps_pages(
    part: Part, others: list[Part], data: st.DataObject
) -> None:
    expected = printed(part)
    for more in others:
        start = data.draw(st.integers(0, len(part.text)))
        end = data.draw(st.integers(start, len(part.text)))
        part.cut(start, end)
        del expected[start:end]
        part, behind = part.split(data.draw(st.integers(0, len(part.text))))
        part.extend(behind, str.__add__)
        part.extend(more, str.__add__)
        expected += printed(more)
        assert printed(part) == expected


def test_a_part_without_pages_gets_none() -> None:
    part = Part("湖边的木栈道", Kind.BODY)
    part.cut(0, 3)
    first, second = part.split(1)
    first.extend(second, join)
    assert (first.text, first.pages, second.pages) == ("木栈道", (), ())


def test_a_page_that_begins_behind_words_put_between_is_moved_by_them() -> None:
    part = Part("the lake rose", Kind.BODY, pages=((0, 2),))
    part.extend(Part("by forty centimetres", Kind.BODY, pages=((0, 3), (9, 4))), join)
    assert part.text == "the lake rose by forty centimetres"
    assert [(part.text[at:][:3], page) for at, page in part.pages] == [
        ("the", 2),
        ("by ", 3),
        ("cen", 4),
    ]


def test_halves_are_of_the_kind_and_type_of_the_whole() -> None:
    pages: Pages = ((0, 1),)
    whole = Part("【湖边】木栈道", Kind.OPENING, marked=True, tight=True, size=1.5, pages=pages)
    for half in whole.split(4):
        assert (half.kind, half.marked, half.tight, half.size) == (Kind.OPENING, True, True, 1.5)
        assert half.pages == pages
