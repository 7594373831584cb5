"""When two articles are to be compared: values that differ, events on different days."""

from __future__ import annotations

from pathlib import Path

import pytest

import rag
from rag.differences import Quoted, difference
from rag.page.answer import render_answer
from rag.types import Article


def quoted(number: int, text: str, date: str | None) -> Quoted:
    article = Article(
        id=str(number),
        title="标题",
        text=text,
        date=date,
        source=None,
        url=None,
        authors=(),
        language="zh",
        path="a.md",
        headings=(),
    )
    return Quoted(number, text, article)


@pytest.mark.parametrize(
    ("asked", "one", "other", "says"),
    [
        ("新建了多少所学校？", "新建学校27所。", "新建学校三十一所。", "[1]"),
        ("新建了多少所学校？", "新建学校27所。", "新建学校二十七所，改建40所。", ""),
        ("新建了多少所学校？", "新建学校27所。", "新建了一批学校。", ""),
        ("地铁什么时候开通？", "地铁将于9月15日开通。", "地铁10月1日开通。", "[2]"),
        ("地铁什么时候开通？", "地铁将于9月15日开通。", "the line opens on September 15", ""),
        ("碳会议决定了什么？", "9月15日召开会议。", "2月8日召开会议。", "2023-02-10 [2]"),
        ("碳会议决定了什么？", "9月15日召开会议。", "会议召开。", ""),
        ("9月15日的会议决定了什么？", "9月15日召开会议。", "2月8日召开会议。", ""),
    ],
)
def test_what_differs_is_said_with_its_citations(
    asked: str, one: str, other: str, says: str
) -> None:
    note = difference(asked, "zh", [quoted(1, one, "2022-09-16"), quoted(2, other, "2023-02-10")])
    assert says in note
    assert bool(note) == bool(says)


def test_one_article_or_the_same_week_is_one_event() -> None:
    first = quoted(1, "9月15日召开会议。", "2022-09-16")
    assert difference("会议决定了什么？", "zh", [first]) == ""
    later = quoted(2, "9月18日召开会议。", "2022-09-19")
    assert difference("会议决定了什么？", "zh", [first, later]) == ""


def test_the_note_is_in_the_language_of_the_question() -> None:
    quotes = [quoted(1, "新建学校27所。", None), quoted(4, "Built 31 schools.", None)]
    note = difference("How many schools were built?", "en", quotes)
    assert note == "Two articles may differ here: compare [1] and [4]."


def test_two_papers_that_disagree_are_both_quoted_and_it_is_said(tmp_path: Path) -> None:
    papers = {
        "morning.md": ("晨报", "2023-03-01", "青川区去年新建中小学校27所，新增学位两万个。"),
        "evening.md": ("晚报", "2023-03-02", "青川区去年新建中小学校31所，比前年多四所。"),
    }
    for name, (source, day, text) in papers.items():
        page = f"# 青川区新学校开学\n\n{day} 青川{source}\n\n{text}"
        (tmp_path / name).write_text(page, encoding="utf-8")
    rag.build_index([tmp_path], tmp_path / "index")
    index = rag.open_index(tmp_path / "index")
    for question, words in (
        ("青川区去年新建了多少所中小学校？", "说法可能不同"),
        ("How many new schools did Qingchuan district build last year?", "may differ"),
    ):
        answer = index.ask(question)
        assert {citation.article.source for citation in answer.citations} == {
            "青川晨报",
            "青川晚报",
        }
        assert words in answer.note
        assert answer.text.startswith(answer.note)
        assert answer.to_dict()["note"] == answer.note
        assert f'role="note" lang="{answer.language}">{answer.note}' in render_answer(answer)
