"""Formats other than text and PDF: Word, books, mail, archives, exports, and the web."""

from __future__ import annotations

import base64
import gzip
import json
import random
import threading
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from rag.ingest import Corpus, is_url, read_articles, read_file, source_files
from rag.ingest.docx import read_docx
from rag.ingest.formats import read, refusal
from rag.ingest.model import Document, Reading, Story, Unread

BODY = "青汀湖的水位比去年同期高出四十厘米，管理处把木栈道加高了一截。来看鸟的人反而多了。"
MORE = "管理处主任常青说，工程由本地工匠承担，工期四十天，花费八十万元，木料都是旧桥拆下来的。"
PAGE = (
    "<html><head><title>木栈道加高了</title></head><body><h1>木栈道加高了</h1>"
    f"<p>{BODY}</p><p>{MORE}</p></body></html>"
)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def packed(files: dict[str, str | bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def word(body: str, **parts: str) -> bytes:
    """A Word document with that body; further parts by name."""
    wrap = f'<w:%s xmlns:w="{W}" xmlns:mc="m" xmlns:wps="s" xmlns:v="v">%s</w:%s>'
    files = {
        f"word/{name}.xml": wrap % (root, content, root)
        for name, content in parts.items()
        for root in [{"styles": "styles"}.get(name, "hdr")]
    }
    document = wrap % ("document", f"<w:body>{body}</w:body>", "document")
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **files})


