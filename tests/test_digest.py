"""Questions for the news alone: which they are, and what they are answered with."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import rag
from rag.digest import ARTICLES, asks_for_news

TODAY = date(2022, 10, 10)
NEWS = [
    "最近有什么新闻？",
    "这些文章讲了什么？",
    "概括一下这些文章",
    "新闻有哪些？",
    "What are these articles about?",
    "what's new?",
    "Any news?",
    "Summarize the articles",
    "What news is there?",
]
EVENTS = ["发生了什么？", "都发生了哪些事情", "What happened ?", "in  , what's happening"]
MATTERS = [
    "会议讲了什么？",
    "福田有什么新闻？",
    "会议上发生了什么？",
    "有什么变化？",
    "What's new in Futian?",
    "What happened in Longgang?",
    "what did the meeting say",
    "谁的新闻？",
    "",
]


def test_which_questions_ask_for_the_news_alone() -> None:
    for dated in (False, True):
        assert [text for text in NEWS if not asks_for_news(text, dated=dated)] == []
        assert [text for text in MATTERS if asks_for_news(text, dated=dated)] == []
        assert [text for text in EVENTS if asks_for_news(text, dated=dated)] == EVENTS * dated


def test_no_question_of_ours_is_taken_for_one() -> None:
    path = Path(__file__).resolve().parent.parent / "data/questions.jsonl"
    questions = [json.loads(line)["question"] for line in path.read_text("utf-8").splitlines()]
    assert len(questions) > 40
    assert not [text for text in questions if asks_for_news(text, dated=True)]


def article(number: int, day: str | None, text: str) -> str:
    row = {"_id": f"a{number}", "title": f"第{number}件事", "text": text, "source": "石湾日报"}
    return json.dumps(row | ({"date": day} if day else {}), ensure_ascii=False)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> rag.Index:
    """Seven articles of a week, one of the spring, an English one and one without a date."""
    folder = tmp_path_factory.mktemp("week")
    rows = [
        article(n, f"2022-10-0{n}", f"昨天。石湾区第{n}所学校启用了新的图书馆。以后天天开放。")
        for n in range(1, 8)
    ]
    rows.append(article(8, "2022-03-09", "石湾区的公园种下了三百棵树。市民可以认养。"))
    rows.append(article(9, "2022-05-02", "The town opened a new bridge. It is for walkers only."))
    rows.append(article(10, None, "石湾区的河道清理完成。鱼群回来了。"))
    (folder / "week.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rag.build_index([folder / "week.jsonl"], folder / "index")
    return rag.open_index(folder / "index")


def test_the_newest_articles_open_the_answer(week: rag.Index) -> None:
    answer = week.ask("上周发生了什么？", today=TODAY)
    assert [c.article.id for c in answer.citations] == ["a7", "a6", "a5", "a4", "a3"]
    assert answer.citations[0].quote == "昨天。石湾区第7所学校启用了新的图书馆。"
    assert answer.note == "共 5 篇文章："
    assert answer.text.startswith("共 5 篇文章：\n第7件事 (石湾日报, 2022-10-07)\n“昨天。")
    assert not answer.abstained
    assert (answer.understood.phrase, answer.understood.widened) == ("上周", False)
    assert [hit.article.id for hit in answer.hits] == ["a7", "a6", "a5", "a4", "a3"]
    for citation in answer.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote
    assert week.explain(answer.question, answer.hits[0]).signals


def test_without_a_period_all_articles_count(week: rag.Index) -> None:
    answer = week.ask("What are these articles about?", k=2)
    assert len(answer.citations) == ARTICLES
    assert len(answer.hits) == 2
    assert answer.note == "10 articles, the newest first:"
    assert answer.citations[0].gloss
    assert {c.article.id for c in week.ask("有什么新闻？", language="en").citations} == {"a9"}
    dated = week.ask("有什么新闻？", date_to="2022-04-01")
    assert [c.article.id for c in dated.citations] == ["a8"]


def test_a_period_without_articles_is_said_and_widened(week: rag.Index) -> None:
    answer = week.ask("2021年3月有什么新闻？", today=TODAY)
    assert answer.understood.widened
    assert answer.citations[0].article.id == "a7"
    nothing = week.ask("有什么新闻？", source="没有这家报")
    assert (nothing.abstained, nothing.citations, nothing.hits) == (True, (), ())


def test_what_stands_before_does_not_matter(week: rag.Index) -> None:
    answer = week.ask("上周发生了什么？", ["石湾区的公园种下了多少棵树？"], today=TODAY)
    assert [c.article.id for c in answer.citations] == ["a7", "a6", "a5", "a4", "a3"]
    assert answer.understood.carried == ()


def test_what_happened_in_a_follow_up_is_about_its_matter(week: rag.Index) -> None:
    history = ["2022年3月石湾区的公园种下了多少棵树？"]
    answer = week.ask("那发生了什么？", history, today=TODAY)
    assert answer.understood.carried
    assert {c.article.id for c in answer.citations} <= {"a8"}
