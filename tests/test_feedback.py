"""Verdicts: kept once a reader and answer, by many at once, and read by `eval` as questions."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rag
from rag.config import MAX_COMMENT_CHARS
from tests.command import Wenbao

Asked = dict[str, Any]  # a line of a question file


@pytest.fixture
def index_dir(sample_index_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_index_dir, tmp_path / "index"))


def read(path: Path) -> list[Asked]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def answered(sample_index: rag.Index, root: Path) -> rag.Answer:
    """An answer with quotes to a question that stands alone."""
    asked = [row["question"] for row in read(root / "data/questions.jsonl") if "history" not in row]
    return next(answer for answer in map(sample_index.ask, asked) if answer.citations)


@pytest.fixture(scope="session")
def followed(sample_index: rag.Index, root: Path) -> tuple[rag.Answer, list[str]]:
    """An answer with quotes to a follow-up, and the questions before it."""
    rows = [row for row in read(root / "data/questions.jsonl") if row.get("history")]
    answers = ((sample_index.ask(row["question"], row["history"]), row["history"]) for row in rows)
    return next((answer, history) for answer, history in answers if answer.citations)


@pytest.fixture(scope="session")
def refused(sample_index: rag.Index, root: Path) -> rag.Answer:
    asked = [row["question"] for row in read(root / "data/off-topic.jsonl")]
    return next(answer for answer in map(sample_index.ask, asked) if answer.abstained)


def test_what_readers_found_right_is_what_eval_asks(
    index_dir: Path,
    tmp_path: Path,
    answered: rag.Answer,
    refused: rag.Answer,
    followed: tuple[rag.Answer, list[str]],
) -> None:
    feedback = rag.Feedback(index_dir)
    follow_up, history = followed
    feedback.record(answered, 1)
    feedback.record(refused, 1)
    feedback.record(follow_up, 1, history=[*history, " "])
    assert feedback.export(tmp_path / "judged.jsonl") == 3
    rows = read(tmp_path / "judged.jsonl")
    assert [row["answerable"] for row in rows] == [True, False, True]
    assert rows[0]["evidence"] == [c.quote for c in answered.citations]
    assert (rows[1]["evidence"], rows[1]["kind"]) == ([], "near-miss")
    assert (rows[2]["question"], rows[2]["history"]) == (follow_up.question, history)
    report = rag.evaluate_questions([tmp_path / "judged.jsonl"], index=index_dir)
    parts = {part.name: part for part in report.sets[0].parts}
    figures = parts["answers"].figures
    assert figures["cited"].value == 1.0
    assert figures["refused near-miss"].value == 1.0
    assert figures["refused answerable"].value == 0.0
    assert figures["citations exact"].value == 1.0
    assert parts["passages, follow-ups"].figures["recall@10"].value == 1.0


def test_a_row_tells_all_that_was_judged(index_dir: Path, answered: rag.Answer) -> None:
    feedback = rag.Feedback(index_dir)
    assert feedback.rows() == []
    id_ = feedback.record(answered, -1, comment=" 漏了日期 ", history=["早先的问题"], user="林")
    (row,) = feedback.rows()
    assert (row.id, row.question, row.history) == (id_, answered.question, ("早先的问题",))
    assert (row.verdict, row.comment, row.user) == (-1, "漏了日期", "林")
    assert (row.abstained, row.confidence) == (False, answered.confidence)
    assert row.generation == answered.generation
    assert row.time.endswith("+00:00")
    index = rag.open_index(index_dir)
    for kept, cited in zip(row.citations, answered.citations, strict=True):
        text = index.article(kept.article_id).text
        assert text[kept.start : kept.end] == kept.quote == cited.quote
    assert json.loads(json.dumps(row.to_dict()))["citations"][0]["quote"]


def test_a_second_verdict_replaces_the_first_of_the_same_reader_alone(
    index_dir: Path, answered: rag.Answer
) -> None:
    feedback = rag.Feedback(index_dir)
    first = feedback.record(answered, 1, comment="好", user="a")
    assert feedback.record(answered, -1, comment="不对", user="a") == first
    (row,) = feedback.rows()
    assert (row.verdict, row.comment) == (-1, "不对")
    others = {
        feedback.record(answered, 1, user="b"),
        feedback.record(answered, 1),
        feedback.record(answered, 1, user="a", history=["earlier"]),
        feedback.record(replace(answered, generation="generation-other"), 1, user="a"),
    }
    assert len(others | {first}) == len(feedback.rows()) == 5


def test_a_bad_answer_is_no_question_and_the_latest_verdict_counts(
    index_dir: Path, tmp_path: Path, answered: rag.Answer, refused: rag.Answer
) -> None:
    feedback, file = rag.Feedback(index_dir), tmp_path / "judged.jsonl"
    feedback.record(refused, -1, comment="文章里有")
    feedback.record(answered, 1, user="a")
    assert feedback.export(file) == 1
    feedback.record(answered, -1, user="b")
    assert feedback.export(file) == 0
    assert file.read_bytes() == b""  # what was exported before is no longer held to be right
    feedback.record(answered, 1, user="c")
    feedback.record(answered, 1, user="d")
    assert feedback.export(file) == 1
    assert [row["question"] for row in read(file)] == [answered.question]


def test_texts_are_values_and_never_sql(index_dir: Path, answered: rag.Answer) -> None:
    feedback = rag.Feedback(index_dir)
    nasty = "'); DROP TABLE verdicts; --\x00\ud800"
    feedback.record(replace(answered, question=nasty), 1, comment=nasty, user=nasty)
    feedback.record(answered, 1, comment="长" * (MAX_COMMENT_CHARS + 1))
    first, second = feedback.rows()
    kept = nasty.replace("\ud800", "?")
    assert (first.question, first.comment, first.user) == (kept, kept, kept)
    assert second.comment == "长" * MAX_COMMENT_CHARS
    with pytest.raises(rag.InputError, match="give 1 or -1"):
        feedback.record(answered, 0)


def test_many_writers_at_once_lose_nothing(index_dir: Path) -> None:
    script = (
        "import sys; from concurrent.futures import ThreadPoolExecutor; import rag\n"
        "folder, name = sys.argv[1:]\n"
        "answer = rag.Answer('q', '', 'en', (), True, 0.0, (), 'g')\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "def record(n): rag.Feedback(folder).record(answer, 1, user=f'{name}-{n}')\n"
        "with ThreadPoolExecutor(4) as pool: list(pool.map(record, range(20)))\n"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(index_dir), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abc"
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:  # none has made the file yet: all begin it at once
        child.communicate("go\n")
    assert [child.returncode for child in children] == [0, 0, 0]
    users = {row.user for row in rag.Feedback(index_dir).rows()}
    assert users == {f"{name}-{n}" for name in "abc" for n in range(20)}
    with closing(sqlite3.connect(index_dir / "feedback.sqlite")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_readers_see_whole_rows_while_others_write(index_dir: Path, answered: rag.Answer) -> None:
    feedback = rag.Feedback(index_dir)
    with ThreadPoolExecutor(4) as pool:
        written = [pool.submit(feedback.record, answered, 1, user=str(n)) for n in range(20)]
        counts = [len(pool.submit(feedback.rows).result()) for _ in range(5)]
        assert len({one.result() for one in written}) == 20
    assert counts == sorted(counts)
    assert len(feedback.rows()) == 20


@pytest.mark.parametrize("content", [b"no database at all, whatever its name is" * 40, None])
def test_a_damaged_file_is_one_line_with_the_fix(
    index_dir: Path, answered: rag.Answer, content: bytes | None
) -> None:
    feedback = rag.Feedback(index_dir)
    path = index_dir / "feedback.sqlite"
    if content is None:  # rows that no version wrote
        feedback.record(answered, 1)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE verdicts SET citations = '[{'")
            connection.commit()
    else:
        path.write_bytes(content)
    with pytest.raises(rag.FeedbackError, match=r"feedback\.sqlite is damaged .*move it away") as e:
        feedback.rows()
    assert "\n" not in str(e.value)
    path.unlink()
    assert feedback.record(answered, 1) == 1
    rag.open_index(index_dir)


def test_a_file_of_a_later_version_is_left_alone(index_dir: Path, answered: rag.Answer) -> None:
    feedback = rag.Feedback(index_dir)
    feedback.record(answered, 1)
    with closing(sqlite3.connect(index_dir / "feedback.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(rag.FeedbackError, match="another version"):
        feedback.record(answered, -1)


def test_a_rebuild_keeps_the_verdicts(
    index_dir: Path, sample_articles: Path, answered: rag.Answer
) -> None:
    rag.Feedback(index_dir).record(answered, 1)
    rag.build_index([sample_articles], index_dir)
    assert len(rag.Feedback(index_dir).rows()) == 1


def test_without_an_index_there_is_nothing_to_judge(tmp_path: Path, answered: rag.Answer) -> None:
    feedback = rag.Feedback(tmp_path / "nowhere")
    for use in (feedback.rows, lambda: feedback.record(answered, 1)):
        with pytest.raises(rag.MissingIndexError):
            use()
    assert not (tmp_path / "nowhere").exists()


def test_an_export_that_fails_leaves_the_file_before(
    index_dir: Path, tmp_path: Path, answered: rag.Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feedback, file = rag.Feedback(index_dir), tmp_path / "out" / "judged.jsonl"
    feedback.record(answered, 1)
    with pytest.raises(rag.InputError, match="name another file"):
        feedback.export(file)
    file.parent.mkdir()
    feedback.export(file)
    before = file.read_bytes()

    def refuse(source: object, target: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(rag.InputError, match="permission denied"):
        feedback.export(file)
    assert file.read_bytes() == before
    assert [entry.name for entry in file.parent.iterdir()] == ["judged.jsonl"]


def test_feedback_from_the_command_line(
    index_dir: Path, tmp_path: Path, answered: rag.Answer, refused: rag.Answer, wenbao: Wenbao
) -> None:
    feedback = rag.Feedback(index_dir)
    feedback.record(answered, 1, history=["早先的问题"])
    feedback.record(refused, -1, comment="文章里有\x1b[31m")
    listed = wenbao("feedback", "--index", index_dir)
    assert listed.code == 0
    lines = listed.out.splitlines()
    assert lines[0].endswith(f"  +1  早先的问题 → {answered.question}")
    assert lines[1].endswith(f"  -1  {refused.question} (refused)")
    assert lines[2].strip() == "文章里有[31m"
    assert lines[3] == "2 judged: 1 good, 1 bad"
    told = json.loads(wenbao("feedback", "--index", index_dir, "--json").out)
    assert [row["verdict"] for row in told["verdicts"]] == [1, -1]
    file = tmp_path / "judged.jsonl"
    done = wenbao("feedback", "--index", index_dir, "--export", file)
    assert (done.code, done.out, done.err) == (0, "", f"wrote 1 question to {file}\n")
    assert len(read(file)) == 1
    missing = wenbao("feedback", "--index", tmp_path / "nowhere")
    assert missing.code == 1
    assert "there is no index" in missing.err