def p(text: str, style: str = "", run: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def results(name: str, data: bytes) -> list[Document | Reading | Unread]:
    return list(read(name, BytesIO(data)))


def document(name: str, data: bytes) -> Document:
    (found,) = results(name, data)
    assert isinstance(found, Document)
    return found


def texts(found: Document) -> list[str]:
    return [block.text for block in found.blocks]


def reason(name: str, data: bytes) -> str:
    (found,) = results(name, data)
    assert isinstance(found, Unread)
    return found.reason


def stories(name: str, content: bytes | str) -> list[Story]:
    data = content if isinstance(content, bytes) else content.encode()
    return [s for found in results(name, data) if isinstance(found, Reading) for s in found.stories]


def corpus(folder: Path, name: str, content: bytes | str) -> Corpus:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_articles([path])


# Word


STYLES = """<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="a"><w:name w:val="Title"/></w:style>
<w:style w:styleId="c"><w:name w:val="caption"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:styleId="b"><w:basedOn w:val="1"/><w:name w:val="mine"/></w:style>
<w:style w:styleId="t"><w:name w:val="toc 1"/></w:style>"""


def test_word_keeps_order_and_tells_headings_lists_and_rows() -> None:
    row = "<w:tr><w:tc><w:p/></w:tc>%s</w:tr>"
    cell = "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p><w:r><w:t>旧</w:t></w:r></w:p></w:tc>"
    cells = "".join(f"<w:tc>{p(text)}</w:tc>" for text in ("菠菜", "4.2"))
    listed = p("第一条").replace(
        "<w:r>", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r>'
    )
    found = document(
        "a.docx",
        word(
            p("木栈道加高了", "a")
            + p("目录一 1", "t")
            + p(BODY)
            + p("谁来修", "1")
            + p("谁来看", run="<w:b/>")
            + p(MORE, run="<w:b/>")
            + f"<w:tbl>{row % cells}{row % (cell + cells)}</w:tbl>"
            + listed
            + p("木栈道。常青 摄", "c"),
            styles=STYLES,
            header1=p("内部稿件"),
        ),
    )
    assert found.declared.title == "木栈道加高了"
    assert texts(found) == [
        *("木栈道加高了", BODY, "谁来修", "谁来看", MORE),
        *("菠菜 4.2", "菠菜 4.2", "第一条", "木栈道。常青 摄"),
    ]
    assert [b.text for b in found.blocks if b.heading] == ["木栈道加高了", "谁来修", "谁来看"]
    assert [b.text for b in found.blocks if b.item] == ["菠菜 4.2", "菠菜 4.2", "第一条"]
    assert [(d.text, d.reason) for d in found.dropped] == [
        ("内部稿件", "page header or footer"),
        ("目录一 1", "table of contents"),
    ]


def test_word_leaves_out_deleted_text_and_marks_of_notes_and_reads_a_text_box_once() -> None:
    box = f"<wps:x><w:txbxContent>{p('框里的话。')}</w:txbxContent></wps:x>"
    old = f"<v:x><w:txbxContent>{p('框里的话。')}</w:txbxContent></v:x>"
    drawing = (
        f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{old}</mc:Fallback>"
        "</mc:AlternateContent>"
    )
    body = (
        "<w:p><w:r><w:t>水位</w:t></w:r><w:del><w:r><w:delText>低了</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>高了。</w:t></w:r></w:ins><w:r><w:footnoteReference w:id='2'/></w:r>"
        f"<w:r>{drawing}</w:r></w:p>"
    )
    note = f"<w:footnote>{p('水文站数据。')}</w:footnote>"
    found = document("a.docx", word(body, footnotes=note))
    assert texts(found) == ["水位高了。", "框里的话。"]
    assert [(d.text, d.reason) for d in found.dropped] == [("水文站数据。", "footnote")]


def test_word_documents_of_the_strict_dialect_are_read() -> None:
    data = word(p(BODY)).replace(b"x", b"x")
    files = zipfile.ZipFile(BytesIO(data))
    strict = files.read("word/document.xml").replace(W.encode(), b"http://purl.oclc.org/ooxml/w")
    assert texts(read_docx(packed({"word/document.xml": strict}))) == [BODY]


def test_word_documents_that_cannot_be_read_say_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert "save it as .docx" in reason("old.docx", ole + bytes(600))
    locked = ole + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert reason("locked.docx", locked).startswith("is protected by a password: ")
    assert "save it again" in reason("cut.docx", word(p(BODY))[:200])
    assert "is no Word document" in reason("other.docx", packed({"a.txt": BODY}))
    assert "is no Word document" in reason("torn.docx", packed({"word/document.xml": "<w"}))
    monkeypatch.setattr("rag.ingest.archive.MAX_PACKAGE", 10)
    assert "split it" in reason("bomb.docx", word(p(BODY)))


# Books


def book(pages: dict[str, str], spine: list[str], extra: str = "") -> bytes:
    items = "".join(
        f'<item id="i{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(pages)
    )
    order = "".join(f'<itemref idref="i{list(pages).index(name)}"/>' for name in spine)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata><publisher>望川周刊</publisher>'
        f"<date>2023-10-16</date></metadata><manifest>{items}</manifest><spine>{order}</spine>"
        f"{extra}</package>"
    )
    container = '<c><rootfile full-path="O/book.opf"/></c>'
    chapters: dict[str, str | bytes] = {
        f"O/{name}": f'<?xml version="1.0" encoding="utf-8"?><html><body>{body}</body></html>'
        for name, body in pages.items()
    }
    return packed({"META-INF/container.xml": container, "O/book.opf": package, **chapters})


def test_chapters_come_in_the_order_of_the_spine_with_what_the_book_declares() -> None:
    pages = {
        "c2.xhtml": f"<h2>第二篇</h2><p>{BODY}</p><h3>谁来修</h3><p>{MORE}</p>",
        "c1.xhtml": f"<p>人物</p><h1>第一篇</h1><p>{BODY}<br/>{MORE}</p><ul><li>一</li></ul>",
    }
    first, second = results("a.epub", book(pages, ["c1.xhtml", "c2.xhtml"]))
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert (first.name, second.name) == ("O/c1.xhtml", "O/c2.xhtml")
    assert (first.declared.title, second.declared.title) == ("第一篇", "第二篇")
    assert (first.declared.publisher, first.declared.some_date) == ("望川周刊", "2023-10-16")
    assert texts(first) == ["人物", "第一篇", BODY, MORE, "一"]
    assert [b.text for b in second.blocks if b.heading] == ["第二篇", "谁来修"]


