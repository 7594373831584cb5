"""Retrieval over the sample articles: spans, order, filters, names, scripts, repeats, threads."""

from __future__ import annotations

import importlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import rag

DATA = Path(__file__).resolve().parent.parent / "data"
SIGNALS = {"dense", "lexical", "late", "names", "focus"}


def test_a_hit_is_a_span_of_its_article_with_signals_in_order(sample_index: rag.Index) -> None:
    hits = sample_index.retrieve("福田的“五个一”是什么？", k=8)
    assert len(hits) == 8
    scores = [round(h.score, 3) for h in hits]
    assert scores == sorted(scores, reverse=True)
    for hit in hits:
        assert sample_index.article(hit.article.id).text[hit.start : hit.end] == hit.text
        assert set(hit.signals) == SIGNALS
        assert all(0.0 <= value <= 1.0 for value in (hit.score, *hit.signals.values()))


@pytest.mark.parametrize("question", ["carbon", "☃", "1", "碳", "the of and", "的"])
def test_k_hits_come_back_whatever_is_asked(sample_index: rag.Index, question: str) -> None:
    passages = sample_index.info().passages
    for k in (1, 7, passages, passages + 50):
        hits = sample_index.retrieve(question, k=k)
        assert len(hits) == min(k, passages)
        assert len({(h.article.id, h.start) for h in hits}) == len(hits)


def test_filters_keep_only_what_they_name(sample_index: rag.Index) -> None:
    articles = list(sample_index.articles())
    everything = sample_index.info().passages
    for language in ("zh", "en"):
        hits = sample_index.retrieve("carbon", k=everything, language=language)
        wanted = {a.id for a in articles if a.language == language}
        assert {h.article.id for h in hits} == wanted
    dates = sorted(a.date for a in articles if a.date)
    middle = dates[len(dates) // 2]
    hits = sample_index.retrieve("会议", k=everything, date_from=middle, date_to=middle)
    assert {h.article.date for h in hits} == {middle}
    source = next(a.source for a in articles if a.source)
    hits = sample_index.retrieve("会议", k=everything, source=source)
    assert {h.article.source for h in hits} == {source}
    assert sample_index.retrieve("会议", source="no such paper") == []


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"date_from": "2022-13-01"}, "date_from"),
        ({"date_to": "last week"}, "date_to"),
        ({"language": "fr"}, "language"),
    ],
)
def test_a_malformed_filter_is_named(
    sample_index: rag.Index, filters: dict[str, str], named: str
) -> None:
    with pytest.raises(rag.QuestionError, match=named):
        sample_index.retrieve("会议", **filters)  # type: ignore[call-overload]


@pytest.mark.parametrize("question", ["", "   \n", "碳" * 10_000])
def test_a_question_of_no_or_too_many_characters_is_one_line(
    sample_index: rag.Index, question: str
) -> None:
    for ask in (sample_index.retrieve, sample_index.ask):
        with pytest.raises(rag.QuestionError) as caught:
            ask(question)
        assert "\n" not in str(caught.value)


def test_traditional_and_simplified_questions_give_the_same_hits(sample_index: rag.Index) -> None:
    one = sample_index.retrieve("龙岗区召开双碳会议作出什么决定？")
    two = sample_index.retrieve("龍崗區召開雙碳會議作出什麼決定？")
    assert [(h.article.id, h.start) for h in one] == [(h.article.id, h.start) for h in two]


def test_a_romanised_name_finds_its_characters(tmp_path: Path) -> None:
    body = "会议由分管领导主持，各部门负责人参加，研究了下一步的工作安排和时间表。"
    for name in ("冼颂筠", "康麟", "郁蔚然"):
        (tmp_path / f"{name}.txt").write_text(
            f"工作会议召开\n\n{name}出席。{body}", encoding="utf-8"
        )
    rag.build_index([tmp_path], tmp_path / "index")
    index = rag.open_index(tmp_path / "index")
    for asked, name in (("Xian Songyun", "冼颂筠"), ("Kang Lin", "康麟"), ("Yu Weiran", "郁蔚然")):
        (hit,) = index.retrieve(f"Which meeting did {asked} attend?", k=1)
        assert name in hit.text
        assert hit.signals["names"] == pytest.approx(1.0)


def test_a_chinese_name_finds_its_romanisation(tmp_path: Path) -> None:
    for name in ("Xian Songyun", "Kang Lin", "Yu Weiran"):
        (tmp_path / f"{name}.txt").write_text(
            f"District meeting held\n\n{name} chaired the meeting on Tuesday. "
            "Officials from every department attended and discussed the schedule.",
            encoding="utf-8",
        )
    rag.build_index([tmp_path], tmp_path / "index")
    (hit,) = rag.open_index(tmp_path / "index").retrieve("冼颂筠主持了什么会？", k=1)
    assert "Xian Songyun" in hit.text


def test_a_repeat_stands_behind_every_other_passage(tmp_path: Path) -> None:
    story = "云泊市图书馆宣布每晚开放至十点，读者可以凭市民卡入馆，周末照常。" * 2
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jsonl").write_text(
            f'{{"_id": "{name}", "title": "图书馆延长开放", "text": "{story}"}}\n', encoding="utf-8"
        )
    (tmp_path / "d.jsonl").write_text(
        '{"_id": "d", "title": "公交改线", "text": "三路公交自下月起绕行河西路，票价不变。"}\n',
        encoding="utf-8",
    )
    rag.build_index([tmp_path], tmp_path / "index")
    index = rag.open_index(tmp_path / "index")
    assert {h.article.id for h in index.retrieve("图书馆开到几点？", k=2)} & {
        "a",
        "b",
        "c",
    } != set()
    assert "d" in {h.article.id for h in index.retrieve("图书馆开到几点？", k=2)}
    assert len(index.retrieve("图书馆开到几点？", k=4)) == 4


