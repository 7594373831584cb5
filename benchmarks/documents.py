"""Small documents in every format that is read, made from invented stories.

`make_documents` gives (file name, content) pairs; `benchmarks/fuzz_ingest.py` breaks them,
`benchmarks/ingest_speed.py` makes them long. The PDF is written by hand, with a Chinese font that
every reader knows by name and without compression, so that a changed byte changes the page.
"""

from __future__ import annotations

import csv
import io
import json
import textwrap
import zipfile
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from html import escape
from typing import NamedTuple


class Told(NamedTuple):
    """An invented story."""

    title: str
    date: str
    source: str
    author: str
    paragraphs: tuple[str, ...]


STORIES = (
    Told(
        "柳塘夜市搬进旧车站 摊主先试营业一周",
        "2023-08-14",
        "云泊日报",
        "卜星遥",
        (
            "柳塘区的夜市昨晚从河边搬进停用六年的旧车站，一百二十个摊位分三排摆开，首晚来了八千人。",
            "区商务局介绍，车站的候车厅保留了木长椅和检票口，摊主每月租金六百元，水电另计，试营业"
            "一周后再定收摊的时间。",
            "卖豆花的郁阿婆说，从前下雨就得收摊，现在头上有屋顶，只是老主顾要多走十分钟。街道办"
            "表示，将在河边立指路牌，并加开一班接驳车。",
        ),
    ),
    Told(
        "东堤小学把操场借给邻居",
        "2023-08-15",
        "云泊日报",
        "田既白",
        (
            "东堤小学从本周起在傍晚六点到九点开放操场，住在附近的居民凭身份证登记就能进来跑步。",
            "校长毕闻溪说，教学楼和操场之间新装了一道铁门，开放时由两名保安值守，学生放学后再开。",
            "第一天有二百一十三人登记。退休工人解大同绕着跑道走了十圈，他说以前只能在马路边散步。",
        ),
    ),
    Told(
        "Library Lends Umbrellas as the Rain Stays",
        "2023-08-16",
        "Bay Harbour Post",
        "Nora Fitch",
        (
            "The Dongdi library began to lend umbrellas on Tuesday, after eleven days of rain. "
            "Readers borrow one with their card and bring it back to any branch within a week.",
            "All 300 umbrellas were gone before noon. A second batch of 500 arrives on Friday, "
            "said Mo Qiuyan, who runs the desk.",
            "Whoever loses one pays 15 yuan. So far nobody has.",
        ),
    ),
)


def make_documents(copies: int = 1, *, only: str = "") -> list[tuple[str, bytes]]:
    """(name, content) of a document in each format, with the stories as often as asked.

    Where a file has many members or rows, each story is one; elsewhere they follow each other.
    """
    stories = [
        told._replace(title=f"{told.title} {number}" if number else told.title)
        for number in range(copies)
        for told in STORIES
    ]
    makers: dict[str, Callable[[list[Told]], bytes]] = {
        "text.txt": lambda told: _text(told).encode(),
        "text_gbk.txt": lambda told: _text(told).encode("gb18030"),
        "notes.md": lambda told: _markdown(told).encode(),
        "web.html": lambda told: _html(told).encode(),
        "rows.jsonl": lambda told: "".join(f"{row}\n" for row in map(_row, told)).encode(),
        "rows.json": lambda told: f"[{','.join(map(_row, told))}]".encode(),
        "rows.csv": lambda told: _csv(told, ",").encode("utf-8-sig"),
        "rows.tsv": lambda told: _csv(told, "\t").encode(),
        "page.pdf": _pdf,
        "report.docx": _docx,
        "book.epub": _epub,
        "mail.eml": _mail,
        "saved.mht": _mhtml,
        "papers.zip": lambda told: _zip(
            {f"{number}.txt": _text([one]).encode() for number, one in enumerate(told)}
        ),
    }
    return [(name, make(stories)) for name, make in makers.items() if only in name]


def _text(stories: Sequence[Told]) -> str:
    return "\n".join(
        f"{told.title}\n\n{told.source} {told.date}\n本报讯（记者 {told.author}）"
        + "\n".join(told.paragraphs)
        + "\n\n责任编辑：易可\n"
        for told in stories
    )


def _markdown(stories: Sequence[Told]) -> str:
    first = stories[0]
    head = f"---\ntitle: {first.title}\ndate: {first.date}\nauthor: {first.author}\n---\n\n"
    return head + "\n".join(
        f"## {told.title}\n\n" + "\n\n".join(told.paragraphs) + "\n\n- 一\n- **二**\n"
        for told in stories
    )