def test_cover_contents_and_imprint_are_no_chapters_but_are_told() -> None:
    pages = {
        "cover.xhtml": "<p>望川周刊 第四十一期 总第一千期</p>",
        "x.xhtml": "<a href='c.xhtml'>木栈道加高了</a><a href='d.xhtml'>一封关于铃铛的信</a>",
        "y.xhtml": "<p>定价：12元 邮发代号：00-000 望川周刊出版</p>",
        "z.xhtml": "<p>本期由六位编辑完成，感谢印厂。</p>",
        "c.xhtml": f"<h1>木栈道加高了</h1><p>{BODY}</p>",
    }
    guide = '<guide><reference type="copyright-page" href="z.xhtml#top"/></guide>'
    found = results("a.epub", book(pages, list(pages), guide))
    left = [part for part in found if isinstance(part, Reading)]
    assert [part.name for part in left] == [f"O/{name}" for name in list(pages)[:4]]
    assert all(part.dropped and not part.stories for part in left)
    assert [part.name for part in found if isinstance(part, Document)] == ["O/c.xhtml"]


def test_a_damaged_book_loses_what_is_damaged() -> None:
    data = book({"c.xhtml": f"<p>{BODY}</p>"}, ["c.xhtml"])
    without = packed({"c.html": f"<p>{BODY}</p>", "META-INF/container.xml": "<broken"})
    assert texts(document("a.epub", without)) == [BODY]
    assert "save it again" in reason("a.epub", data[:100])
    assert "protected" in reason("a.epub", packed({"META-INF/rights.xml": "", "mimetype": ""}))


# Mail


def mail(body: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in headers.items():
        message[name] = value
    message.set_content(body)
    return message


HEADERS = {
    "Subject": "转发：Re: 木栈道加高了",
    "From": "湖城日报 <news@lake.example>",
    "Date": "Thu, 15 Sep 2022 23:30:00 -0700",
}


def test_a_letter_declares_its_subject_day_and_sender() -> None:
    found = document(
        "a.eml", mail(f"{BODY}\n\n{MORE}\n\n-- \n常青\n湖边路1号", **HEADERS).as_bytes()
    )
    assert found.declared.title == "木栈道加高了"
    assert found.declared.some_date == "2022-09-15"
    assert found.declared.publisher == "湖城日报"
    assert found.declared.origins["some_date"] == "mail date"
    assert texts(found) == [BODY, MORE]
    assert [d.text for d in found.dropped if d.reason == "signature"] == ["--", "常青", "湖边路1号"]


def test_of_a_forwarded_mail_the_inner_headers_count() -> None:
    body = (
        "周老师：这篇很好。\n\n-------- 转发邮件信息 --------\n发件人：湖报 <a@b.example>\n"
        f"发送时间：2019年3月22日 17:20\n收件人：编辑部\n主题：木栈道\n\n{BODY}\n\n{MORE}\n"
    )
    found = document("a.eml", mail(body, **HEADERS).as_bytes())
    assert (found.declared.title, found.declared.some_date) == ("木栈道", "2019-03-22")
    assert found.declared.publisher == "湖报"
    assert texts(found) == [BODY, MORE]


def test_a_reply_keeps_its_own_text_and_leaves_the_quoted_mail() -> None:
    body = (
        f"{BODY}\n\n{MORE}\n\nFrom: a@b.example\nSent: 2019-03-22\nSubject: 旧题\n\n> 旧话一句。\n"
    )
    found = document("a.eml", mail(body, **HEADERS).as_bytes())
    assert texts(found) == [BODY, MORE]
    assert found.declared.some_date == "2022-09-15"


def test_encoded_headers_and_wrong_charsets_are_read() -> None:
    half = len("木栈道加高了".encode("gbk")) // 2 - 1
    raw = "木栈道加高了".encode("gbk")
    subject = b" ".join(b"=?gb2312?B?%s?=" % base64.b64encode(s) for s in (raw[:half], raw[half:]))
    text = f"{BODY}\n\n镕字不在旧表里。{MORE}".encode("gb18030")
    head = b"Subject: %s\nContent-Type: text/plain; charset=gb2312\n" % subject
    found = document("a.eml", head + b"Content-Transfer-Encoding: 8bit\n\n" + text)
    assert found.declared.title == "木栈道加高了"
    assert texts(found) == [BODY, f"镕字不在旧表里。{MORE}"]
    bare = document("b.eml", b"Subject: " + raw + b"\n\n" + text)
    assert (bare.declared.title, texts(bare)) == (found.declared.title, texts(found))


def test_html_is_read_where_it_holds_more_and_subscriptions_are_left_out() -> None:
    message = mail("请用网页查看。", **HEADERS)
    message.add_alternative(
        f"<div style='display:none'>预览</div><h2>谁来修</h2><p>{BODY}</p><p>{MORE}</p>"
        "<table><tr><td>菠菜</td><td>4.2</td></tr></table><p>退订请点这里</p>",
        subtype="html",
    )
    found = document("a.eml", message.as_bytes())
    assert texts(found) == ["谁来修", BODY, MORE, "菠菜 4.2"]
    assert found.blocks[0].heading
    assert found.blocks[3].item
    assert [d.text for d in found.dropped] == ["退订请点这里"]


def test_attached_documents_and_mails_are_read_and_pictures_are_not(tmp_path: Path) -> None:
    message = mail("稿件见附件，请编辑部的老师查收。", **HEADERS)
    message.add_attachment(word(p(BODY)), "application", "x", filename="稿件.docx")
    message.add_attachment(b"\xff\xd8\xff", "image", "jpeg", filename="a.jpg")
    message.add_attachment(b"x", "application", "x", filename="../../b.doc")
    message.add_attachment(mail(MORE, Subject="里面的信"))
    found = {part.name: part for part in results("a.eml", message.as_bytes())}
    assert list(found) == ["", "稿件.docx", "b.doc", "mail 1"]
    assert isinstance(found[""], Reading)
    assert isinstance(found["b.doc"], Unread)
    read_again = corpus(tmp_path, "a.eml", message.as_bytes())
    assert {a.text for a in read_again.articles} == {BODY, MORE}


def test_a_saved_page_is_dated_by_its_own_mark_up() -> None:
    page = PAGE.replace("<title>", '<meta name="pubdate" content="2024-06-05"><title>')
    head = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://lake.example/a\n"
        "Subject: x\nDate: Thu, 15 Sep 2022 23:30:00 -0000\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html\n'
        f"Content-Transfer-Encoding: base64\n\n{base64.b64encode(page.encode()).decode()}\n--b--\n"
    ).encode()
    for name in ("a.mhtml", "a.html"):
        found = document(name, head)
        assert found.declared.date == "2024-06-05"
        assert found.declared.title == "木栈道加高了"
        assert found.declared.url == "https://lake.example/a"


