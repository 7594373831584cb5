"""Plain text with labelled fields: records, their fields and texts, and what is no such text."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest import read_articles
from rag.ingest.labelled import has_labels, read_labelled
from rag.ingest.model import Document

FIRST = "青汀湖的水位比去年高出四十厘米，管理处把木栈道加高了一截。"
SECOND = "来看鸟的人反而多了，周末仍要预约。"
BRIDGE = "跨江大桥昨日合龙，施工用了三年，明年春天可以通车。"
RECORD = f"""标题：湖边的木栈道又加高了
日期：2023-05-01
来源：湖城日报
作者：何远、白一舟
正文：{FIRST}

{SECOND}
"""
OTHER = f"""标题：跨江大桥昨日合龙
来源：湖城晚报
时间：2023年5月2日

{BRIDGE}
"""


def one(text: str) -> Document:
    [document] = read_labelled(text)
    return document


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_a_record_declares_its_fields_and_says_where_they_were_read() -> None:
    document = one(RECORD)
    declared = document.declared
    assert (declared.title, declared.date) == ("湖边的木栈道又加高了", "2023-05-01")
    assert (declared.source, declared.authors) == ("湖城日报", ("何远", "白一舟"))
    assert dict(declared.origins) == {
        "title": "field 标题",
        "date": "field 日期",
        "source": "field 来源",
        "authors": "field 作者",
    }
    assert texts(document) == [FIRST, SECOND]
    assert (document.name, document.how) == ("", "labelled fields")


def test_english_labels_are_read_too() -> None:
    document = one(
        "Title: The lake rose\nDate: May 1, 2023\nAuthor: Ann Lee; Bo Chu\n"
        "Source: Lake News\nText: The lake rose by forty centimetres this year.\n"
    )
    declared = document.declared
    assert (declared.title, declared.date) == ("The lake rose", "2023-05-01")
    assert (declared.source, declared.authors) == ("Lake News", ("Ann Lee", "Bo Chu"))
    assert texts(document) == ["The lake rose by forty centimetres this year."]


@pytest.mark.parametrize("label", ["【{}】：", "[{}]: ", "<{}>：", "　{} ：", "{}:"])
def test_labels_may_stand_in_brackets_and_before_either_colon(label: str) -> None:
    fields = ("标题", "湖边"), ("日期", "2023-05-01"), ("来源", "湖城日报"), ("正文", FIRST)
    text = "\n".join(label.format(name) + value for name, value in fields)
    assert has_labels(text)
    document = one(text)
    assert (document.declared.title, document.declared.date) == ("湖边", "2023-05-01")
    assert texts(document) == [FIRST]


def test_each_title_begins_a_record_and_records_are_named_by_their_number() -> None:
    first, second = read_labelled(f"{RECORD}\n==========\n{OTHER}")
    assert (first.name, second.name) == ("record 1", "record 2")
    assert texts(first) == [FIRST, SECOND]
    assert (second.declared.title, second.declared.date) == ("跨江大桥昨日合龙", "2023-05-02")
    assert second.declared.authors == ()
    assert "authors" not in second.declared.origins


def test_without_the_label_of_a_text_it_begins_below_the_fields() -> None:
    assert texts(one(OTHER)) == [BRIDGE]


def test_what_looks_like_a_field_in_the_text_is_text() -> None:
    document = one(f"{RECORD}时间：周五晚上七点，地点在湖边。\n")
    assert document.declared.date == "2023-05-01"
    assert texts(document)[-1] == "时间：周五晚上七点，地点在湖边。"


def test_other_fields_are_dropped_by_name_and_rules_without_a_word() -> None:
    document = one(RECORD.replace("正文", "版次：A3\n关键词：湖；鸟\n正文") + "-----\n")
    assert [(d.text, d.reason) for d in document.dropped] == [
        ("版次：A3", "another field"),
        ("关键词：湖；鸟", "another field"),
    ]
    assert texts(document) == [FIRST, SECOND]


def test_the_page_behind_the_name_of_a_paper_is_no_part_of_it() -> None:
    for page in ("第A3版", "A03版 要闻", "12版"):
        paper = one(RECORD.replace("湖城日报", f"湖城日报 {page}")).declared.source
        assert paper == "湖城日报"


def test_the_first_of_two_fields_of_one_kind_counts_and_an_empty_one_does_not() -> None:
    text = RECORD.replace("日期：2023-05-01", "日期：\n时间：2023-05-03\n发布日期：2023-05-04")
    declared = one(text).declared
    assert (declared.date, declared.origins["date"]) == ("2023-05-03", "field 时间")


def test_a_date_that_is_none_is_not_made_up() -> None:
    assert one(RECORD.replace("2023-05-01", "昨日")).declared.date is None


def test_records_need_a_title_with_a_value_and_other_labels_below_it() -> None:
    assert has_labels(RECORD)
    assert has_labels(OTHER)
    assert has_labels(f"导出自剪报库\n\n{RECORD}")
    assert not has_labels(RECORD.replace("湖边的木栈道又加高了", ""))
    assert not has_labels(RECORD.partition("\n")[2])
    assert not has_labels(f"标题：湖边的木栈道又加高了\n{FIRST}\n{SECOND}")
    assert not has_labels(f"湖边的木栈道又加高了\n日期：2023-05-01\n来源：湖城日报\n{FIRST}")
    far = "\n".join([FIRST] * 6)
    assert not has_labels(f"标题：湖边\n{far}\n日期：2023-05-01\n来源：湖城日报")


@pytest.mark.parametrize("text", ["", "\n\n", FIRST, "日期：2023-05-01\n正文：" + FIRST])
def test_without_a_title_there_is_no_record(text: str) -> None:
    assert not has_labels(text)
    assert list(read_labelled(text)) == []


def test_a_record_without_text_has_no_blocks() -> None:
    assert one("标题：湖边\n日期：2023-05-01\n来源：湖城日报").blocks == []


def test_a_file_of_records_gives_an_article_each(tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text(f"{RECORD}\n{OTHER}", encoding="utf-8")
    corpus = read_articles([path])
    assert corpus.skipped == ()
    assert [(a.title, a.date, a.source, a.path) for a in corpus.articles] == [
        ("湖边的木栈道又加高了", "2023-05-01", "湖城日报", f"{path}/record 1"),
        ("跨江大桥昨日合龙", "2023-05-02", "湖城晚报", f"{path}/record 2"),
    ]
    assert corpus.articles[0].text == f"{FIRST}\n{SECOND}"
