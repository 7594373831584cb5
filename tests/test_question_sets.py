"""Reading question sets: BEIR folders, question files, and what is said of malformed ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rag
from rag.evaluate.sets import (
    NEAR_MISS,
    OFF_TOPIC,
    BeirSet,
    QuestionSet,
    corpus_files,
    digest_of,
    read_beir,
    read_questions,
    read_set,
)

CORPUS = [{"_id": f"d{n}", "title": "", "text": f"第{n}篇。"} for n in range(3)]
QUERIES = [{"_id": f"q{n}", "text": f"问{n}"} for n in range(3)]
QRELS = "query-id\tcorpus-id\tscore\nq0\td0\t1\nq0\td1\t2\nq1\tgone\t1\nq2\td2\t0\n"


def lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write(folder: Path, **files: str) -> Path:
    """A BEIR folder; a keyword names a file, with its last underscore as the full stop."""
    contents = {
        "corpus_jsonl": lines(CORPUS),
        "queries.zh_jsonl": lines(QUERIES),
        "qrels_tsv": QRELS,
    } | files
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / ".".join(name.rsplit("_", 1))).write_text(content, encoding="utf-8")
    return folder


def test_a_beir_folder(tmp_path: Path) -> None:
    found = read_beir(write(tmp_path / "tiny"))
    assert found.name == "tiny"
    assert found.queries == {"queries.zh": {"q0": "问0", "q1": "问1"}}  # nothing answers q2
    assert found.relevant["q0"] == {"d0": 1, "d1": 2}
    assert found.missing == 1
    assert [path.name for path in found.corpus] == ["corpus.jsonl"]


def test_a_beir_folder_in_several_files(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write(folder)
    (folder / "qrels.tsv").unlink()
    (folder / "qrels").mkdir()
    (folder / "qrels/dev.tsv").write_text(QRELS, encoding="utf-8")
    (folder / "qrels/test.tsv").write_text("q2\td2\t1\r\n", encoding="utf-8")  # no header
    (folder / "queries.en.jsonl").write_text(lines(QUERIES[:1]), encoding="utf-8")
    (folder / "corpus.en.jsonl").write_text(lines([{"_id": "gone", "text": "x"}]), encoding="utf-8")
    found = read_beir(folder)
    assert {name: list(part) for name, part in found.queries.items()} == {
        "queries.en": ["q0"],
        "queries.zh": ["q0", "q1", "q2"],
    }
    assert found.missing == 0
    assert [Path(path).name for path in corpus_files(folder)] == ["corpus.en.jsonl", "corpus.jsonl"]
    assert corpus_files(tmp_path) == [tmp_path]


def test_the_digest_is_of_names_and_contents_but_not_of_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    digests = []
    for content in (b"{}\n{}\n", b"{}\r\n{}\r\n", b"{}\n{} \n"):
        file.write_bytes(content)
        digests.append(digest_of([file]))
    assert digests[0] == digests[1] != digests[2]
    renamed = file.rename(tmp_path / "b.jsonl")
    assert digest_of([renamed]) != digests[2]


def test_a_question_file(tmp_path: Path) -> None:
    other = {"article_title": "x", "evidence": ["乙", "甲"]}
    rows: list[dict[str, Any]] = [
        {
            "id": "a",
            "question": "谁？",
            "answerable": True,
            "kind": "who",
            "evidence": ["甲"],
            "history": ["何时？"],
            "other_articles": [other],
            "alt_evidence": {"002": ["丙"]},
        },
        {"question": "多少？", "answerable": False, "kind": "number", "evidence": []},
        {"question": "足球？", "answerable": False, "kind": "off-topic"},
        {"question": "足球？", "answerable": False, "unanswerable": "off-topic", "id": "d"},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\ufeff" + lines(rows) + "\n", encoding="utf-8")
    found = read_set(path)
    assert isinstance(found, QuestionSet)
    assert found.name == "mine"
    assert [question.id for question in found.questions] == ["a", "2", "3", "d"]
    assert found.questions[0].evidence == ("甲", "乙", "丙")
    assert found.questions[0].history == ("何时？",)
    assert [q.kind for q in found.questions] == ["who", NEAR_MISS, OFF_TOPIC, OFF_TOPIC]


def test_the_sets_of_the_repository_are_well_formed(root: Path) -> None:
    sizes = {}
    for name in ("questions", "off-topic", "near-misses"):
        found = read_questions(root / "data" / f"{name}.jsonl")
        kinds = [question.kind for question in found.questions if not question.answerable]
        sizes[name] = len(found.questions), kinds.count(NEAR_MISS), kinds.count(OFF_TOPIC)
    assert sizes == {"questions": (60, 10, 0), "off-topic": (70, 0, 70), "near-misses": (24, 24, 0)}


GOOD = {"question": "谁？", "answerable": True, "evidence": ["甲"]}


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("{", "is no valid JSON"),
        ("[]", "is no object"),
        (lines([{**GOOD, "question": " "}]), '"question" is missing'),
        (lines([{**GOOD, "answerable": "yes"}]), '"answerable" is neither'),
        (lines([{**GOOD, "evidence": []}]), "without evidence"),
        (lines([{**GOOD, "evidence": "甲"}]), '"evidence" is no list'),
        (lines([{**GOOD, "history": [1]}]), '"history" is no list'),
        (lines([{**GOOD, "other_articles": {}, "evidence": []}]), "without evidence"),
        (lines([{**GOOD, "other_articles": ["x"]}]), '"other_articles" is malformed'),
        (lines([{**GOOD, "alt_evidence": ["x"]}]), '"alt_evidence" is malformed'),
        (lines([{**GOOD, "id": "1"}]), "id '1' is taken"),
    ],
)
def test_a_malformed_question_is_named_in_one_line(
    tmp_path: Path, second: str, message: str
) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(lines([GOOD]) + second, encoding="utf-8")
    with pytest.raises(rag.InputError, match=re.escape(message)) as caught:
        read_set(path)
    assert f"{path}, line 2" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus_jsonl", lines([{"title": "x"}]), 'corpus.jsonl, line 1: "_id" is missing'),
        ("queries.zh_jsonl", lines([QUERIES[0]] * 2), "zh.jsonl, line 2: _id 'q0' is taken"),
        ("queries.zh_jsonl", lines([{"_id": "q0"}]), 'queries.zh.jsonl, line 1: "text" is missing'),
        ("qrels_tsv", "query-id\tcorpus-id\tscore\nq0 d0 1\n", "qrels.tsv, line 2 is malformed"),
        ("qrels_tsv", "q0\td0\thigh\n", "qrels.tsv, line 1 is malformed"),
        ("qrels_tsv", "q0\t0\td0\t1\n", "qrels.tsv, line 1 is malformed"),
        ("qrels_tsv", "q9\td0\t1\n", "no query has a relevant article"),
        ("qrels_tsv", "", "no query has a relevant article"),
    ],
)
def test_a_malformed_beir_folder_is_named_in_one_line(
    tmp_path: Path, file: str, content: str, message: str
) -> None:
    folder = write(tmp_path / "tiny", **{file: content})
    with pytest.raises(rag.InputError, match=re.escape(message)) as caught:
        read_set(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.zh.jsonl", "qrels.tsv"])
def test_what_a_folder_lacks_is_named(tmp_path: Path, missing: str) -> None:
    (write(tmp_path / "tiny") / missing).unlink()
    with pytest.raises(rag.InputError, match=missing.split(".")[0]):
        read_set(tmp_path / "tiny")


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.write_text("\n", encoding="utf-8"),
        lambda path: path.write_bytes(b"\xff\xfe\x00"),
    ],
)
def test_what_is_no_set_is_one_line(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "mine.jsonl"
    make(path)
    with pytest.raises(rag.InputError, match=r"mine\.jsonl") as caught:
        read_set(path)
    assert "\n" not in str(caught.value)


def test_a_set_is_one_or_the_other(tmp_path: Path) -> None:
    assert isinstance(read_set(write(tmp_path / "tiny")), BeirSet)