def test_what_is_no_mail_is_said() -> None:
    assert "is no saved mail" in reason("a.eml", "\n\n没有信头。".encode())
    assert "holds no text" in reason("a.eml", b"Subject: x\n\n")


# Archives


def test_members_are_read_as_if_they_lay_in_a_folder(tmp_path: Path) -> None:
    data = packed(
        {
            "news/a.txt": BODY,
            "__MACOSX/news/._a.txt": "x",
            ".DS_Store": "x",
            "inner.zip": packed({"b.html": PAGE}),
            "../../c.md": MORE,
            "old.doc": "x",
            "photo.jpg": "x",
            "empty.txt": "",
        }
    )
    found = corpus(tmp_path, "a.zip", data)
    ways = {article.path.removeprefix(f"{tmp_path}/") for article in found.articles}
    assert ways == {"a.zip/news/a.txt", "a.zip/inner.zip/b.html", "a.zip/../../c.md"}
    assert [path.rpartition("/")[2] for path, _ in found.skipped] == ["old.doc", "empty.txt"]


def test_names_in_gbk_are_decoded() -> None:
    data = packed({"xxxx.txt": BODY}).replace(b"xxxx.txt", "湖报".encode("gbk") + b".txt")
    assert document("a.zip", data).name == "湖报.txt"


