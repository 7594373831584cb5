"""Files → articles: formats, encodings, what is skipped and how it is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rag
from rag.ingest import Corpus, read_articles, source_files
from rag.types import Article
from tests.test_ingest_pdf import lines, pdf, put

BODY = "青汀湖的水位比去年同期高出四十厘米，管理处把木栈道加高了一截。来看鸟的人反而多了。"


def read(folder: Path, name: str, content: str | bytes) -> Corpus:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_articles([path])


def one(folder: Path, name: str, content: str | bytes) -> Article:
    corpus = read(folder, name, content)
    assert corpus.skipped == ()
    assert len(corpus.articles) == 1
    return corpus.articles[0]


# Walking


def test_folders_are_read_recursively_in_sorted_order_and_progress_is_told(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    bodies = (BODY, "守灯人的孙女把灯塔的故事写成一本书。", "两条泳道在早晨对冬泳的人免费开放。")
    for name, body in zip(("b/c.txt", "a.txt", "b/a.md"), bodies, strict=True):
        (tmp_path / name).write_text(f"{name}的头条\n\n{body}", encoding="utf-8")
    told: list[tuple[int, int, str]] = []
    corpus = read_articles([str(tmp_path)], lambda *step: told.append(step))
    names = [os.path.relpath(article.path, tmp_path) for article in corpus.articles]
    assert names == ["a.txt", os.path.join("b", "a.md"), os.path.join("b", "c.txt")]
    assert [(done, total) for done, total, _ in told] == [(1, 3), (2, 3), (3, 3)]
    assert [path for _, _, path in told] == [article.path for article in corpus.articles]


def test_paths_are_kept_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "a.txt").write_text(BODY, encoding="utf-8")
    assert read_articles(["papers/"]).articles[0].path == "papers/a.txt"
    assert read_articles(["./papers"]).articles[0].path == "./papers/a.txt"
    assert source_files(["papers"]) == [Path("papers/a.txt")]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY, encoding="utf-8")
    assert len(read_articles([tmp_path, tmp_path / "a.txt"]).articles) == 1


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY, encoding="utf-8")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    corpus = read_articles([tmp_path])
    assert len(corpus.articles) == 1
    assert [reason for _, reason in corpus.skipped] == ["is a broken link: remove it"]


def test_hidden_files_and_pictures_are_passed_over_and_other_documents_named(
    tmp_path: Path,
) -> None:
    for name in (".hidden.txt", "~$lock.txt", "photo.jpg", "style.css"):
        (tmp_path / name).write_text(BODY, encoding="utf-8")
    (tmp_path / "report.doc").write_bytes(b"x")
    corpus = read_articles([tmp_path])
    assert corpus.articles == ()
    assert [path for path, _ in corpus.skipped] == [str(tmp_path / "report.doc")]


def test_what_cannot_be_read_gives_one_clear_line_each(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.md").write_bytes(b" \n\n ")
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "pdf.txt").write_bytes(b"%PDF-1.7\n" + b"x" * 50)
    (tmp_path / "numbers.txt").write_text("123 456\n...\n", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.txt")
    corpus = read_articles([tmp_path, tmp_path / "missing.txt", tmp_path / "\0"])
    assert corpus.articles == ()
    reasons = {os.path.basename(path): reason for path, reason in corpus.skipped}
    assert reasons["empty.txt"] == reasons["blank.md"] == "is empty: remove it or fill it"
    assert reasons["empty.jsonl"] == "is empty: remove it or fill it"
    assert reasons["binary.txt"] == "is binary, not text: save it as text"
    assert reasons["pipe.txt"] == "is no regular file: give a file or a folder"
    assert reasons["missing.txt"] == "does not exist: check the path"
    assert len(reasons) == 9
    assert all("\n" not in reason and ": " in reason for reason in reasons.values())


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY, encoding="utf-8")
    (tmp_path / "a.txt").chmod(0)
    assert "permission" in read_articles([tmp_path]).skipped[0][1]


def test_a_file_that_is_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.ingest.formats.MAX_FILE", 20)
    assert "split it" in read(tmp_path, "a.txt", BODY).skipped[0][1]


# Identity


def test_ids_are_stable_and_the_same_text_twice_is_one_article(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(BODY, encoding="utf-8")
    (first,) = read_articles([tmp_path]).articles
    assert read_articles([tmp_path]).articles == (first,)
    assert len(first.id) == 12
    assert (first.path, first.copies) == (str(tmp_path / "a.txt"), (str(tmp_path / "b.txt"),))


# Encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_encoding_gives_the_same_text(tmp_path: Path, encoding: str) -> None:
    content = f"湖边的木栈道又加高了\n\n{BODY}\n\n{BODY[::-1]}".encode(encoding)
    article = one(tmp_path, "a.txt", content)
    assert article.title == "湖边的木栈道又加高了"
    assert article.text.startswith(BODY)


def test_big5_is_told_from_gb18030(tmp_path: Path) -> None:
    body = "嶼上的燈塔已經一百歲了，守燈人的孫女決定把它的故事寫成一本書，書名就叫做歸航。" * 3
    assert one(tmp_path, "a.txt", body.encode("big5")).text == body


def test_western_quotes_in_an_english_file_stay_quotes(tmp_path: Path) -> None:
    text = "The keeper said the lamp doesn’t go out. It hasn’t since 1921, and it won’t now."
    assert one(tmp_path, "a.txt", text.encode("cp1252")).text == text


def test_a_charset_declared_in_a_page_is_used(tmp_path: Path) -> None:
    page = f'<html><head><meta charset="gb2312"><title>湖</title></head><body><p>{BODY}</p>'
    assert BODY in one(tmp_path, "a.html", page.encode("gb18030")).text


def test_controls_and_invisible_characters_are_removed(tmp_path: Path) -> None:
    article = one(tmp_path, "a.txt", BODY.replace("水位", "水\x07\u200b位\u202e") + "\r\n第二段。")
    assert article.text == f"{BODY}\n第二段。"


# JSON lines


def test_a_row_is_one_article_and_its_text_is_kept_to_the_character(tmp_path: Path) -> None:
    text = "  本报讯（记者 张远）\n\n第一行\r\n第二行  <b>粗</b>\x07\u200b 编辑：李近\n\n"
    row = {
        "_id": 7,
        "title": " 题 目 ",
        "text": text,
        "date": "2023-05-01T08:00:00Z",
        "source": "湖报",
        "url": "https://example.org/7",
    }
    article = one(tmp_path, "a.jsonl", "\ufeff" + json.dumps(row, ensure_ascii=False) + "\n\n")
    assert article.text == text
    assert (article.id, article.title, article.date) == ("7", "题 目", "2023-05-01")
    assert (article.source, article.url) == ("湖报", "https://example.org/7")
    assert article.headings == ()


def test_a_row_without_title_gets_its_first_sentence(tmp_path: Path) -> None:
    article = one(tmp_path, "a.jsonl", json.dumps({"text": f"昨日，{BODY}", "date": "昨日"}))
    assert article.title_inferred
    assert article.title == "青汀湖的水位比去年同期高出四十厘米，管理处把木栈道加高了一截"
    assert article.date is None


def test_a_bad_row_is_named_by_its_line_and_costs_no_neighbour(tmp_path: Path) -> None:
    lines = [
        json.dumps({"_id": "a", "text": BODY}),
        "{broken",
        "[1]",
        '{"title": "x"}',
        '{"text": 5}',
        "",
        "[" * 100_000,
        '{"text": "\\ud800 半个字"}',
        json.dumps({"_id": "a", "text": BODY}),
    ]
    corpus = read(tmp_path, "a.jsonl", "\n".join(lines).encode() + b'\n{"text": "\xff"}')
    assert [article.id for article in corpus.articles][::2] == ["a", "a-2"]
    assert corpus.articles[1].text == "\ufffd 半个字"
    assert [path.rpartition("/")[2] for path, _ in corpus.skipped] == [
        f"line {number}" for number in (2, 3, 4, 5, 7, 10)
    ]
    assert all(": " in reason for _, reason in corpus.skipped)


# Markdown


def test_front_matter_headings_and_markup(tmp_path: Path) -> None:
    article = one(
        tmp_path,
        "a.md",
        f"""---
