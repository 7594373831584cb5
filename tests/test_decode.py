"""Every encoding of Chinese papers is read; what was misread is read back or named."""

from __future__ import annotations

import random

import pytest

from rag.ingest.decode import NotTextError, decode, decode_named

SIMPLIFIED = "青汀湖的水位比去年同期高出四十厘米，管理处把木栈道加高了一截。来看鸟的人反而多了。"
TRADITIONAL = "嶼上的燈塔已經一百歲了，守燈人的孫女決定把它的故事寫成一本書，書名就叫做歸航。"
ENGLISH = "The keeper said the lamp (燈塔) doesn’t go out. It hasn’t since 1921, and it won’t now."
CODECS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "gb18030": "GB18030",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "big5": "Big5",
    "big5hkscs": "Big5",
}


@pytest.mark.parametrize("length", [12, 40, 400])
@pytest.mark.parametrize("codec", CODECS)
def test_short_and_long_texts_are_read_in_every_encoding(codec: str, length: int) -> None:
    for text in (SIMPLIFIED, TRADITIONAL):
        if text is SIMPLIFIED and "big5" in codec:
            continue
        given = (text * 10)[:length]
        assert decode_named(given.encode(codec)) == (given, CODECS[codec])


@pytest.mark.parametrize("codec", ["gb18030", "big5"])
def test_a_few_chinese_words_in_english_are_read(codec: str) -> None:
    assert decode(ENGLISH.encode(codec)) == ENGLISH


@pytest.mark.parametrize("codec", ["gb18030", "big5hkscs"])
def test_any_forty_characters_of_a_text_tell_the_encoding(codec: str) -> None:
    text = (
        TRADITIONAL + "香港的記者在碼頭等了一夜，只見到幾隻水鳥。區議會今日開會，討論渡輪的票價。"
    )
    choice = random.Random(7)
    for _ in range(50):
        some = "".join(choice.sample(text, 40))
        assert decode(some.encode(codec)) == some


@pytest.mark.parametrize(
    ("text", "codec", "label", "name"),
    [
        (SIMPLIFIED, "gb18030", "gb2312", "GB18030 (declared as gb2312)"),
        (SIMPLIFIED, "gb18030", "gb18030", "GB18030"),
        (SIMPLIFIED, "gbk", "utf-8", "GB18030 (declared as utf-8)"),
        (SIMPLIFIED, "utf-8", "gb2312", "UTF-8 (declared as gb2312)"),
        (TRADITIONAL, "big5", "gb2312", "Big5 (declared as gb2312)"),
        (TRADITIONAL, "big5", "big5", "Big5"),
        (TRADITIONAL, "big5", "no such charset", "Big5 (declared as no such charset)"),
        (TRADITIONAL, "utf-16", "big5", "UTF-16 (declared as big5)"),
    ],
)
def test_a_declared_charset_is_a_hint_that_can_be_wrong(
    text: str, codec: str, label: str, name: str
) -> None:
    assert decode_named(text.encode(codec), charset=label) == (text, name)


@pytest.mark.parametrize(
    "head", ['<meta charset="gb2312">', '<?xml version="1.0" encoding="gb2312"?>']
)
def test_mark_up_declares_a_charset(head: str) -> None:
    page = head + SIMPLIFIED
    named = decode_named(page.encode("gbk"), markup=True)
    assert named == (page, "GB18030 (declared as gb2312)")
    assert decode_named(page.encode("gbk"))[1] == "GB18030"


def test_a_declared_charset_decides_between_readings_that_are_as_good() -> None:
    both = b"\xb0\xd1"  # common in either
    assert decode(both) != decode_named(both, charset="big5")[0] == "參"
    assert decode_named(both, charset="gbk") == ("把", "GB18030 (declared as gbk)")


def test_hz_of_old_mail_is_read_and_its_marks_in_english_are_left() -> None:
    assert decode_named(SIMPLIFIED.encode("hz")) == (SIMPLIFIED, "HZ")
    quoted = "Runs of HZ stand between ~{ and ~}, as in ~{abc~}."
    assert decode_named(quoted.encode()) == (quoted, "UTF-8")


def test_line_ends_of_all_systems_are_one() -> None:
    assert decode(b"a\r\nb\nc\rd\r\r\ne\x0bf") == "a\nb\nc\nd\ne\nf"


def test_zero_bytes_and_controls_go() -> None:
    assert decode(SIMPLIFIED.encode() + b"\0" * 500) == SIMPLIFIED
    assert decode(("水\0位\u200b" + SIMPLIFIED).encode()) == "水位" + SIMPLIFIED


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "utf-16-le"),
        (TRADITIONAL, "utf-32-be"),
    ],
)
def test_a_character_cut_at_the_end_is_left_out(text: str, codec: str) -> None:
    assert decode(text.encode(codec)[:-1]) == text[:-1]


