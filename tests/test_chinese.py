"""The program's messages in Chinese: none that can reach the page is left in English alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from rag.page import frame, markup
from rag.page.chinese import _MESSAGES, in_chinese

RAG = Path(__file__).resolve().parent.parent / "rag"
SOURCES = [
    *sorted((RAG / "ingest").glob("*.py")),
    RAG / "index/generation.py",
    *(RAG / f"{name}.py" for name in ("engine", "feedback", "question", "retrieve", "uploads")),
]
# Two texts side by side, and what the inspector says of lines that it read.
NO_MESSAGE = ("{}: {}", "{} after repair: ", "date line: ", "credit line: ", "line of credits: ")
FILLED = "Q7"


def texts_of(path: Path) -> list[str]:
    """The texts of a module that are no docstrings, with {} for what is filled in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in ast.walk(node)}
            parts = [str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values]
            found.append("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def messages() -> list[str]:
    """What is said to be wrong, and what to do, with a colon between."""
    found = (text for path in SOURCES for text in texts_of(path))
    return sorted(
        {
            text
            for text in found
            if re.search(r"[a-z\d)}]: [a-z{]", text)
            and not re.search(r"\(\?|\\[sdw]|\]\+", text)
            and not text.startswith(NO_MESSAGE)
        }
    )


def test_messages_are_found() -> None:
    found = messages()
    assert len(found) > 60
    assert "is empty: remove it or fill it" in found
    assert "a rebuild is running in {}: wait until it is done" in found


@pytest.mark.parametrize("message", messages())
def test_each_message_has_its_chinese(message: str) -> None:
    line = message.replace("{}", FILLED)
    said = in_chinese(line)
    assert said is not None, f"rag/page/chinese.py lacks: {message}"
    assert re.search("[\u4e00-\u9fff]", said)
    assert said.count(FILLED) == line.count(FILLED)  # nothing that was filled in is lost


@pytest.mark.parametrize("english", [english for english, _ in _MESSAGES])
def test_no_entry_is_hidden_by_another(english: str) -> None:
    chinese = dict(_MESSAGES)[english]
    said = in_chinese(english.replace("{}", FILLED))
    assert said is not None
    assert chinese.replace("{}", FILLED) == said


def test_parts_are_translated_too() -> None:
    assert in_chinese("CAJ files are not read: open it in its reader and print it to .pdf") == (
        "不读取 CAJ 文件：请用它的阅读器打开，打印为 .pdf"
    )
    assert in_chinese("a/图.rar is damaged: copy or save it again") == (
        "a/图.rar 已损坏：请重新复制或保存"
    )
    assert in_chinese(
        "is there already, as 甲.zip; not all of it is read: b.txt is empty: remove it or fill it"
        " (and 2 more)"
    ) == ("已经收录，文件名是 甲.zip；没有全部读取：b.txt 是空的：请删除或补上内容（另有 2 处）")
    assert in_chinese("there is no 'b.txt' in uploads: look there for its name") == (
        "没有 'b.txt' 这个文件：请在 uploads 里查看文件名"
    )


def test_what_is_no_message_stays() -> None:
    assert in_chinese("Council: wait and see") is None
    assert in_chinese("") is None


def test_the_page_shows_the_language_of_the_interface() -> None:
    said = markup.told("is empty: remove it or fill it")
    assert 'lang="zh">是空的：请删除或补上内容<' in said
    assert 'lang="en">is empty: remove it or fill it<' in said
    assert frame.render_notice("<b> x") == (
        '<p class="wb-notice" role="alert"><span class="wb-ui" lang="zh">&lt;b&gt; x</span>'
        '<span class="wb-ui" lang="en">&lt;b&gt; x</span></p>'
    )
    assert frame.render_notice() == ""