def test_a_member_that_cannot_be_read_costs_itself_alone() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("a.txt", "b.txt", "c.txt"):
            archive.writestr(name, f"{name}：{BODY}")
    data = bytearray(buffer.getvalue())
    data[data.index(b"b.txt") + 10] ^= 0xFF
    locked = data.rindex(b"PK\x01\x02", 0, data.rindex(b"c.txt")) + 8
    data[locked] |= 1
    found = results("a.zip", bytes(data))
    assert [(type(part), part.name) for part in found] == [
        *((Document, "a.txt"), (Unread, "b.txt"), (Unread, "c.txt")),
    ]
    assert isinstance(found[1], Unread)
    assert isinstance(found[2], Unread)
    assert found[1].reason.startswith("is damaged: ")
    assert found[2].reason.startswith("is encrypted: ")


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("MAX_MEMBER", 50, "is larger than"),
        ("MAX_TOTAL", 50, "unpacks to more than"),
        ("MAX_MEMBERS", 1, "holds more than"),
    ],
)
def test_bombs_are_named(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str
) -> None:
    monkeypatch.setattr(f"rag.ingest.archive.{limit}", value)
    found = results("a.zip", packed({"a.txt": BODY, "b.txt": MORE}))
    assert any(isinstance(part, Unread) and said in part.reason for part in found)


def test_archives_inside_archives_share_the_limit_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed({"a.txt": BODY})
    for _ in range(5):
        data = packed({"a.zip": data})
    assert "too deep" in reason("a.zip", data)
    monkeypatch.setattr("rag.ingest.archive.MAX_TOTAL", 600)
    inner = packed({"a.txt": BODY})
    found = results("a.zip", packed({f"{n}.zip": inner for n in range(9)}))
    assert sum(isinstance(part, Document) for part in found) < 4
    assert isinstance(found[-1], Unread)


def test_an_archive_without_documents_is_named() -> None:
    assert reason("a.zip", packed({"a.jpg": "x"})).startswith("holds no document: ")


# Exports


def test_fields_are_known_by_their_chinese_and_english_names() -> None:
    row = {
        " Headline ": "木栈道<em>加高</em>了",
        "正文": f"{BODY}\n{MORE}",
        "publish_time": "2022-09-15T08:00:00+08:00",
        "媒体": "湖报",
        "作者": "记者 白一舟 通讯员 石小满",
        "链接": "https://lake.example/7",
        "ID": 7,
    }
    deep = {"content": "ok", "data": {"list": [row, {"text": ""}]}}
    for rows in ([row], deep, {**row, "related": [{"text": "短讯。"}]}, {"x": [{"_source": row}]}):
        (story,) = stories("a.json", json.dumps(rows))
        assert story.title == "木栈道加高了"
        assert story.text == f"{BODY}\n{MORE}"
        assert (story.date, story.source, story.authors) == ("2022-09-15", "湖报", ("白一舟",))
        assert (story.url, story.id) == ("https://lake.example/7", "7")
        assert story.origins["title"] == "field  Headline "


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (20220915, "2022-09-15"),
        ("20220915", "2022-09-15"),
        (20220915083000, "2022-09-15"),
        ("2022/9/15 8:30", "2022-09-15"),
        ("2022年9月15日", "2022-09-15"),
        ("Thu, 15 Sep 2022 23:00:00 -0700", "2022-09-15"),
        (1663200000, "2022-09-15"),
        (1663171200, "2022-09-15"),  # 16:00 UTC is midnight in China
        (1663171199000, "2022-09-14"),
        ("1663200000.5", "2022-09-15"),
        ({"$date": 1663200000000}, "2022-09-15"),
        (20221315, None),
        ("昨日", None),
        ("9月15日", None),
        (7, None),
        (True, None),
        (10**4000, None),
        (1e999, None),
        (["2022-09-15"], None),
    ],
)
def test_dates_of_every_form_give_their_day_and_none_is_invented(
    value: object, day: str | None
) -> None:
    for name, row in (("a.json", [{"text": BODY, "date": value}]), ("a.jsonl", None)):
        content = json.dumps(row or {"text": BODY, "date": value})
        assert [story.date for story in stories(name, content)] == [day]


def test_a_cell_is_read_as_it_was_printed_and_stays_one_story() -> None:
    text = (
        f"<p>本报讯（记者 白一舟）{BODY}</p><h3>谁来修</h3><p>{MORE}</p>"
        f"<p>新华社北京9月15日电 {BODY}</p><p>（编辑 石小满）</p>"
    )
    (story,) = stories("a.json", json.dumps([{"title": "木栈道加高了", "content": text}]))
    assert "<" not in story.text
    assert "谁来修" in [heading for _, heading in story.headings]
    assert all(story.text[at:].startswith(heading) for at, heading in story.headings)