title: "湖边的一年"
date: 2021-03-04 10:00:00 +0800
author: 何远
source: 湖报
---
<p>{BODY}</p>
<p><strong>水位</strong></p>
<p>站在**观测台**上，[管理员](http://example.org/x)说：a < b &amp; c。</p>
![图](http://example.org/a.png)

## 鸟群

- 白鹭三千只。
- 夜鹭八百只。

[返回](/a)｜[首页](/)
""",
    )
    assert (article.title, article.date) == ("湖边的一年", "2021-03-04")
    assert (article.source, article.authors) == ("湖报", ("何远",))
    assert [heading for _, heading in article.headings] == ["水位", "鸟群"]
    assert article.text == "\n".join(
        [
            BODY,
            "水位",
            "站在观测台上，管理员说：a < b & c。",
            "鸟群",
            "白鹭三千只。",
            "夜鹭八百只。",
        ]
    )


def test_the_first_heading_is_the_title_where_there_is_no_front_matter(tmp_path: Path) -> None:
    article = one(tmp_path, "a.md", f"# 湖边的一年\n\n{BODY}\n")
    assert (article.title, article.text, article.title_inferred) == ("湖边的一年", BODY, False)


def test_front_matter_that_is_no_yaml_still_gives_its_fields(tmp_path: Path) -> None:
    article = one(tmp_path, "a.md", f"---\ntitle: 湖: 一年: [\ndate: 2021-03-04\n---\n{BODY}\n")
    assert (article.title, article.date) == ("湖: 一年: [", "2021-03-04")
    assert article.text == BODY


# HTML


PAGE = f"""<!doctype html><html><head><title>湖边的木栈道加高了_湖城新闻_湖城网</title>
<meta name="author" content="admin"><meta property="og:site_name" content="湖城网"></head><body>
<div>今天是2030年1月1日 星期二</div><nav><a href="/">首页</a> <a href="/n">新闻</a></nav>
<h1>湖边的木栈道加高了</h1>
<div>2024-06-05 08:30 来源：湖城日报 作者：白一舟 点击：12</div>
<div class="content"><p>　　湖城日报讯（记者 白一舟 通讯员 石小满）{BODY}</p>
<p><img src="a.jpg">木栈道俯拍图。白一舟 摄</p>
<p><strong>谁来修</strong></p><p>管理处主任常青说，工程由本地工匠承担，工期四十天，花费八十万元。</p>
<h3>谁来看</h3><p>每天限流两千人，<script>alert(1)</script>周末需要预约。&lt;b&gt;不收门票&lt;/b&gt;。</p>
<p>责任编辑：左右</p></div>
<div><h3>相关新闻</h3><ul><li><a href="1">湖边要建博物馆</a></li></ul></div>
<footer>Copyright 2001-2031 湖城网 湖ICP备00000000号</footer></body></html>"""


def test_a_page_gives_its_story_and_its_metadata_and_no_furniture(tmp_path: Path) -> None:
    article = one(tmp_path, "a.html", PAGE)
    assert article.title == "湖边的木栈道加高了"
    assert (article.date, article.source) == ("2024-06-05", "湖城日报")
    assert article.authors == ("白一舟",)
    assert [heading for _, heading in article.headings] == ["谁来修", "谁来看"]
    assert article.text.startswith(BODY)
    assert article.text.endswith("<b>不收门票</b>。")
    for furniture in ("首页", "摄", "编辑", "博物馆", "ICP", "alert", "2030", "点击"):
        assert furniture not in article.text


def test_old_pages_of_divs_and_line_breaks_keep_their_paragraphs(tmp_path: Path) -> None:
    page = f"""<html><head><title>湖边的木栈道加高了-湖城网</title></head><body><table><tr><td>
    <h2>湖边的木栈道加高了</h2><div>发布时间：2024-06-05 来源：湖城日报</div>
    <div>　　{BODY}<br><br>　　<b>谁来修</b><br>　　工期四十天，由本地工匠承担。<br></div>
    </td></tr></table><div>Copyright 湖城网 版权所有</div></body></html>"""
    article = one(tmp_path, "a.htm", page)
    assert article.text == f"{BODY}\n谁来修\n工期四十天，由本地工匠承担。"
    assert (article.date, article.source) == ("2024-06-05", "湖城日报")
    assert [heading for _, heading in article.headings] == ["谁来修"]


def test_structured_data_is_trusted_and_organisations_are_no_reporters(tmp_path: Path) -> None:
    data = {
        "@graph": [
            {
                "@type": "NewsArticle",
                "headline": "Walkway raised again",
                "datePublished": "2023-08-19T06:00:00+10:00",
                "author": [
                    {"@type": "Person", "name": "Mia Tran"},
                    {"@type": "Organization", "name": "Lake Desk"},
                ],
                "publisher": {"name": "The Lake Courier"},
            }
        ]
    }
    page = f"""<html><head><script type="application/ld+json">{json.dumps(data)}</script></head>
    <body><article><h1>Walkway raised again</h1><p>The lake rose by forty centimetres this year,
    and the keepers raised the boardwalk by hand.</p><p>It took them forty days and 80,000 crowns.
    </p></article></body></html>"""
    article = one(tmp_path, "a.html", page)
    assert (article.title, article.date) == ("Walkway raised again", "2023-08-19")
    assert (article.authors, article.source) == (("Mia Tran",), "The Lake Courier")
    assert article.language == "en"


def test_dates_are_not_taken_from_running_text_or_copyright_lines(tmp_path: Path) -> None:
    page = f"""<html><head><title>湖</title></head><body><h1>湖边旧事</h1>
    <p>1998年8月7日，大堤决口。{BODY}</p><p>到2025年12月31日，新堤将全部完工。</p>
    <div>Copyright 2001-2020 湖城网 2020年1月1日</div></body></html>"""
    assert one(tmp_path, "a.html", page).date is None
    assert one(tmp_path, "a.txt", f"湖边旧事\n\n1998年8月7日，大堤决口。{BODY}\n").date is None


@pytest.mark.parametrize("page", ["", "<", "<html></html>", "<p>" * 5000, "&#0;&#xD800;", "<!--"])
def test_odd_pages_do_not_raise(tmp_path: Path, page: str) -> None:
    corpus = read(tmp_path, "a.html", page)
    assert corpus.articles == ()
    assert len(corpus.skipped) == 1


# Pages

HARBOUR = (
    "The harbour was closed on Monday after the crane",
    "slipped from its rails and came to rest across the",
    "quay, the port authority said in a short statement.",
)
FERRIES = (
    "Ferries will leave from the northern pier until the",
    "crane has been lifted, which may take three weeks.",
)


def test_the_pages_of_a_pdf_reach_the_article_its_hits_and_its_citations(tmp_path: Path) -> None:
    (tmp_path / "harbour.pdf").write_bytes(
        pdf(
            [put("Crane blocks the harbour", 40, 60, 24), *lines(list(HARBOUR), 40, 100)],
            lines(list(FERRIES), 40, 100),
        )
    )
    rag.build_index([tmp_path / "harbour.pdf"], tmp_path / "index")
    index = rag.open_index(tmp_path / "index")
    [article] = index.articles()
    second = article.text.index("Ferries")
    assert article.text[:second].strip() == " ".join(HARBOUR)
    assert article.pages == ((0, 1), (second, 2))
    answer = index.ask("Where will ferries leave from until the crane has been lifted?")
    [citation] = [c for c in answer.citations if c.quote.startswith("Ferries")]
    assert (citation.start, citation.page) == (second, 2)
    assert citation.to_dict()["page"] == 2
    for hit in answer.hits:
        assert hit.page == hit.to_dict()["page"] == (2 if hit.start >= second else 1)
    told = index.ask("Why was the harbour closed on Monday?")
    assert told.citations[0].page == 1


def test_formats_without_pages_have_none(tmp_path: Path) -> None:
    article = one(tmp_path, "a.txt", BODY)
    assert article.pages == ()
    assert article.page_at(0) is None


# Staleness


def test_with_an_address_among_its_paths_an_index_is_always_stale(tmp_path: Path) -> None:
    story, index = tmp_path / "a.txt", tmp_path / "index"
    story.write_text(BODY, encoding="utf-8")
    rag.build_index([story], index)
    assert not rag.is_stale([story], index)
    for address in ("https://lake.example/news", "HTTP://lake.example"):
        assert rag.is_stale([story, address], index)
        assert rag.is_stale([address], index)


# Cost


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "wrapped.txt",
            f"本报讯（记者 何远）{BODY[:20]}\n{BODY[20:40]}\n{BODY}\n\n湖边旧事\n" * 2500,
        ),
        ("quotes.txt", '"好。"' * 60_000),
        ("brackets.txt", "（记者 " * 60_000),
        ("links.md", "[a](" * 150_000),
        ("tags.md", "<!--<script>" * 50_000),
        ("stars.md", "**a" * 200_000),
        ("dates.txt", "2022年9月" * 50_000),
        ("nested.html", "<div>" * 100_000),
    ],
)
def test_no_file_takes_time_out_of_proportion(tmp_path: Path, name: str, content: str) -> None:
    started = time.process_time()
    read(tmp_path, name, content)
    megabytes = len(content.encode()) / 1e6
    assert time.process_time() - started < 2 + 4 * megabytes


def test_heavy_libraries_are_imported_only_when_a_file_needs_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY, encoding="utf-8")
    code = (
        "import sys; from rag.ingest import read_articles;"
        f"assert read_articles([{str(tmp_path)!r}]).articles;"
        "print(sorted({'trafilatura', 'frontmatter', 'httpx', 'pypdfium2', 'lxml'}"
        " & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
