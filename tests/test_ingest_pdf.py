"""PDFs: reading order, paragraphs across columns and pages, headings by type, running headers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rag.ingest.decode import NotTextError
from rag.ingest.model import Block, Document
from rag.ingest.pdf import read_pdf

LEFT, RIGHT = 40, 320  # of two columns on a page of 600 by 800 points
SIZE, PITCH = 10, 14
CID = (
    "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 "
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> "
    "/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 >> >>"
)


def put(text: str, x: float, y: float, size: float = SIZE, *, bold: bool = False) -> str:
    """The operators that draw a line; `y` is that of the baseline from the top of the page."""
    han = not text.isascii()
    font = "Z" if han else "B" if bold else "F"
    string = f"<{text.encode('utf-16-be').hex()}>" if han else f"({text})"
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {800 - y} Tm {string} Tj ET"


def lines(texts: list[str], x: float, y: float, *, indent: bool = True) -> list[str]:
    """A paragraph, its first line indented."""
    return [
        put(text, x + (2 * SIZE if indent and not index else 0), y + index * PITCH)
        for index, text in enumerate(texts)
    ]


def pdf(*pages: list[str], title: str = "", trailer: str = "") -> bytes:
    """A PDF of pages that are lists of operators."""
    kids = " ".join(f"{8 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        "/DescendantFonts [6 0 R] >>",
        CID,
        f"<< /Title ({title}) >>",
    ]
    for number, operators in enumerate(pages):
        stream = "\n".join(operators)
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] "
            "/Resources << /Font << /F 3 0 R /B 4 0 R /Z 5 0 R >> >> "
            f"/Contents {9 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    data, offsets = "%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    data += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {size} /Root 1 0 R /Info 7 0 R {trailer} >>\nstartxref\n{len(data)}\n%%EOF"
    )
    return data.encode("latin-1")


def read(*pages: list[str], title: str = "") -> Document:
    document = read_pdf(pdf(*pages, title=title))
    for block in document.blocks:
        assert block.text == " ".join(block.text.split())
        assert block.pages[0][0] == 0
        assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(block.pages))
        assert all(offset < len(block.text) for offset, _ in block.pages)
    return document


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def headings(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.heading]


HARBOUR = [
    "The harbour was closed on Monday after the crane",
    "slipped from its rails and came to rest across the",
    "quay, the port authority said in a short statement.",
]
MARKET = [
    "Traders at the covered market have asked for lower",
    "rents until the new roof is finished next summer,",
    "and the council is to answer them within a month.",
]
FERRY = [
    "Ferries will leave from the northern pier until the",
    "crane has been lifted, which may take three weeks.",
]


def test_columns_are_read_one_after_the_other_whatever_was_drawn_first() -> None:
    left, right = lines(HARBOUR, LEFT, 100), lines(MARKET, RIGHT, 100)
    document = read([line for pair in zip(right, left, strict=True) for line in pair])
    assert texts(document) == [" ".join(HARBOUR), " ".join(MARKET)]
    assert document.how == "PDF, 1 page, up to 2 columns"


def test_a_headline_above_two_columns_is_read_before_both() -> None:
    page = [*lines(HARBOUR, LEFT, 150), *lines(MARKET, RIGHT, 150)]
    document = read([*page, put("Harbour closed and market roofless", 90, 100, 24)])
    assert texts(document)[0] == "Harbour closed and market roofless"
    assert headings(document) == texts(document)[:1]


def test_stories_one_above_the_other_are_not_interleaved() -> None:
    above = [*lines(HARBOUR, LEFT, 100), *lines(HARBOUR[::-1], RIGHT, 100)]
    heads = [put("Market rents", LEFT, 170, 16), put("Ferry times", RIGHT, 170, 16)]
    below = [*lines(MARKET, LEFT, 190), *lines(FERRY, RIGHT, 190)]
    found = texts(read([*below, *heads, *above]))
    assert found[2:] == ["Market rents", " ".join(MARKET), "Ferry times", " ".join(FERRY)]


def test_a_paragraph_goes_on_in_the_next_column_past_a_caption() -> None:
    left = [*lines(FERRY, LEFT, 100), *lines(HARBOUR[:2], LEFT, 128)]
    caption = put("The crane on Monday.", LEFT, 160, 7)
    right = [*lines(HARBOUR[2:], RIGHT, 100, indent=False), *lines(MARKET, RIGHT, 114)]
    found = texts(read([*right, caption, *left]))
    assert found == [
        " ".join(FERRY),
        " ".join(HARBOUR),
        "The crane on Monday.",
        " ".join(MARKET),
    ]


def page_of(number: int, text: list[str]) -> list[str]:
    return [put("The Harbour Post", LEFT, 30, 8), *text, put(f"- {number} -", 290, 780, 8)]


def test_a_paragraph_over_a_page_break_has_the_pages_of_both_parts() -> None:
    first = page_of(1, lines(FERRY, LEFT, 100) + lines(HARBOUR[:2], LEFT, 128))
    second = page_of(2, lines(HARBOUR[2:], LEFT, 100, indent=False) + lines(MARKET, LEFT, 114))
    document = read(first, second)
    assert texts(document) == [" ".join(FERRY), " ".join(HARBOUR), " ".join(MARKET)]
    offset = len(" ".join(HARBOUR[:2])) + 1
    assert document.blocks[1].pages == ((0, 1), (offset, 2))
    assert document.blocks[1].text[offset:] == HARBOUR[2]
    assert document.blocks[2].pages == ((0, 2),)


def test_what_runs_through_all_pages_is_dropped() -> None:
    document = read(page_of(1, lines(HARBOUR, LEFT, 100)), page_of(2, lines(MARKET, LEFT, 100)))
    assert [(d.text, d.page) for d in document.dropped] == [
        ("The Harbour Post", 1),
        ("- 1 -", 1),
        ("The Harbour Post", 2),
        ("- 2 -", 2),
    ]
    assert {d.reason for d in document.dropped} == {"running header or footer"}


def test_a_dated_header_stays_as_one_block() -> None:
    header = [
        put("澜州日报", LEFT, 30, 14),
        put("2023年5月1日 星期一", 250, 30),
        put("A04 要闻", 480, 30),
    ]
    document = read([*lines(HARBOUR, LEFT, 100), *header])
    assert texts(document) == ["澜州日报 2023年5月1日 星期一 A04 要闻", " ".join(HARBOUR)]
    assert not headings(document)


def test_what_a_browser_prints_around_a_page_is_dropped() -> None:
    around = [
        put("2024/5/6 10:22", 20, 20, 8),
        put("Harbour closed", 280, 20, 8),
        put("https://harbour.example/news/1.html", 20, 790, 8),
        put("1/1", 560, 790, 8),
    ]
    document = read([*around, *lines(HARBOUR, LEFT, 100)])
    assert texts(document) == [" ".join(HARBOUR)]
    assert len(document.dropped) == 2


def test_larger_type_makes_headings_and_each_size_its_own_block() -> None:
    page = [
        put("From the quay", LEFT, 80, 13),
        put("Harbour closed after", LEFT, 110, 24),
        put("a crane slips", LEFT, 138, 24),
        *lines(HARBOUR, LEFT, 170),
        put("What comes next", LEFT, 220, 12, bold=True),
        *lines(MARKET, LEFT, 236),
    ]
    document = read(page)
    assert texts(document)[:2] == ["From the quay", "Harbour closed after a crane slips"]
    assert headings(document) == [*texts(document)[:2], "What comes next"]
    assert [block.size for block in document.blocks[:3]] == [1.3, 2.4, 1.0]


def test_lines_of_a_chinese_headline_are_joined_without_a_space() -> None:
    body = ["昨天清晨，城西果品市场的第一批早西瓜开秤，", "批发价每斤一元六角，比去年便宜三毛。"]
    page = [put("早西瓜上市", LEFT, 80, 20), put("每斤便宜三毛", LEFT, 104, 20)]
    document = read([*page, *lines(body, LEFT, 140)])
    assert texts(document) == ["早西瓜上市每斤便宜三毛", "".join(body)]


def test_chinese_paragraphs_are_told_by_their_indents() -> None:
    first = ["镇里的水位昨晚退了一米二，抽水点", "连开九天九夜，田里的麦苗露出来了。"]
    second = [
        "种粮大户盯着两台播种机来回作业，",
        "他说：“种子撒下去，心才算落了地。”",
        "下周还要再播一遍。",
    ]
    third = ["补助款也到了。"]
    page = lines(first, LEFT, 100) + lines(second, LEFT, 128) + lines(third, LEFT, 170)
    assert texts(read(page)) == ["".join(first), "".join(second), "".join(third)]


def test_a_glyph_drawn_twice_to_look_bold_is_read_once() -> None:
    document = read([*lines(HARBOUR, LEFT, 100), *lines(HARBOUR, LEFT + 0.4, 100)])
    assert texts(document) == [" ".join(HARBOUR)]


def test_double_letters_are_kept() -> None:
    narrow = ["The bill for all the village hall windows will fall", "still further."]
    assert texts(read(lines(narrow, LEFT, 100))) == [" ".join(narrow)]


def test_a_hyphen_at_a_line_end_goes_unless_the_word_has_one() -> None:
    broken = [
        "The council is to build a tempo-",
        "rary bridge at the end of three-",
        "mile road, which is not really a",
        "three-mile road by any measure.",
    ]
    text = (
        "The council is to build a temporary bridge at the end of three-mile road, "
        "which is not really a three-mile road by any measure."
    )
    assert texts(read(lines(broken, LEFT, 100, indent=False))) == [text]


def test_a_large_initial_letter_joins_its_paragraph() -> None:
    rest = [HARBOUR[0][1:], *HARBOUR[1:]]
    beside = [put(text, LEFT + 30, 100 + n * PITCH) for n, text in enumerate(rest[:2])]
    page = [put("T", LEFT, 114, 32), *beside, put(rest[2], LEFT, 100 + 2 * PITCH)]
    assert texts(read(page)) == [" ".join(HARBOUR)]


def test_invisible_and_far_text_is_not_read() -> None:
    hidden = ["3 Tr", *lines(MARKET, LEFT, 300), "0 Tr", put("Off the page", 700, 100)]
    assert texts(read([*lines(HARBOUR, LEFT, 100), *hidden])) == [" ".join(HARBOUR)]


def test_the_hidden_text_of_a_recognised_scan_is_read() -> None:
    assert texts(read(["3 Tr", *lines(HARBOUR, LEFT, 100)])) == [" ".join(HARBOUR)]


def test_a_page_set_sideways_is_read_and_what_is_turned_against_a_page_dropped() -> None:
    sideways = [
        f"BT /F {SIZE} Tf 0 1 -1 0 {100 + n * PITCH} 100 Tm ({text}) Tj ET"
        for n, text in enumerate(HARBOUR)
    ]
    assert texts(read(sideways)) == [" ".join(HARBOUR)]
    document = read([*lines(HARBOUR, LEFT, 100), sideways[0].replace(" 100 100 ", " 580 100 ")])
    assert texts(document) == [" ".join(HARBOUR)]
    assert [d.reason for d in document.dropped] == ["text that is turned"]


def test_the_title_in_the_metadata_counts_when_it_is_printed_as_a_headline() -> None:
    page = [put("Harbour closed", LEFT, 80, 24), *lines(HARBOUR, LEFT, 110)]
    printed = read(page, title="Harbour closed").declared
    assert printed.title == "Harbour closed"
    assert printed.origins == {"title": "PDF title, printed on page 1"}
    assert read(page, title="untitled-3.indd").declared.title is None


def test_a_scan_is_named_with_the_way_to_recognise_it() -> None:
    with pytest.raises(NotTextError, match=r"scan without text: .*ocrmypdf"):
        read_pdf(pdf(["0 0 100 100 re f"]))


def test_pages_without_text_are_named() -> None:
    document = read(lines(HARBOUR, LEFT, 100), ["0 0 100 100 re f"])
    assert [(d.reason, d.page) for d in document.dropped] == [
        ("page 2 is a picture without text", 2)
    ]


def test_an_encrypted_file_asks_for_its_password() -> None:
    key = "00" * 32
    locked = (
        f"/ID [<{key[:32]}> <{key[:32]}>] "
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >>"
    )
    with pytest.raises(NotTextError, match="password"):
        read_pdf(pdf(lines(HARBOUR, LEFT, 100), trailer=locked))


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(range(256)) * 9])
def test_a_damaged_file_is_named(data: bytes) -> None:
    with pytest.raises(NotTextError, match="damaged PDF: open it and save it anew"):
        read_pdf(data)


def test_fonts_that_name_no_characters_are_named() -> None:
    private = "".join(chr(0xE000 + n) for n in range(60))
    with pytest.raises(NotTextError, match="fonts that name no characters"):
        read_pdf(pdf([put(private, LEFT, 100), put("Page", LEFT, 300)]))


def test_blocks_are_plain_values() -> None:
    expected = Block(" ".join(FERRY), size=1.0, pages=((0, 1),))
    assert read(lines(FERRY, LEFT, 100)).blocks == [expected]


def test_a_headline_that_runs_down_the_page_is_one_line_before_the_column_at_its_right() -> None:
    ferry = ["渡口昨夜停航，江面上的雾到今晨才", "散，头班船晚开了两个钟头才离岸。"]
    market = ["集市的摊主们把菜摆到了桥头，等着", "对岸的人来买，到中午只卖掉一半。"]
    down = [put(char, 250, 110 + 34 * n, 24) for n, char in enumerate("大雾锁江")]
    head = put("渡口停航", LEFT, 80, 20)
    document = read([*down, head, *lines(ferry, LEFT, 110), *lines(market, 300, 110)])
    assert texts(document) == ["渡口停航", "".join(ferry), "大雾锁江", "".join(market)]
    assert headings(document) == ["渡口停航", "大雾锁江"]


def test_a_mark_that_hangs_over_its_column_does_not_bridge_to_the_next() -> None:
    left = ["镇里的水位昨晚退了一米二了，", "抽水点连开九天九夜也没有停。"]
    right = ["补助款到了村里，每户先领三百", "元，余下的等到秋收以后再发。"]
    page = [*lines(left, LEFT, 100, indent=False), *lines(right, LEFT + 146, 100, indent=False)]
    assert texts(read(page)) == ["".join(left), "".join(right)]


def test_a_story_goes_on_beside_the_box_below_its_right_columns() -> None:
    story = [
        ["麦苗返青前测雨员每天早", "要做的头一件事，是把木尺插", "进田里，量雪水渗下去多深。"],
        ["这样的测雨员全县有五十八个", "人，多数是种地的老人，每测"],
        ["一天补助六元，钱不多，却没", "有一个人愿意把木尺交出来。"],
    ]
    box = [["垭口热水房开张七天了来"], ["歇脚的人写满了一整页名字。"]]
    starts = (LEFT, LEFT + 150, LEFT + 300)
    page = [put("麦田里的测雨员", LEFT, 80, 24)]
    for column, start in zip(story, starts, strict=True):
        page += lines(column, start, 110, indent=start == LEFT)
    page += [put("垭口有了热水房", starts[1], 180, 18)]
    for column, start in zip(box, starts[1:], strict=True):
        page += lines(column * 2, start, 200, indent=start == starts[1])
    page += lines(story[0][1:] * 2, LEFT, 152, indent=False)
    found = texts(read(page))
    assert found[0] == "麦田里的测雨员"
    head = found.index("垭口有了热水房")
    assert "".join(story[2]) in "".join(found[:head])
    assert "".join(box[1]) in "".join(found[head:])


def test_a_dated_footer_stays_as_one_block_before_the_text() -> None:
    footer = [put("澜山 半月刊", LEFT, 780, 8), put("2022年6月20日", 280, 780, 8)]
    document = read([*lines(HARBOUR, LEFT, 100), *footer])
    assert texts(document) == ["澜山 半月刊 2022年6月20日", " ".join(HARBOUR)]


def test_the_date_of_a_header_is_found_beside_its_credits_and_below_its_masthead() -> None:
    header = [
        put("鹤汀都市报", 450, 30, 20),
        put("责编：羊角风 爆料热线：0800-7721100", 200, 46, 8),
        put("2022年11月9日 星期三", 450, 47, 8),
    ]
    found = texts(read([*lines(HARBOUR, LEFT, 120), *header]))
    assert found[0] == "2022年11月9日 星期三"
    assert {"鹤汀都市报", "责编：羊角风 爆料热线：0800-7721100"} < set(found)