def test_json_lines_in_a_json_file_and_an_array_in_a_jsonl_file_are_read() -> None:
    row = {"title": "木栈道", "text": f" {BODY}\n"}
    lines = f"{json.dumps(row)}\n{json.dumps(row)}\n"
    assert [story.text for story in stories("a.json", lines)] == [row["text"]] * 2
    assert [s.title for s in stories("a.jsonl", json.dumps([row, row], indent=1))] == ["木栈道"] * 2


@pytest.mark.parametrize(
    "content",
    [
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}}]}',
        "[1, 2, 3]",
        "{}",
        '"text"',
        "null",
        "{",
        "[" * 100_000,
        "1" * 10_000,
    ],
)
def test_json_without_articles_says_what_is_expected(content: str) -> None:
    said = reason("a.json", content.encode())
    assert "array of objects" in said or "no valid JSON" in said


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_of_every_delimiter_and_encoding_give_the_same(
    encoding: str, delimiter: str
) -> None:
    lines = [
        ["标题", "正文", "发布日期", "来源"],
        ["木栈道,加高;了", f"{BODY}\n{MORE}", "2022-9-15", "湖报"],
    ]
    quoted = [[f'"{cell}"' for cell in line] for line in lines]
    content = "\r\n".join(delimiter.join(line) for line in quoted).encode(encoding)
    for name in ("a.csv", "a.tsv"):
        (story,) = stories(name, content)
        assert (story.title, story.text) == ("木栈道,加高;了", f"{BODY}\n{MORE}")
        assert (story.date, story.source) == ("2022-09-15", "湖报")


def test_rows_without_text_are_named_as_a_spreadsheet_counts_them() -> None:
    content = f"title,text\n一,{BODY}\n二,\n\n三\n四,{MORE}\n".encode()
    found = results("a.csv", content)
    assert [(type(part), part.name) for part in found] == [
        *((Reading, "row 2"), (Unread, "row 3"), (Unread, "row 5"), (Reading, "row 6")),
    ]
    rows = json.dumps([{"text": BODY}, {"title": "x"}, 5, {"text": MORE}])
    assert [(type(part), part.name) for part in results("a.json", rows.encode())] == [
        *((Reading, "row 1"), (Unread, "row 2"), (Unread, "row 3"), (Reading, "row 4")),
    ]


def test_a_table_without_a_header_is_named() -> None:
    for content in (f"木栈道,{BODY}\n", "a,b\n1,2\n", "\x00\n", '"' * 1001):
        assert ": " in reason("a.csv", content.encode())


def test_a_stray_quote_costs_no_more_than_what_follows_it() -> None:
    content = f'title,text\n一,{BODY}\n二,"{MORE * 9000}\n'
    assert len(stories("a.csv", content)) == 2


# Formats that are not read, and names that lie


@pytest.mark.parametrize("name", ["a.doc", "a.wps", "a.ofd", "a.rar", "a.caj", "a.xlsx", "a.mobi"])
def test_other_documents_are_refused_with_the_way_out(tmp_path: Path, name: str) -> None:
    found = corpus(tmp_path, name, "x")
    inside = corpus(tmp_path, "a.zip", packed({name: "x"}))
    said = refusal(Path(name).suffix)
    assert said is not None
    assert ": " in said
    assert found.skipped == ((str(tmp_path / name), said),)
    assert (str(tmp_path / "a.zip" / name), said) in inside.skipped


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", word(p(BODY))),
        ("a.zip", word(p(BODY))),
        ("a.html", packed({"a.txt": BODY})),
        ("a.docx", PAGE.encode()),
        ("a.pdf", b'<?xml version="1.0"?><!DOCTYPE html>' + PAGE.encode()),
        ("a.csv", PAGE.encode()),
        ("a.md", book({"c.xhtml": f"<p>{BODY}</p>"}, ["c.xhtml"])),
    ],
)
def test_a_file_is_read_as_what_it_is(tmp_path: Path, name: str, content: bytes) -> None:
    found = corpus(tmp_path, name, content)
    assert found.skipped == ()
    assert BODY in found.articles[0].text