def test_of_equal_scores_the_newest_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = {"a": "2022-03-01", "b": None, "c": "2023-03-01", "d": "2021-03-01", "e": "2020-03-01"}
    rows = [
        {"_id": id_, "title": f"图书馆{id_}", "text": f"图书馆每晚开放至十点，编号{id_ * 5}。"}
        | ({"date": day} if day else {})
        for id_, day in days.items()
    ]
    (tmp_path / "papers.jsonl").write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8"
    )
    rag.build_index([tmp_path / "papers.jsonl"], tmp_path / "index")
    index = rag.open_index(tmp_path / "index")
    scores = np.array([0.50001, 0.50004, 0.49999, 0.50002, 0.51], dtype=np.float32)
    monkeypatch.setattr("rag.signals.fuse", lambda scored, shares: scores)
    hits = index.retrieve("图书馆开到几点？", k=5)
    assert [hit.article.id for hit in hits] == ["e", "c", "a", "d", "b"]


def test_one_index_serves_many_threads(sample_index: rag.Index) -> None:
    questions = [
        "What did the carbon meeting decide?",
        "音乐学院在哪里？",
        "library opening hours",
    ] * 8
    alone = [[h.to_dict() for h in sample_index.retrieve(q)] for q in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda q: [h.to_dict() for h in sample_index.retrieve(q)], questions)
        )
    assert together == alone


def test_the_one_line_form_is_the_same(sample_index: rag.Index, sample_index_dir: Path) -> None:
    question = "Where is the music school?"
    assert rag.retrieve(question, k=3, index=sample_index_dir) == sample_index.retrieve(
        question, k=3
    )
    assert rag.ask(question, index=sample_index_dir) == sample_index.ask(question)


def test_a_batch_gives_what_each_question_gives(sample_index: rag.Index) -> None:
    questions = ["双碳会议定了些什么事？", "Which bus routes change?", "东堤图书馆几点关门？"]
    batch = sample_index.retrieve(questions, k=4)
    assert batch == [sample_index.retrieve(question, k=4) for question in questions]
    assert sample_index.retrieve([]) == []
    with pytest.raises(rag.QuestionError):
        sample_index.retrieve(["双碳", " "])


def test_a_number_written_another_way_is_found(tmp_path: Path) -> None:
    texts = ["全年新增座椅1.87万把。", "全年新增座椅2.87万把。", "全年新增座椅许多把。"]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(f"新闻{number}\n\n{text}{text}\n", encoding="utf-8")
    rag.build_index([tmp_path], tmp_path / "index")
    index = rag.open_index(tmp_path / "index")
    assert "1.87万" in index.retrieve("Where do the 18,700 seats stand?", k=1)[0].text
    assert "2.87万" in index.retrieve("28700把座椅在哪里？", k=1)[0].text


def test_both_scripts_and_typos_give_the_same_hits(sample_index: rag.Index) -> None:
    one = sample_index.retrieve("龙岗区的双碳会议定了哪几件事？")
    other = sample_index.retrieve("龍崗區的雙碳會議定了哪幾件事？")
    assert [(h.article.id, h.start) for h in one] == [(h.article.id, h.start) for h in other]
    assert [h.score for h in one] == pytest.approx([h.score for h in other])
    right = sample_index.retrieve("What did the carbon meeting say about technologies?")
    wrong = sample_index.retrieve("What did the carbon meeting say about technolgies?")
    assert right == wrong


def test_a_passage_is_read_with_its_neighbours(tmp_path: Path) -> None:
    first = "青木河治理工程由市水务局主持。" + "会上介绍了分段计划和各段的负责人。" * 20
    second = "工程总投资为三亿元，由财政拨付。" + "其余事项另行通知，请各单位遵照执行。" * 20
    other = "一所学校的食堂总投资三亿元。" + "学生们对饭菜很满意，家长也放心。" * 20
    (tmp_path / "a.txt").write_text(f"市里动态\n\n{first}\n\n{second}\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text(f"校园消息\n\n{other}\n", encoding="utf-8")
    rag.build_index([tmp_path], tmp_path / "index")
    hits = rag.open_index(tmp_path / "index").retrieve("青木河治理工程总投资多少？", k=3)
    told = [hit.article.path for hit in hits if "三亿元" in hit.text]
    assert told[0].endswith("a.txt")


def test_candidates_do_not_lose_what_scoring_all_finds(
    sample_index: rag.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = [
        json.loads(line)["question"]
        for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    every = sample_index.info().passages
    assert every > 50
    monkeypatch.setattr(importlib.import_module("rag.retrieve"), "CANDIDATES", 8)
    lost = []
    for question in questions:
        few, all_ = (sample_index.retrieve(question, k=k)[0] for k in (2, every))
        if (few.article.id, few.start) != (all_.article.id, all_.start):
            lost.append(question)
    assert len(lost) <= 0.05 * len(questions), (
        lost
    )  # neighbours that are no candidates themselves lend nothing
