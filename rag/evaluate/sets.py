"""Sets of questions, read from disk: folders in BEIR layout, and question files of our own.

    FOLDER/corpus*.jsonl            {"_id", "title", "text"} a line
    FOLDER/queries*.jsonl           {"_id", "text"} a line; one part of the report for each file
    FOLDER/qrels.tsv, qrels/*.tsv   query-id, corpus-id, score, under a header
    FILE.jsonl                      {"question", "answerable", "evidence", …} a line: data/README.md

Nothing is asked here. What is malformed is one error that names the file, the line and the fix. A
set's digest is that of its files, so that two runs can tell whether they answered the same set.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError

OFF_TOPIC = "off-topic"
NEAR_MISS = "near-miss"
Qrels = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A folder in BEIR layout; only queries with a relevant article are in it.

    `queries` holds query id → text by the stem of the file; `missing` counts the relevant articles
    that the corpus does not hold, which can only count as not found.
    """

    name: str
    digest: str
    corpus: tuple[Path, ...]
    queries: Mapping[str, Mapping[str, str]]
    relevant: Mapping[str, Mapping[str, int]]
    missing: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a question file. `evidence` is empty where it has no answer.

    `kind` of an unanswerable one is `off-topic`, or else `near-miss`.
    """

    id: str
    text: str
    answerable: bool
    kind: str
    evidence: tuple[str, ...] = ()
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A file of questions."""

    name: str
    digest: str
    questions: tuple[Question, ...]


def read_set(path: str | Path) -> BeirSet | QuestionSet:
    """A folder in BEIR layout, or a question file.

    Raises:
        InputError: it is neither, or malformed.
    """
    place = Path(path)
    if place.is_dir():
        return read_beir(place)
    if place.is_file():
        return read_questions(place)
    raise InputError(
        f"{place} does not exist: give question files (.jsonl) or folders in BEIR layout"
    )


def read_beir(folder: Path) -> BeirSet:
    """The set in a folder in BEIR layout."""
    corpus = _files(folder, "corpus*.jsonl", '{"_id": …, "title": …, "text": …} a line')
    query_files = _files(folder, "queries*.jsonl", '{"_id": …, "text": …} a line')
    qrel_files = _qrel_files(folder)
    relevant: Qrels = {}
    for file in qrel_files:
        for query, judged in read_qrels(file).items():
            relevant.setdefault(query, {}).update(judged)
    relevant = {query: judged for query, judged in relevant.items() if max(judged.values()) > 0}
    queries = {file.stem: read_queries(file, relevant) for file in query_files}
    asked = {id_ for part in queries.values() for id_ in part}
    if not asked:
        raise InputError(
            f"{folder}: no query has a relevant article: give the _id of {query_files[0].name} and "
            f"of {corpus[0].name} in {qrel_files[0].name}"
        )
    held = {id_ for file in corpus for id_ in read_ids(file)}
    wanted = {id_ for query in asked for id_, gain in relevant[query].items() if gain > 0}
    return BeirSet(
        name=folder.resolve().name,
        digest=digest_of([*corpus, *query_files, *qrel_files]),
        corpus=tuple(corpus),
        queries=queries,
        relevant=relevant,
        missing=len(wanted - held),
    )