# The web


Answer = tuple[int, str, bytes]


@pytest.fixture
def site() -> Iterator[tuple[str, dict[str, Answer]]]:
    """(address, pages by path) of a server; pages may be added."""
    pages: dict[str, Answer] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, content = pages.get(self.path, (404, "text/html", b"no"))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status == 302:
                self.send_header("Location", content.decode())
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", pages
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_is_fetched_and_read_as_what_it_was_sent_as(
    site: tuple[str, dict[str, Answer]],
) -> None:
    host, pages = site
    pages["/a"] = (200, "text/html; charset=gbk", PAGE.encode("gbk"))
    pages["/b"] = (302, "text/html", b"/a")
    pages["/c.docx"] = (200, "application/octet-stream", word(p(BODY)))
    pages["/d"] = (200, "application/json", json.dumps([{"text": BODY}, {}]).encode())
    for path, way in (("/a", ""), ("/b", ""), ("/c.docx", ""), ("/d", "/row 1")):
        found = read_articles([f"{host}{path}"])
        (article,) = found.articles
        assert article.path == f"{host}{path}{way}"
        assert article.url == (None if way else article.path)
        assert BODY in article.text
    assert [path for path, _ in found.skipped] == [f"{host}/d/row 2"]


def test_a_sitemap_gives_the_pages_of_its_own_host(site: tuple[str, dict[str, Answer]]) -> None:
    host, pages = site
    maps = "".join(f"<sitemap><loc>{host}/{m}</loc></sitemap>" for m in ("gone", "s.xml.gz"))
    index = f"<sitemapindex>{maps}</sitemapindex>"
    addresses = [f"{host}/1", "http://elsewhere.invalid/2", f"{host}/3", f"{host}/1", f"{host}/no"]
    entries = "".join(f"<url><loc>\n{address}\n</loc></url>" for address in addresses)
    listed = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    pages["/sitemap.xml"] = (200, "application/xml", index.encode())
    pages["/s.xml.gz"] = (200, "application/gzip", gzip.compress(listed.encode()))
    pages["/1"] = (200, "text/html", PAGE.encode())
    pages["/3"] = (200, "text/plain; charset=utf-8", MORE.encode())
    pages["/no"] = (200, "text/html", PAGE.encode())
    pages["/robots.txt"] = (200, "text/plain", b"User-agent: *\nDisallow: /no\n")
    found = read_articles([f"{host}/sitemap.xml"])
    assert [(a.path, a.url) for a in found.articles] == [
        (f"{host}/1", f"{host}/1"),
        (f"{host}/3", f"{host}/3"),
    ]
    assert [(path, "robots.txt" in said) for path, said in found.skipped] == [
        *((f"{host}/gone", False), (f"{host}/no", True)),
    ]


