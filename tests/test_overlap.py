"""What was written to train on is compared with what is tested on: runs, questions, exit codes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from embeddings.train import sources
from embeddings.train.overlap import Sets, fold, main
from embeddings.train.sources import SOURCES, TRANSLATED, text_key

ZH = "新修的河堤步道昨天清晨正式开放"  # 15 characters
EN = "the new path along the river opened to walkers at dawn"
PASSAGE = "旧码头仓库改成了一座藏书十万册的公共阅览室"


def write(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Training data whose news has a neutral row and the one above, and one translated question."""
    folder = tmp_path / "data"
    monkeypatch.setattr(sources, "OWN", folder / "train")
    for file in [source.file for source in SOURCES if source.file.startswith("synthetic/")]:
        write(folder / "train" / f"{file}.jsonl.gz", [{"zh": "会议", "en": ["meeting"]}])
    news = [
        {"zh": "会议", "en": "a meeting", "q_zh": "开会了吗？"},
        {"zh": f"消息：{ZH}。", "en": f"Report: {EN}.", "q_zh": "步道几时开放？"},
    ]
    write(folder / "train" / "synthetic" / "news.jsonl.gz", news)
    for file in TRANSLATED:
        rows = [{"question": "仓库改成了什么？", "passage": PASSAGE}]
        write(folder / "train" / f"{file}.jsonl.gz", rows)
    asked = [{"question": text_key("仓库改成了什么？"), "q_en": "What is the warehouse now?"}]
    write(folder / "train" / "synthetic" / "questions.jsonl.gz", asked)
    return folder


def check(data: Path, *sets: Path) -> int:
    return main(["--data", str(data), *map(str, sets)])


def test_a_shared_passage_is_named_with_its_row_and_run(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = data / "notes.md"
    notes.write_text(f"# 简讯\n\n{ZH[:6]}，\n{ZH[6:]}！", encoding="utf-8")
    assert check(data, notes) == 1
    out = capsys.readouterr().out
    assert "synthetic/news: 2 rows, 1 overlapping\n" in out
    assert f"  row 2, zh, in {notes}: {ZH}\n" in out
    assert "synthetic/words: 1 rows, 0 overlapping\n" in out


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (ZH[:13], 1),
        (ZH[:12], 0),
        (ZH[-13:], 1),
        (f"{ZH[:12]}夜{ZH[12:]}", 0),
        (" ".join(EN.split()[:8]).upper(), 1),
        (" ".join(EN.split()[:7]), 0),
        ("The new path, along the river,\nopened — to", 1),
        (ZH[:7] + " 2026 " + ZH[7:], 0),
    ],
)
def test_thirteen_characters_or_eight_words_are_an_overlap(
    data: Path, text: str, status: int
) -> None:
    rows = [{"question": "何时？", "evidence": [text, "这一句与训练文本毫无关系，只是为了够长"]}]
    assert check(data, write(data / "set.jsonl", rows)) == status
    assert check(data, write(data / "set.jsonl.gz", rows)) == status


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("步道，几时开放?", 1),
        ("步道几时再开放？", 0),
        ("WHAT is the warehouse now", 1),
        (EN, 0),  # questions are compared whole
    ],
)
def test_a_question_overlaps_when_it_is_the_same(data: Path, question: str, status: int) -> None:
    assert check(data, write(data / "set.jsonl", [{"question": question}])) == status
    later = {"question": "为什么？", "history": [question]}
    assert check(data, write(data / "set.jsonl", [later])) == status


def test_the_text_that_a_row_refers_to_is_compared(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"other_articles": [{"evidence": [PASSAGE[:14]]}]}]
    assert check(data, write(data / "set.jsonl", rows)) == 1
    out = capsys.readouterr().out
    assert "synthetic/questions: 1 rows, 1 overlapping\n  row 1, zh, in " in out


@pytest.mark.parametrize(("named", "status"), [("a", 0), ("b", 1)])
def test_of_a_folder_only_the_named_passages_count(data: Path, named: str, status: int) -> None:
    folder = data / "beir"
    corpus = [
        {"_id": "a", "title": "", "text": "河边的旧灯塔今年冬天不再点亮了"},
        {"_id": "b", "text": ZH},
    ]
    write(folder / "corpus.jsonl", corpus)
    write(folder / "queries.zh.jsonl", [{"_id": "q", "text": "灯塔怎么了？"}])
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\nq\t{named}\t1\n")
    assert check(data, folder) == status
    write(folder / "queries.en.jsonl", [{"_id": "q", "text": "a Meeting?"}])
    assert check(data, folder) == 1


def test_words_between_characters_are_kept_and_not_counted() -> None:
    assert fold("第４２次“会议”，It’s 1,200.5 m") == "第 42 次 会 议 it's 1,200.5 m"
    sets = Sets()
    assert not sets.shared(ZH)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.jsonl", None),
        ("page.html", ZH),
        ("empty.jsonl", ""),
        ("list.jsonl", "[1]"),
        ("broken.jsonl", "{"),
        ("short.md", "会议"),
        ("no.jsonl.gz", "{}"),
    ],
)
def test_a_set_that_cannot_be_read_is_no_pass(
    data: Path, name: str, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = data / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        check(data, path)
    assert stopped.value.code == 2
    assert f"{path} cannot be read: " in capsys.readouterr().err


def test_a_source_that_is_missing_is_no_pass(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "train" / f"{TRANSLATED[0]}.jsonl.gz").unlink()
    with pytest.raises(SystemExit) as stopped:
        check(data, write(data / "set.jsonl", [{"question": "为什么？"}]))
    assert stopped.value.code == 2
    assert "synthetic/questions cannot be read, after row 0: " in capsys.readouterr().err
