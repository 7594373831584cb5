"""The figures of reading, on articles made for the purpose, against numbers worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import rag
from rag.evaluate import DocumentScore, IngestReport, figures, read_gold, score_document
from rag.ingest import Corpus
from rag.types import Article

A = {
    "title": "夜市搬家",
    "date": "2023-08-14",
    "source": "云泊日报",
    "source_accept": [None],
    "authors": ["卜星遥"],
    "language": "zh",
    "headings": ["租金"],
    "first_sentence": "夜市 昨晚搬家。",
    "inside": ["租金六百元。"],
    "last_sentence": "下周再定。",
    "boilerplate": ["责任编辑：易可", "点击：12"],
}
B = {
    "title": None,
    "not_title": ["广告"],
    "first_sentence": "操场傍晚开放。",
    "last_sentence": "他绕了十圈。",
    "page": 2,
    "last_page": 3,
    "boilerplate": ["责任编辑：易可"],
}
TEXT_A = "夜市昨晚搬家。\n租金六百元。\n下周再定。"
TEXT_B = "操场傍晚开放。\n他绕了十圈。"


def article(text: str, title: str = "夜市搬家", **values: Any) -> Article:
    return Article("id", title, text, "a.txt", "zh", **values)


def right_a(text: str = TEXT_A) -> Article:
    return article(
        text, date="2023-08-14", authors=("卜星遥",), headings=((text.find("租金"), "租金"),)
    )


def right_b(text: str = TEXT_B) -> Article:
    return article(text, "操场傍晚开放", title_inferred=True, pages=((0, 2), (8, 3)))


def score(
    *articles: Article, gold: dict[str, Any] | None = None, skipped: tuple[str, ...] = ()
) -> DocumentScore:
    corpus = Corpus(articles, tuple(("a.txt", reason) for reason in skipped))
    return score_document(gold or {"file": "a.txt", "kind": "page", "stories": [A, B]}, corpus)


def test_what_is_read_rightly_has_full_marks_and_no_faults() -> None:
    scored = score(right_a(), right_b())
    asked = {name: value for name, value in figures([scored]).items() if value is not None}
    assert asked.pop("documents") == 1
    assert asked.pop("stories") == 2
    assert set(asked.values()) == {1.0}
    assert set(asked) >= {"f1", "title", "headings", "page", "boilerplate_recall", "clean"}
    assert scored.faults == ()


def test_a_story_that_was_lost_lowers_recall_and_every_field() -> None:
    scored = score(right_a())
    got = figures([scored])
    assert (got["precision"], got["recall"], got["f1"]) == (1.0, 0.5, 2 / 3)
    assert (got["title"], got["date"], got["page"]) == (0.5, 1.0, 0.0)
    assert got["boilerplate_precision"] == 3 / 5
    assert scored.faults == (("a.txt#1 (操场傍晚开放。)", ("not found",)),)


def test_an_extra_story_lowers_precision_and_is_named() -> None:
    scored = score(right_a(), right_b(), article("热点排行。", "广告"))
    got = figures([scored])
    assert (got["precision"], got["recall"], got["f1"]) == (2 / 3, 1.0, 0.8)
    assert scored.faults == (("a.txt", ("extra story: 广告",)),)


def test_a_story_with_another_in_it_is_not_whole() -> None:
    scored = score(right_a(f"{TEXT_A}\n{TEXT_B}"))
    got = figures([scored])
    assert (got["precision"], got["recall"]) == (0.0, 0.0)
    assert got["boilerplate_precision"] == 1.0
    assert got["date"] == 1.0
    assert scored.faults[0][1] == ("not whole, or with another story in it",)


def test_a_story_without_its_end_is_not_whole_but_its_title_counts() -> None:
    scored = score(right_a("夜市昨晚搬家。\n租金六百元。"), right_b())
    got = figures([scored])
    assert (got["recall"], got["title"], got["boilerplate_precision"]) == (0.5, 1.0, 4 / 5)
    assert "lost: 下周再定。" in scored.faults[0][1]


def test_wrong_values_are_named_with_what_was_expected() -> None:
    wrong = article(TEXT_A, "旧车站", date="2023-08-15", source="别报", headings=((8, "租金"),))
    scored = score(wrong, right_b())
    got = figures([scored])
    assert (got["title"], got["date"], got["source"], got["authors"]) == (0.5, 0.0, 0.0, 0.0)
    assert got["headings"] == 1.0
    assert 'date: expected "2023-08-14", got "2023-08-15"' in scored.faults[0][1]


def test_a_title_that_is_expected_to_be_missing_must_be_inferred() -> None:
    printed = article(TEXT_B, "操场傍晚开放", pages=((0, 2), (8, 3)))
    forbidden = article(TEXT_B, "广告", title_inferred=True, pages=((0, 2), (8, 3)))
    assert figures([score(right_a(), printed)])["title"] == 0.5
    assert figures([score(right_a(), forbidden)])["title"] == 0.5


def test_a_wrong_last_page_is_wrong() -> None:
    short = article(TEXT_B, "操场傍晚开放", title_inferred=True, pages=((0, 2),))
    assert figures([score(right_a(), short)])["page"] == 0.0


def test_boilerplate_that_stayed_costs_recall_and_cleanness() -> None:
    scored = score(right_a(f"{TEXT_A}\n责任编辑： 易可"), right_b())
    got = figures([scored])
    assert (got["boilerplate_recall"], got["clean"], got["recall"]) == (0.5, 0.5, 1.0)
    assert scored.faults == (("a.txt#0 夜市搬家", ("holds: 责任编辑：易可",)),)


def test_copies_are_a_number_or_the_ends_of_their_paths() -> None:
    copied = article(TEXT_A, copies=("x/b.txt",))
    for expected, right in ((1, 1.0), (0, 0.0), (["b.txt"], 1.0), (["c.txt"], 0.0), ([], 0.0)):
        gold = {"file": "a.txt", "stories": [{**A, "copies": expected}]}
        assert figures([score(copied, gold=gold)])["copies"] == right


def test_a_document_that_must_be_refused_is_judged_by_the_reason() -> None:
    gold = {"file": "a.caj", "skipped": "print it to .pdf"}
    refused = score(gold=gold, skipped=("CAJ files are not read: print it to .pdf",))
    other = score(gold=gold, skipped=("is empty",))
    read = score(right_a(), gold=gold)
    assert figures([refused])["refused"] == 1.0
    assert figures([refused])["f1"] is None
    assert refused.kind == "caj"
    assert other.faults == (("a.caj", ("not refused with the reason expected",)),)
    assert figures([refused, other, read])["refused"] == 1 / 3
    assert figures([read])["precision"] == 0.0


def test_figures_come_by_kind_and_in_total() -> None:
    report = IngestReport(
        (
            score(right_a(), right_b()),
            score(gold={"file": "b.pdf", "kind": "column", "stories": [A]}),
        )
    )
    assert {name: kind["recall"] for name, kind in report.kinds.items()} == {
        "column": 0.0,
        "page": 1.0,
    }
    assert report.total["recall"] == 2 / 3
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()


def test_a_folder_is_read_and_scored(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"title": "夜市搬家", "text": TEXT_A, "date": "2023-08-14"}), encoding="utf-8"
    )
    (tmp_path / "gold.json").write_text(
        json.dumps([{"file": "a.jsonl", "stories": [A]}]), encoding="utf-8"
    )
    report = rag.evaluate_ingest(tmp_path)
    assert report.total["f1"] == 1.0
    assert report.total["authors"] == 0.0
    assert list(report.kinds) == ["jsonl"]


@pytest.mark.parametrize(
    "content",
    ["[", "{}", "[1]", '[{"stories": []}]', '[{"file": "a", "stories": [{"title": "x"}]}]'],
)
def test_a_malformed_gold_file_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "gold.json").write_text(content, encoding="utf-8")
    with pytest.raises(rag.InputError, match=r"malformed|no valid JSON") as caught:
        read_gold(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_without_gold_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(rag.InputError, match="give a folder of documents"):
        rag.evaluate_ingest(tmp_path)
