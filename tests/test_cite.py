"""Answers as text to paste: references by hand, numbers, and article text that is no markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

import rag
from rag.cite import STYLES, Style
from tests.command import Wenbao

DAY = date(2026, 11, 22)


def article(id_: str, title: str, text: str, **more: Any) -> rag.Article:
    return rag.Article(**{"language": "zh"} | more, id=id_, title=title, text=text, path="p.txt")


def answer(*quotes: tuple[rag.Article, str], **more: Any) -> rag.Answer:
    """An answer that quotes these words of these articles."""
    citations = []
    for number, (one, quote) in enumerate(quotes, 1):
        start = one.text.index(quote)
        citations.append(rag.Citation(number, one, start, start + len(quote), quote))
    given = rag.Answer("龙岗定了几件事？", "", "zh", tuple(citations), False, 0.9, (), "1")
    return replace(given, **more)


def gbt7714(**fields: Any) -> str:
    one = article("a", "双碳会议定下五件事", "正文。", **fields)
    (reference,) = rag.references(answer((one, "正文。")), "gbt7714", read_on=DAY)
    return reference


PAPER = {"authors": ("林可舟",), "source": "东部晨刊", "date": "2022-09-14"}
URL = "https://news.example/2022/1.html"


@pytest.mark.parametrize(
    ("fields", "reference"),
    [
        (PAPER, "林可舟. 双碳会议定下五件事[N]. 东部晨刊, 2022-09-14."),
        (PAPER | {"pages": ((0, 3),)}, "林可舟. 双碳会议定下五件事[N]. 东部晨刊, 2022-09-14(3)."),
        (
            PAPER | {"url": URL},
            f"林可舟. 双碳会议定下五件事[N/OL]. 东部晨刊, 2022-09-14[2026-11-22]. {URL}.",
        ),
        (
            PAPER | {"url": URL, "pages": ((0, 3),)},
            f"林可舟. 双碳会议定下五件事[N/OL]. 东部晨刊, 2022-09-14(3)[2026-11-22]. {URL}.",
        ),
        (
            {"url": URL, "date": "2022-09-14"},
            f"双碳会议定下五件事[EB/OL]. (2022-09-14)[2026-11-22]. {URL}.",
        ),
        ({"url": URL}, f"双碳会议定下五件事[EB/OL]. [2026-11-22]. {URL}."),
        (PAPER | {"authors": ()}, "双碳会议定下五件事[N]. 东部晨刊, 2022-09-14."),
        (PAPER | {"date": None}, "林可舟. 双碳会议定下五件事[N]. 东部晨刊."),
        (PAPER | {"source": None}, "林可舟. 双碳会议定下五件事[N]. [出版者不详], 2022-09-14."),
        (
            PAPER | {"source": None, "language": "en"},
            "林可舟. 双碳会议定下五件事[N]. [s.n.], 2022-09-14.",
        ),
        ({}, "双碳会议定下五件事[N]. [出版者不详]."),
        (
            PAPER | {"authors": ("傅刚", "赵承", "李佳路", "何远")},
            "傅刚, 赵承, 李佳路, 等. 双碳会议定下五件事[N]. 东部晨刊, 2022-09-14.",
        ),
        (
            PAPER | {"authors": ("傅刚", "赵承", "李佳路")},
            "傅刚, 赵承, 李佳路. 双碳会议定下五件事[N]. 东部晨刊, 2022-09-14.",
        ),
        (
            {"authors": ("A. B", "C D", "E F", "G H"), "source": "Post", "language": "en"},
            "B A, D C, F E, et al. 双碳会议定下五件事[N]. Post.",
        ),
        (
            PAPER | {"url": "javascript:alert(1)"},
            "林可舟. 双碳会议定下五件事[N]. 东部晨刊, 2022-09-14.",
        ),
    ],
)
def test_a_reference_as_the_standard_has_it(fields: dict[str, Any], reference: str) -> None:
    assert gbt7714(**fields) == reference


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nora Fitch", "FITCH N"),
        ("Jean-Paul van Dam", "DAM J P V"),
        ("Zhang Liwei", "ZHANG L W"),
        ("Li Na", "LI N"),
        ("Anna Chen", "CHEN A"),
        ("Reuters", "Reuters"),
        ("Xinhua News Agency", "Xinhua News Agency"),
        ("欧阳一舟", "欧阳一舟"),
    ],
)
def test_an_author_as_the_standard_has_it(name: str, shown: str) -> None:
    assert gbt7714(authors=(name,)).startswith(f"{shown}. 双碳")


FIRST = article(
    "a", "会议定下五件事", "一是查清。二是落地。\n三是取经。", pages=((0, 2), (5, 3)), **PAPER
)
SECOND = article("b", "“五个一”", "给“十四五”排期。", source="Bay Post", url=URL)
ANSWER = answer((FIRST, "一是查清。"), (FIRST, "二是落地。\n三是取经。"), (SECOND, SECOND.text))


def test_quotes_of_one_article_share_its_number() -> None:
    assert rag.format_answer(ANSWER, "plain") == (
        "“一是查清。” (第2页) [1]\n“二是落地。 三是取经。” (第3页) [1]\n\n"
        "『给“十四五”排期。』 [2]\n\n"
        "参考文献\n"
        "[1] 林可舟，《会议定下五件事》，东部晨刊，2022-09-14，第2, 3页\n"
        f"[2] 《“五个一”》，Bay Post {URL}\n"
    )
    assert rag.format_answer(ANSWER, "gbt7714", read_on=DAY) == (
        "“一是查清。” [1]\n“二是落地。 三是取经。” [1]\n\n"
        "『给“十四五”排期。』 [2]\n\n"
        "参考文献\n"
        "[1] 林可舟. 会议定下五件事[N]. 东部晨刊, 2022-09-14(2, 3).\n"
        f"[2] “五个一”[N/OL]. Bay Post[2026-11-22]. {URL}.\n"
    )
    assert rag.format_answer(replace(ANSWER, language="en"), "markdown") == (
        "> “一是查清。” (p. 2) [1]\n>\n> “二是落地。 三是取经。” (p. 3) [1]\n\n"
        "> 『给“十四五”排期。』 [2]\n\n"
        "### References\n\n"
        "1. 林可舟, “会议定下五件事”, 东部晨刊, 2022-09-14, p. 2, 3\n"
        f"2. 『“五个一”』, Bay Post <{URL}>\n"
    )


def test_notes_and_statements_name_the_same_numbers() -> None:
    told = replace(
        ANSWER,
        note="两篇文章的说法可能不同，请比较 [2] 与 [3]。",
        statements=(rag.Statement("定了三件事。", (1, 2)), rag.Statement("还排了期。", (2, 3))),
    )
    written, note, *_ = rag.format_answer(told, "plain").split("\n\n")
    assert written == "定了三件事。 [1] 还排了期。 [1][2]"
    assert note == "两篇文章的说法可能不同，请比较 [1] 与 [2]。"


def test_a_conversation_has_one_list_for_all_its_answers() -> None:
    silent = answer(
        abstained=True, text="这些文章没有说。\n最接近的段落：\n- 别的", question="谁？"
    )
    later = answer((SECOND, "排期"), (FIRST, "三是取经。"), question="*后来*呢？")
    assert rag.format_conversation([ANSWER, silent, later], exported=DAY) == (
        "导出日期：2026-11-22\n\n"
        "## 龙岗定了几件事？\n\n"
        "> “一是查清。” (第2页) [1]\n>\n> “二是落地。 三是取经。” (第3页) [1]\n\n"
        "> 『给“十四五”排期。』 [2]\n\n"
        "## 谁？\n\n"
        "这些文章没有说。\n\n"
        "## \\*后来\\*呢？\n\n"
        "> “排期” [2]\n\n"
        "> “三是取经。” (第3页) [1]\n\n"
        "### 参考文献\n\n"
        "1. 林可舟，《会议定下五件事》，东部晨刊，2022-09-14，第2, 3页\n"
        f"2. 《“五个一”》，Bay Post <{URL}>\n"
    )
    plain = rag.format_conversation([silent], "plain", exported=DAY)
    assert plain == "导出日期：2026-11-22\n\n问：谁？\n\n这些文章没有说。\n"
    assert rag.format_conversation([], exported=DAY) == "Exported on 2026-11-22\n"


HOSTILE = [
    "# heading",
    "- item",
    "1. item",
    "12) item",
    "+ item",
    "> quote",
    "***",
    "---",
    "```js",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "`code` ~~gone~~ _so_ **bold** ||x||",
    "&lt;b&gt; <!-- hidden -->",
    "[1]: http://evil.example",
    "| a | b |\n|---|---|",
    "a\n\nb\n===\n# c",
    "\\[x\\](y)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_an_article_or_a_question_is_no_markup(text: str) -> None:
    one = article("a", text, text, authors=(text,), source=text, url=f"https://e.example/{text}")
    told = answer((one, text), question=text, statements=(rag.Statement(text, (1,)),))
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = page.parse(rag.format_conversation([told], exported=DAY))
    kinds = [token.type for token in tokens if token.nesting >= 0]
    assert kinds == [
        *("paragraph_open", "inline", "heading_open", "inline", "paragraph_open", "inline"),
        *("blockquote_open", "paragraph_open", "inline", "heading_open", "inline"),
        *("ordered_list_open", "list_item_open", "paragraph_open", "inline"),
    ]
    inline = [token for token in tokens if token.type == "inline"]
    children = [child for token in inline for child in token.children or ()]
    shown = {child.type for child in children}
    assert shown <= {"text", "text_special", "link_open", "link_close"}
    links = [unquote(str(child.attrs["href"])) for child in children if child.type == "link_open"]
    assert links == ([one.url] if not set(text) & set(' \n<>"`\\') else [])
    once = " ".join(text.split())
    heading = "".join(child.content for child in inline[1].children or ())
    assert heading == once


@pytest.mark.parametrize("style", STYLES)
def test_nothing_unseen_is_passed_on(style: Style) -> None:
    one = article("a", "题\u202e目", "正\x1b[31m文\u200b。", url="https://e.example/\u202egnp")
    text = rag.format_answer(answer((one, one.text)), style)
    assert not set(text) & set("\u202e\x1b\u200b")
    assert "e.example" not in text


def test_an_unknown_style_is_named() -> None:
    for call in (rag.format_answer, rag.references):
        with pytest.raises(rag.InputError, match="'bibtex': use markdown, gbt7714 or plain"):
            call(ANSWER, "bibtex")  # type: ignore[arg-type]
    with pytest.raises(rag.InputError, match="'bibtex'"):
        rag.format_conversation([], "bibtex", exported=DAY)  # type: ignore[arg-type]


def test_the_command_prints_a_format(sample_index_dir: Path, wenbao: Wenbao) -> None:
    question = ("ask", "福田的“五个一”是什么？", "--index", sample_index_dir)
    result = wenbao(*question, "--format", "gbt7714")
    told = rag.ask(str(question[1]), index=sample_index_dir)
    assert result.code == 0
    assert result.out == rag.format_answer(told, "gbt7714", read_on=date.today())
    assert "[N]. 湾区晨讯, 2022-02-09." in result.out
    assert wenbao(*question, "--format", "bibtex").code == 2
    assert wenbao(*question, "--format", "plain", "--json").code == 2
