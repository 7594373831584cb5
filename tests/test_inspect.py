"""What `inspect` shows is what was read: every piece in its place, and nothing on the page runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import html as markup

import rag
from rag.ingest.model import Dropped, Placed, Story
from rag.inspect import InspectedDocument, InspectedStory, inspect_paths, pieces
from rag.report import render_report
from rag.types import Passage

DOCUMENTS = Path(__file__).parent / "documents"
FIRST = "柳塘区的夜市昨晚搬进停用六年的旧车站，首晚来了八千人。"
SECOND = "摊主每月租金六百元，水电另计，下周再定收摊的时间。"
HOSTILE = '<script>alert(1)</script><img src=x onerror="x()"> & \x1b[31m\u202e'


def document(
    blocks: list[Placed], *texts: str, left_out: tuple[Dropped, ...] = (), **values: object
) -> InspectedDocument:
    stories = tuple(
        InspectedStory(
            Story(**{"title": f"标题{number}", "text": text, **values}),  # type: ignore[arg-type]
            "zh",
            (Passage("", 0, len(text), text),),
        )
        for number, text in enumerate(texts)
    )
    return InspectedDocument(
        "a.txt", "plain text", stories=stories, blocks=tuple(blocks), left_out=left_out
    )


def located(text: str, *blocks: str) -> list[list[tuple[int | None, str]]]:
    placed = [Placed(block, "text", 0) for block in blocks]
    return [found for _, found in pieces(document(placed, text))]


def test_a_block_that_was_kept_whole_is_one_piece() -> None:
    assert located(f"{FIRST}\n{SECOND}", FIRST, SECOND) == [
        [(0, FIRST)],
        [(len(FIRST) + 1, SECOND)],
    ]


def test_what_was_cut_from_a_block_is_a_piece_without_a_position() -> None:
    kept = FIRST + SECOND
    assert located(kept, f"本报讯（记者 卜星遥）{kept}") == [
        [(None, "本报讯（记者 卜星遥）"), (0, kept)]
    ]
    assert located(kept, f"{kept}（完）") == [[(0, kept), (None, "（完）")]]
    assert located(kept, f"{FIRST}（下转A5版）{SECOND}") == [
        [(0, FIRST), (None, "（下转A5版）"), (len(FIRST), SECOND)]
    ]


def test_a_block_may_have_become_two_lines() -> None:
    assert located(f"{FIRST}\n二、租金", f"{FIRST} 二、租金") == [
        [(0, FIRST), (None, " "), (len(FIRST) + 1, "二、租金")]
    ]


def test_blocks_are_found_when_the_text_has_them_in_another_order() -> None:
    assert located(f"{SECOND}\n{FIRST}", FIRST, SECOND) == [
        [(len(SECOND) + 1, FIRST)],
        [(0, SECOND)],
    ]


def test_a_block_that_is_not_in_the_text_loses_only_itself() -> None:
    assert located(FIRST, "▲夜市的灯。卜星遥摄", FIRST) == [
        [(None, "▲夜市的灯。卜星遥摄")],
        [(0, FIRST)],
    ]


def test_a_block_that_is_a_part_of_a_longer_line_is_not_that_line() -> None:
    assert located("好好好好", "好好") == [[(None, "好好")]]


def test_every_piece_stands_in_its_text_and_no_character_of_a_block_is_lost() -> None:
    inspection = inspect_paths([DOCUMENTS])
    assert inspection.stories
    for found in inspection.documents:
        for block, parts in pieces(found):
            assert "".join(text for _, text in parts) == block.text
            for at, text in parts:
                if at is not None:
                    assert block.story is not None
                    whole = found.stories[block.story].story.text
                    assert whole[at : at + len(text)] == text


def test_all_that_can_be_asked_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": ""}\n', encoding="utf-8")
    paths = [DOCUMENTS / "two_columns.txt", tmp_path / "bad.jsonl", tmp_path / "none.txt"]
    values = rag.inspect_files(paths).to_dict()
    missing, read, bad = values["documents"]
    assert "does not exist" in missing["unread"]
    assert bad["path"].endswith("bad.jsonl/line 1")
    assert bad["unread"]
    assert (read["unread"], read["how"]) == (None, "plain text")
    story = read["stories"][0]
    assert story["date"] == "2023-03-17"
    assert story["authors"] == ["程舒雅"]
    assert set(story["origins"]) >= {"title", "date", "source", "authors"}
    assert sum(passage["size"] for passage in story["passages"]) == story["characters"] - 3
    assert "text" not in story
    dropped = [entry["text"] for entries in read["dropped"].values() for entry in entries]
    assert "建 设 新桐 浦 幸福 千 万家" in dropped


def test_texts_come_on_request() -> None:
    values = inspect_paths([DOCUMENTS / "two_columns.txt"]).to_dict(text=True)
    (found,) = values["documents"]
    assert found["stories"][0]["text"].startswith("昨日中午")
    assert any(block["role"] == "headline" for block in found["blocks"])


def test_dropped_things_are_grouped_with_the_frequent_reason_first() -> None:
    blocks = [Placed("图一", "caption", page=2), Placed("图二", "caption"), Placed("广告", "ad")]
    left_out = (Dropped("页眉", "page header", 1),)
    found = document(blocks, left_out=left_out)
    assert list(found.dropped_by_reason) == ["caption", "page header", "ad"]
    assert found.dropped_by_reason["caption"][0].page == 2
    assert len(found.dropped) == 4


def page_of(*documents: InspectedDocument) -> markup.HtmlElement:
    return markup.document_fromstring(render_report(rag.Inspection(documents)))


def test_the_page_holds_the_blocks_in_order_with_their_story_and_reason() -> None:
    blocks = [
        Placed("广告位", "furniture of the page"),
        Placed("标题1", "headline", 1),
        Placed(SECOND, "text", 1),
        Placed(FIRST, "text", 0, page=3),
    ]
    page = page_of(document(blocks, FIRST, SECOND))
    shown = page.xpath("//p[contains(@class, 'block')]")
    assert [found.get("class").split()[-1] for found in shown] == [
        "dropped",
        "begins",
        "c2",
        "begins",
    ]
    assert "c1" in shown[3].get("class")
    assert "title" in shown[1].get("class")
    assert shown[0].xpath("span[@class='tag']")[0].text == "furniture of the page"
    assert page.xpath("//div[@class='page']")[0].text == "page 3"
    anchors = {found.get("href")[1:] for found in page.xpath("//h3/a")}
    assert anchors == set(page.xpath("//p/@id"))


def test_a_passage_begins_with_a_mark() -> None:
    story = InspectedStory(
        Story("题", FIRST + SECOND),
        "zh",
        (
            Passage("", 0, len(FIRST), FIRST),
            Passage("", len(FIRST), len(FIRST + SECOND), SECOND),
        ),
    )
    found = InspectedDocument(
        "a", stories=(story,), blocks=(Placed(f"本报讯 {FIRST}{SECOND}", "text", 0),)
    )
    (block,) = page_of(found).xpath("//p[contains(@class, 'block')]")
    marks = block.xpath("span[contains(@class, 'passage')]")
    assert [(mark.text, mark.tail) for mark in marks] == [("1", FIRST), ("2", SECOND)]
    assert block.xpath("span[@class='cut']")[0].text == "本报讯 "


def test_confidence_is_a_bar_and_doubts_are_named() -> None:
    found = document([Placed(FIRST, "text", 0)], FIRST, confidence=0.4, doubts=("two headlines",))
    page = page_of(found, found)
    assert page.xpath("//span[@class='bar']/i/@style")[0] == "width:40%"
    assert "two headlines" in page.xpath("//small[@class='warn']")[0].text
    assert "lowest confidence 0.40" in page.xpath("//ol//span[@class='soft warn']")[0].text


def test_nothing_in_a_document_becomes_mark_up() -> None:
    story = Story(
        HOSTILE,
        HOSTILE,
        source=HOSTILE,
        authors=(HOSTILE,),
        headings=((0, HOSTILE),),
        origins={"source": HOSTILE},
        doubts=(HOSTILE,),
    )
    hostile = InspectedDocument(
        HOSTILE,
        HOSTILE,
        stories=(InspectedStory(story, "en", (Passage("", 0, 3, HOSTILE[:3]),)),),
        blocks=(Placed(HOSTILE, "text", 0), Placed(HOSTILE, HOSTILE)),
        left_out=(Dropped(HOSTILE, HOSTILE, 1),),
    )
    text = render_report(rag.Inspection((hostile, InspectedDocument(HOSTILE, unread=HOSTILE))))
    page = markup.document_fromstring(text)
    assert not page.xpath("//script | //img | //iframe | //link | //object | //*[@onerror]")
    assert not set(page.xpath("//@src"))
    assert all(link.startswith("#") for link in page.xpath("//@href"))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;" in text


def test_the_page_allows_no_script_and_loads_nothing() -> None:
    page = page_of(document([Placed(FIRST, "text", 0)], FIRST))
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "url(" not in page.xpath("//style")[0].text
    assert "@import" not in page.xpath("//style")[0].text


def test_a_report_replaces_a_report_and_nothing_else(tmp_path: Path) -> None:
    inspection = inspect_paths([DOCUMENTS / "wire.txt"])
    target = tmp_path / "report.html"
    rag.write_report(rag.Inspection(()), target)
    rag.write_report(inspection, target)
    assert "候鸟" in target.read_text(encoding="utf-8")
    source = tmp_path / "article.html"
    source.write_text("<html><p>正文</p></html>", encoding="utf-8")
    with pytest.raises(rag.InputError, match="no earlier report"):
        rag.write_report(inspection, source)
    with pytest.raises(rag.InputError, match="cannot be written"):
        rag.write_report(inspection, tmp_path / "nowhere" / "report.html")
    assert source.read_text(encoding="utf-8") == "<html><p>正文</p></html>"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["article.html", "report.html"]
