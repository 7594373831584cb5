"""`python -m embeddings.train.overlap --data DIR SET...`: we do not test on what we trained on.

Checks every text of every row of `synthetic/*`, with the Chinese text that an English one of ours
translates, against evaluation sets. A SET is one of

    FOLDER             BEIR layout; only the queries and the passages that its qrels name
    FILE.jsonl[.gz]    JSON objects: questions under `question` and `history`, all else is passages
    FILE.md, FILE.txt  a text

A training text overlaps a passage that shares 13 Chinese characters in a row with it, or 8 English
words, and a question, which is short, that it equals. Case, white space, punctuation and width make
no difference; words or numbers between Chinese characters must be the same but are not counted.

Prints each overlapping row (counted from 1, so it is the line too) with the first shared run.
Exits 1 where there is one, 2 where a set or a source cannot be read.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from embeddings.train.sources import SOURCES, Row, read_rows

CHARACTERS = 13
WORDS = 8
QUESTION_KEYS = {"question", "history"}
TEXT_FILES = {".md", ".markdown", ".txt"}
FAILURES = (OSError, EOFError, ValueError, LookupError, zlib.error)

_HAN = "々〇㐀-䶿一-鿿豈-\ufaff\U00020000-\U000323af"
_WORD = rf"[^\W_{_HAN}]+"
_TOKEN = re.compile(rf"[{_HAN}]|{_WORD}(?:'{_WORD}|(?<=\d)[.,]\d+)*")
_CHARACTER = re.compile(rf"[{_HAN}]")
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")


class Text(NamedTuple):
    """One text of a row or a set: the key it stood under, and itself."""

    key: str
    text: str


class Shared(NamedTuple):
    """Where a training text overlaps: the set, by name, and the folded words."""

    name: str
    run: str


class Sets:
    """Hashes of all runs of passages, and the questions, each with the set it was first seen in."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._runs: dict[int, int] = {}
        self._questions: dict[str, int] = {}

    def add(self, path: Path) -> tuple[int, int]:
        """Read one set; how many questions it holds, and how many passages that are long enough.

        Raises:
            ValueError: it holds neither, or is malformed.
        """
        number = len(self._names)
        self._names.append(str(path))
        questions = passages = 0
        for key, text in read_texts(path):
            folded = fold(text)
            if key in QUESTION_KEYS:
                questions += bool(folded)
                if folded:
                    self._questions.setdefault(folded, number)
                continue
            runs = [hash(folded[start:end]) for start, end in windows(folded)]
            passages += bool(runs)
            for run in runs:
                self._runs.setdefault(run, number)
        if not questions and not passages:
            raise ValueError("it holds nothing to compare")
        return questions, passages

    def shared(self, text: str) -> Shared | None:
        """The first overlap of a text, its run as long as it goes on."""
        folded = fold(text)
        if folded in self._questions:
            return Shared(self._names[self._questions[folded]], unfold(folded))
        first, last, number = -1, -1, 0
        for start, end in windows(folded):
            held = self._runs.get(hash(folded[start:end]))
            if held is not None and first < 0:
                first, number = start, held
            if held is not None:
                last = end
            elif first >= 0:
                break
        return None if first < 0 else Shared(self._names[number], unfold(folded[first:last]))


def fold(text: str) -> str:
    """A text's Chinese characters and lower-case words, a blank between any two."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return " ".join(_TOKEN.findall(plain))


def unfold(folded: str) -> str:
    """A folded text for reading: no blanks between Chinese characters."""
    return _BETWEEN_HAN.sub("", folded)


def windows(folded: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each run that counts, in the order in which they end."""
    characters: list[int] = []
    words: list[int] = []
    start = 0
    for token in folded.split():
        end = start + len(token)
        if _CHARACTER.match(token):
            words.clear()
            characters.append(start)
            if len(characters) >= CHARACTERS:
                yield characters[-CHARACTERS], end
        else:
            words.append(start)
            if len(words) >= WORDS:
                yield words[-WORDS], end
        start = end + 1


def read_texts(path: Path) -> Iterator[Text]:
    """The texts of a set; those under one of `QUESTION_KEYS` are questions."""
    if path.is_dir():
        yield from _read_beir(path)
    elif path.suffixes[-1:] == [".jsonl"] or path.suffixes[-2:] == [".jsonl", ".gz"]:
        for row in _read_json(path):
            yield from texts(row)
    elif path.suffix in TEXT_FILES:
        yield Text("text", path.read_text(encoding="utf-8-sig"))
    else:
        raise ValueError("give a folder in BEIR layout, .jsonl, .jsonl.gz, .md or .txt")


def texts(row: Mapping[str, Any]) -> Iterator[Text]:
    """Every text in a row, in lists and in objects too."""
    for key, value in row.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                yield Text(key, item)
            elif isinstance(item, dict):
                yield from texts(item)


def _read_beir(folder: Path) -> Iterator[Text]:
    corpus, queries = sorted(folder.glob("corpus*.jsonl")), sorted(folder.glob("queries*.jsonl"))
    qrels = [*folder.glob("qrels.tsv"), *folder.glob("qrels/*.tsv")]
    if not (corpus and queries and qrels):
        raise ValueError("a BEIR folder has corpus*.jsonl, queries*.jsonl and qrels.tsv")
    for row in (row for file in queries for row in _read_json(file)):
        yield Text("question", row["text"])
    lines = (line for file in qrels for line in file.read_text(encoding="utf-8-sig").splitlines())
    named = {line.split("\t")[1] for line in lines if line.strip()}
    found = False
    for row in (row for file in corpus for row in _read_json(file)):
        if row["_id"] in named:
            found = True
            yield from (Text(key, row[key]) for key in ("title", "text") if row.get(key))
    if not found:
        raise ValueError("its qrels name no passage of its corpus")


def _read_json(path: Path) -> Iterator[Row]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError(f"{path.name}, line {number} is no object")
                yield row


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 1 where a row overlaps."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.train.overlap")
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds train/")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET", help="what is tested on")
    options = parser.parse_args(arguments)
    sets = Sets()
    for path in options.sets:
        try:
            questions, passages = sets.add(path)
        except FAILURES as error:
            parser.error(f"{path} cannot be read: {error}")
        print(f"{path}: {questions} questions, {passages} passages")
    shared = lru_cache(maxsize=10_000)(sets.shared)  # many rows refer to the same passage
    total = 0
    for file in (source.file for source in SOURCES if source.file.startswith("synthetic/")):
        found = []
        number = 0
        try:
            for number, row in enumerate(read_rows(options.data, file), 1):
                hits = ((key, hit) for key, text in texts(row) if (hit := shared(text)))
                if first := next(hits, None):
                    key, hit = first
                    found.append(f"  row {number}, {key}, in {hit.name}: {hit.run}")
        except FAILURES as error:
            parser.error(f"{file} cannot be read, after row {number}: {error}")
        print(f"{file}: {number} rows, {len(found)} overlapping", *found, sep="\n")
        total += len(found)
    return 1 if total else 0


if __name__ == "__main__":
    raise SystemExit(main())