def _html(stories: Sequence[Told]) -> str:
    first = stories[0]
    body = "".join(
        f"<h2>{escape(told.title)}</h2>" + "".join(f"<p>{escape(p)}</p>" for p in told.paragraphs)
        for told in stories
    )
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{first.title}</title>'
        f'<meta name="pubdate" content="{first.date}"></head><body><nav><a href="/">首页</a></nav>'
        f"<article><h1>{first.title}</h1><p>{first.date} 来源：{first.source}</p>{body}</article>"
        "<footer>版权所有</footer></body></html>"
    )


def _row(told: Told) -> str:
    row = {
        "title": told.title,
        "date": told.date,
        "source": told.source,
        "authors": [told.author],
        "text": "\n".join(told.paragraphs),
    }
    return json.dumps(row, ensure_ascii=False)


def _csv(stories: Sequence[Told], delimiter: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["标题", "日期", "来源", "作者", "正文"])
    for told in stories:
        text = "\n".join(told.paragraphs)
        writer.writerow([told.title, told.date, told.source, told.author, text])
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    """An archive without compression: its size is that of its content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _epub(stories: Sequence[Told]) -> bytes:
    chapters = {f"OPS/{n}.xhtml": _html([told]).encode() for n, told in enumerate(stories)}
    names = range(len(stories))
    items = "".join(
        f'<item id="c{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in names
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in names)
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>云泊选报</dc:title>'
        f"<dc:date>2023-08-20</dc:date></metadata><manifest>{items}</manifest>"
        f"<spine>{spine}</spine></package>"
    )
    container = (
        '<?xml version="1.0"?><container version="1.0" '
        'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
        'full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>"
    )
    return _zip(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "OPS/book.opf": package.encode(),
            **chapters,
        }
    )


def _mail(stories: Sequence[Told]) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = stories[0].title
    mail["From"] = "Yunbo Daily <news@example.org>"
    mail["Date"] = "Tue, 15 Aug 2023 08:00:00 +0800"
    mail.set_content("\n\n".join(stories[0].paragraphs))
    for number, told in enumerate(stories[1:]):
        content = _text([told]).encode()
        mail.add_attachment(content, "text", "plain", filename=f"{number}.txt")
    return mail.as_bytes()


def _mhtml(stories: Sequence[Told]) -> bytes:
    page = EmailMessage()
    page["Subject"] = stories[0].title
    page["Date"] = "Tue, 15 Aug 2023 08:00:00 +0800"
    page["Snapshot-Content-Location"] = "https://example.org/news/1.html"
    page.set_content(_html(stories), subtype="html")
    page.make_related()
    return page.as_bytes()


def _docx(stories: Sequence[Told]) -> bytes:
    """The parts that a Word document cannot do without: python-docx is slow to write long ones."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

    def paragraph(text: str, style: str = "") -> str:
        properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        return f"<w:p>{properties}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"

    body = "".join(
        paragraph(told.title, "Heading1")
        + paragraph(f"{told.source} {told.date} 记者 {told.author}")
        + "".join(map(paragraph, told.paragraphs))
        for told in stories
    )
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("摊位", "120"))
    return _zip(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
                '"application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
            ).encode(),
            "_rels/.rels": (
                f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
                f'Type="{office}" Target="word/document.xml"/></Relationships>'
            ).encode(),
            "word/document.xml": (
                f'<w:document xmlns:w="{word}"><w:body>{body}<w:tbl><w:tr>{cells}</w:tr></w:tbl>'
                "</w:body></w:document>"
            ).encode(),
        }
    )


def _pdf(stories: Sequence[Told]) -> bytes:
    """A page for each story."""
    pages = [_pdf_page(told) for told in stories]
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        b"/DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 >>",
    ]
    for number, content in enumerate(pages):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            b"<< /Font << /F 3 0 R >> >> /Contents %d 0 R >>" % (6 + 2 * number),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out) + trailer % (len(objects) + 1, start)


def _pdf_page(told: Told) -> bytes:
    lines = [(20, told.title), (10, f"{told.source} {told.date} 记者 {told.author}")]
    for paragraph in told.paragraphs:
        lines += [(12, line) for line in textwrap.wrap("　　" + paragraph, 36)]
    parts, height = [], 780
    for size, line in lines:
        height -= size + 8
        hexed = line.encode("utf-16-be").hex()
        parts.append(f"BT /F {size} Tf 60 {height} Td <{hexed}> Tj ET")
    return "\n".join(parts).encode()