@pytest.mark.parametrize(
    ("text", "codec"), [(SIMPLIFIED, "utf-8"), (SIMPLIFIED, "gb18030"), (TRADITIONAL, "big5")]
)
def test_a_bad_byte_costs_a_line_at_most_and_shows(text: str, codec: str) -> None:
    lines = f"{text}\n".encode(codec)
    read = decode(lines * 9 + lines[:6] + b"\xff" + lines[7:] + lines * 9)
    assert read.count(text) == 18
    assert "\ufffd" in read


def test_accents_and_quotes_of_western_files_stay() -> None:
    for text in ("café", "It doesn’t cost £5 – naïve.", "Größe über Ångström"):
        assert decode_named(text.encode("cp1252")) == (text, "Windows-1252")


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("utf-8", "latin-1", "UTF-8 after repair: it had been read as Windows-1252"),
        ("gb18030", "latin-1", "GB18030 after repair: it had been read as Windows-1252"),
        ("big5", "latin-1", "Big5 after repair: it had been read as Windows-1252"),
    ],
)
def test_text_that_was_misread_and_saved_is_read_back(right: str, wrong: str, name: str) -> None:
    for text in (TRADITIONAL, TRADITIONAL[:12], TRADITIONAL * 20):
        saved = text.encode(right).decode(wrong).encode()
        assert decode_named(saved) == (text, name)


def test_utf8_read_as_gbk_is_read_back_but_for_what_was_lost() -> None:
    name = "UTF-8 after repair: it had been read as GBK"
    # An even number of bytes loses nothing, an odd one its last character.
    assert decode_named("浣犲ソ锛屼笘鐣".encode())[1] == name
    assert decode_named("浣犲ソ锛屼笘鐣?".encode()) == ("你好，世\ufffd", name)
    unseen = b"\xaa\xe4".decode("gb18030")
    assert decode_named(f"涓€涓{unseen}汉".encode()) == ("一个人", name)


def test_english_with_misread_quotes_is_read_back() -> None:
    text = "It doesn’t go out. It hasn’t since 1921 – and it won’t now."
    assert decode(text.encode().decode("cp1252").encode()) == text
    assert decode("ä½ å¥½".encode()) == "你好"  # its no-break space was lost


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("锟斤拷锟斤拷锟斤拷锟斤拷，锟斤拷123", "UTF-8 read as GBK"),
        ("烫烫烫烫烫烫屯屯屯屯", "blank memory read as GBK"),
        ("�������� 2022 ����", "characters replaced by question marks"),
        (SIMPLIFIED.encode().decode("gbk", "replace"), "UTF-8 read as GBK"),
        (TRADITIONAL.encode("big5").decode("gb18030", "replace"), "Big5 read as GBK"),
        (
            "他说这里的人都在学习中国的历史，社会发展很快。".encode("gbk").decode(
                "big5", "replace"
            ),
            "GB18030 read as Big5",
        ),
    ],
)
def test_text_that_is_lost_is_refused_and_named(text: str, why: str) -> None:
    with pytest.raises(NotTextError) as caught:
        decode(text.encode())
    assert str(caught.value) == f"is mojibake ({why} and saved): get the original file"


@pytest.mark.parametrize(
    "text",
    [
        SIMPLIFIED,
        TRADITIONAL,
        "关关雎鸠，在河之洲。窈窕淑女，君子好逑。参差荇菜，左右流之。",
        "鍾先生與鐘小姐、陳瑾瑜、黃珮璇、龔鈺翔、酈曉雯、闞澤邈",
        "䶮犇骉鱻羴猋麤龘靐齉爨",
        "程序员常说“手持两把锟斤拷，口中疾呼烫烫烫”，说的是编码弄错以后满屏的乱码。" + SIMPLIFIED,
        "Größe über naïve façade Ångström",
        "Việt Nam đất nước con người",
        "Привет, мир. Как дела?",
        "こんにちは世界、これはテストです。",
        "안녕하세요 세계 여러분",
        "┌──┬──┐\n│项目│标准│\n└──┴──┘",
        "",
    ],
)
def test_ordinary_text_is_never_repaired(text: str) -> None:
    assert decode_named(text.encode()) == (text, "UTF-8")


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"%PDF-1.7 text",
        b"PK\x03\x04 text",
        random.Random(1).randbytes(5000),
        b"\x01\x02\x03\x04" * 20,
    ],
)
def test_binary_data_is_said_to_be_no_text(data: bytes) -> None:
    with pytest.raises(NotTextError, match="is binary, not text: save it as text"):
        decode(data)


def test_other_alphabets_in_old_encodings_are_not_decoded_to_rubbish() -> None:
    with pytest.raises(NotTextError, match="save it as UTF-8"):
        decode("Привет, мир. Как дела? Всё хорошо.".encode("cp1251"))