def test_a_sitemap_ends_at_its_limits(
    site: tuple[str, dict[str, Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, pages = site
    entries = "".join(f"<url><loc>{host}/{n}</loc></url>" for n in range(9))
    pages["/s.xml"] = (200, "text/xml", f"<urlset>{entries}</urlset>".encode())
    pages.update({f"/{n}": (200, "text/html", PAGE.encode()) for n in range(9)})
    monkeypatch.setattr("rag.ingest.web.MAX_PAGES", 6)
    found = list(read_file(f"{host}/s.xml"))
    assert sum(isinstance(part, Reading) for part in found) == 6
    assert isinstance(found[-1], Unread)


def test_what_cannot_be_fetched_gives_one_clear_line(
    site: tuple[str, dict[str, Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, pages = site
    pages["/round"] = (302, "text/html", b"/round")
    pages["/file"] = (302, "text/html", b"file:///etc/passwd")
    pages["/big"] = (200, "text/html", PAGE.encode())
    pages["/photo"] = (200, "image/jpeg", b"\xff\xd8\xff")
    monkeypatch.setattr("rag.ingest.web.MAX_FILE", 30)
    addresses = [f"{host}/{name}" for name in ("gone", "round", "file", "big")]
    addresses += ["http://127.0.0.1:9/a", "http://", "http://[", "https://a b/", "http://x:99999/"]
    found = read_articles([*addresses, f"{host}/photo"])
    assert found.articles == ()
    said = dict(found.skipped)
    assert len(said) == len(addresses) + 1
    assert all("\n" not in line and ": " in line for line in said.values())
    assert "answers 404" in said[f"{host}/gone"]
    assert "split it" in said[f"{host}/big"]
    for address in (*addresses[:3], *addresses[4:]):
        assert said[address].endswith("check the address and the network")


def test_addresses_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY, encoding="utf-8")
    assert source_files([tmp_path, "https://lake.example/"]) == [tmp_path / "a.txt"]
    assert is_url("HTTPS://lake.example/")
    assert not is_url(tmp_path)


# Damage


def _letter() -> bytes:
    message = mail(BODY, **HEADERS)
    message.add_alternative(PAGE, subtype="html")
    message.add_attachment(word(p(BODY)), "application", "x", filename="稿件.docx")
    return message.as_bytes()


SAMPLES: dict[str, Callable[[], bytes]] = {
    "a.docx": lambda: word(p(BODY, "1") + f"<w:tbl><w:tr>{p(MORE)}</w:tr></w:tbl>", styles=STYLES),
    "a.epub": lambda: book({"c.xhtml": f"<h1>题</h1><p>{BODY}</p>"}, ["c.xhtml"]),
    "a.eml": _letter,
    "a.zip": lambda: packed({"a.txt": BODY, "b.html": PAGE, "c.docx": word(p(MORE))}),
    "a.json": lambda: json.dumps([{"标题": "题", "text": BODY, "date": 20220915}] * 2).encode(),
    "a.csv": lambda: f'title,text,date\n题,"{BODY}\n{MORE}",2022-09-15\n'.encode(),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_damage_never_raises(name: str) -> None:
    data = SAMPLES[name]()
    chance = random.Random(name)
    for _ in range(150):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 3, 20))):
            broken[chance.randrange(len(broken))] = chance.choice((0, 255, chance.randrange(256)))
        if chance.random() < 0.3:
            del broken[chance.randrange(len(broken)) :]
        for part in results(name, bytes(broken)):
            assert not isinstance(part, Unread) or ("\n" not in part.reason and ":" in part.reason)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b'{"a":' * 200_000),
        ("a.json", b'[{"text": "x", "date": ' + b"9" * 100_000 + b"}]"),
        ("a.csv", b"text\n" + b'"' * 200_001),
        ("a.csv", b"text," * 50_000),
        ("a.docx", packed({"word/document.xml": f"<d><body>{'<p>' * 50_000}"})),
        ("a.docx", packed({"word/document.xml": f"<d><body>{'<tbl><tr><tc>' * 5_000}"})),
        ("a.epub", packed({"a.html": "<div>" * 50_000 + BODY})),
        ("a.eml", b"Content-Type: message/rfc822\n\n" * 3_000),
        ("a.eml", b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 3_000),
        ("a.eml", b"Subject: " + b"=?utf-8?q?" * 20_000 + b"\n\ntext"),
        ("a.eml", b"Subject: x\n\n" + b"From: a To: b " * 20_000),
        ("a.eml", b"Subject: " + b"Re: " * 50_000 + b"\n\n" + BODY.encode()),
        ("a.eml", b"Subject: x\n\n" + b"> " * 50_000 + b"\n" * 50_000),
        ("a.eml", b"Subject: x\n\n" + b"abcdefg\n" * 50_000),
        ("a.eml", b"Subject: x\n\n" + b"-" * 50_000 + b"x"),
        ("a.eml", b"Subject: x\nContent-Type: text/html\n\n" + b"<!--" * 50_000),
        ("a.eml", b"Subject: x\nContent-Type: text/html\n\n" + b"<style " * 50_000),
        ("a.json", b'[{"text": "a", "title": "' + b"<a" * 50_000 + b'"}]'),
    ],
)
def test_nesting_and_repetition_end(name: str, content: bytes) -> None:
    assert results(name, content)