def read_questions(path: Path) -> QuestionSet:
    """The questions of a file."""
    questions: dict[str, Question] = {}
    for number, row in read_rows(path):
        question = _question(row, f"{path}, line {number}", number)
        if question.id in questions:
            raise InputError(f"{path}, line {number}: id {question.id!r} is taken: choose another")
        questions[question.id] = question
    if not questions:
        raise InputError(f'{path} is empty: write {{"question": …, "answerable": …}} a line')
    return QuestionSet(path.stem, digest_of([path]), tuple(questions.values()))


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of a JSONL file, empty lines left out."""
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(
                f"{path}, line {number} is no valid JSON ({error}): correct it"
            ) from error
        if not isinstance(row, dict):
            raise InputError(f"{path}, line {number} is no object: write {{…}} on each line")
        yield number, row


def read_ids(path: Path) -> Iterator[str]:
    """The `_id` of each article of a corpus file."""
    for number, row in read_rows(path):
        yield _text(row, "_id", f"{path}, line {number}")


def read_queries(path: Path, relevant: Mapping[str, object]) -> dict[str, str]:
    """Query id → text, of those queries that have a relevant article."""
    queries = {}
    for number, row in read_rows(path):
        where = f"{path}, line {number}"
        id_, text = _text(row, "_id", where), _text(row, "text", where)
        if id_ in queries:
            raise InputError(f"{where}: _id {id_!r} is taken: choose another")
        if id_ in relevant:
            queries[id_] = text
    return queries


def read_qrels(path: Path) -> Qrels:
    """Query id → article id → relevance; a header is left out where there is one."""
    relevant: Qrels = {}
    for number, line in _lines(path):
        cells = line.split("\t")
        if number == 1 and len(cells) == 3 and cells[0] in ("query-id", "query_id", "qid"):
            continue
        if len(cells) != 3 or not cells[2].strip().lstrip("-").isdecimal():
            raise InputError(
                f"{path}, line {number} is malformed: write query-id, corpus-id and a whole number "
                "as score, with tabs between them"
            )
        relevant.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    return relevant


def digest_of(files: Sequence[Path]) -> str:
    """A digest of the files' names and contents; line ends of Windows make no difference."""
    digest = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes().replace(b"\r\n", b"\n")
        except OSError as error:
            raise InputError(f"{file} cannot be read: give a readable file") from error
        digest.update(f"{file.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def corpus_files(path: str | Path) -> list[str | Path]:
    """What to index of a path: of a folder in BEIR layout its corpus, or else the path itself."""
    folder = Path(path)
    return list(sorted(folder.glob("corpus*.jsonl")) if folder.is_dir() else []) or [path]


def _question(row: Mapping[str, Any], where: str, number: int) -> Question:
    answerable = row.get("answerable")
    if not isinstance(answerable, bool):
        raise InputError(f'{where}: "answerable" is neither true nor false: write one of them')
    others = row.get("other_articles") or []
    if not isinstance(others, list) or not all(isinstance(other, dict) for other in others):
        raise InputError(
            f'{where}: "other_articles" is malformed: '
            'write [{"article_title": "…", "evidence": ["…"]}]'
        )
    more = row.get("alt_evidence") or {}
    if not isinstance(more, dict):
        raise InputError(f'{where}: "alt_evidence" is malformed: write {{"id": ["…"]}}')
    evidence = [
        *_texts(row, "evidence", where),
        *(text for other in others for text in _texts(other, "evidence", where)),
        *(text for article in more for text in _texts(more, article, where)),
    ]
    if answerable and not evidence:
        raise InputError(
            f"{where}: an answerable question without evidence: "
            'give the words that answer in "evidence"'
        )
    kind = str(row.get("kind") or "")
    if not answerable:
        kind = OFF_TOPIC if OFF_TOPIC in (kind, row.get("unanswerable")) else NEAR_MISS
    return Question(
        id=str(row.get("id") or row.get("_id") or number),
        text=_text(row, "question", where),
        answerable=answerable,
        kind=kind,
        evidence=tuple(dict.fromkeys(evidence)) if answerable else (),
        history=tuple(_texts(row, "history", where)),
    )


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f'{where}: "{key}" is missing or no text: give it')
    return value


def _texts(row: Mapping[str, Any], key: str, where: str) -> list[str]:
    values = row.get(key) or []
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise InputError(f'{where}: "{key}" is no list of texts: write ["…", "…"]')
    return values


def _files(folder: Path, pattern: str, form: str) -> list[Path]:
    files = sorted(folder.glob(pattern))
    if not files:
        raise InputError(f"{folder} has no {pattern}: write {form}, or give a question file")
    return files


def _qrel_files(folder: Path) -> list[Path]:
    single = folder / "qrels.tsv"
    files = [single] if single.is_file() else sorted(folder.glob("qrels/*.tsv"))
    if not files:
        raise InputError(
            f"{folder} has neither qrels.tsv nor qrels/*.tsv: write query-id, corpus-id and score, "
            "with tabs between them, under a header"
        )
    return files


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(number, line) of a file in UTF-8, empty lines left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as UTF-8: give a text file") from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.rstrip("\r")
