"""One source from its list entry to `DIR/train/<kind>/<name>.jsonl.gz`.

The steps all sources share, in this order: Chinese to the simplified script, blanks squeezed,
rows without Chinese or English dropped, the length ratio and the length of bodies checked, rows of
development sets and exact duplicates dropped, a draw down to the cap. The draw keeps the rows with
the smallest hash: the same on every machine, whatever the order.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embeddings.train.fetch import bilingual, chinese, dictionaries
from embeddings.train.fetch.dictionaries import HAN, Row
from embeddings.train.fetch.web import Cache, Origin, write_whole

LIST = Path(__file__).parent.parent / "sources.json"
READERS = dictionaries.READERS | bilingual.READERS | chinese.READERS
CHINESE = ("zh", "title", "body", "question", "passage", "answer")


@dataclass(frozen=True, slots=True)
class Entry:
    """A source of the list; `rows` is how many the shipped model was trained on."""

    file: str
    licence: str
    filter: str
    rows: int = 0
    origin: tuple[Origin, ...] = ()
    reader: str = ""  # none: written for this project, not fetched
    options: dict[str, Any] = field(default_factory=dict)
    simplify: bool = True
    merge: bool = False  # rows of one Chinese word become one
    ratio: tuple[float, float] = (0.2, 12.0)  # characters of English for one of Chinese
    body: tuple[int, int] = (1, 10**6)  # shorter bodies are dropped, longer ones cut
    longest: int = 10**6  # longer Chinese sides are dropped
    cap: int = 10**9
    licence_note: str = ""


def read_list(path: Path = LIST) -> list[Entry]:
    """The entries of the committed list."""
    entries = []
    for entry in json.loads(path.read_text(encoding="utf-8"))["sources"]:
        origins = entry.pop("origin", [])
        origin = tuple(Origin(o["repository"], o["commit"], tuple(o["files"])) for o in origins)
        entries.append(Entry(origin=origin, **entry))
    return entries


def simplifier() -> Callable[[str], str]:
    """OpenCC's conversion from the traditional to the simplified script.

    By this one package: the questions of ours refer to converted passages by their hash, and other
    releases of the dictionaries convert a few words otherwise.
    """
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def make(entry: Entry, cache: Cache, simplify: Callable[[str], str], held_out: set[str]) -> int:
    """Fetch, read, clean and write one source; the number of rows."""
    files = (file for origin in entry.origin for file in cache.files(origin))
    rows = READERS[entry.reader](files, entry.options)
    kept = clean(rows, entry, simplify if entry.simplify else str, held_out)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as out:
        for row in kept:
            out.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
    path = cache.folder / "train" / f"{entry.file}.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, packed.getvalue())
    return len(kept)


def clean(
    rows: Iterable[Row], entry: Entry, simplify: Callable[[str], str], held_out: set[str]
) -> list[Row]:
    """The rows that stay, in file order."""
    seen: set[str] = set()
    kept: list[tuple[str, Row]] = []
    for row in merged(simple(rows, simplify, entry.body[1]), entry.merge):
        sides = {side for side in (row.get("zh"), row.get("en")) if isinstance(side, str)}
        if not fits(row, entry) or held_out & sides:
            continue
        text = json.dumps({k: v for k, v in row.items() if k != "src"}, ensure_ascii=False)
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in seen:
            seen.add(key)
            kept.append((key, row))
    if len(kept) > entry.cap:
        last = sorted(key for key, _ in kept)[entry.cap - 1]
        kept = [(key, row) for key, row in kept if key <= last]
    return [row for _, row in kept]


def simple(rows: Iterable[Row], simplify: Callable[[str], str], longest: int) -> Iterator[Row]:
    """Rows with Chinese in the simplified script, single blanks and bodies cut."""
    for row in rows:
        clean_row = {}
        for name, value in row.items():
            if isinstance(value, str):
                value = " ".join(value.split())
                value = value[:longest] if name == "body" else value
                value = simplify(value) if name in CHINESE else value
            clean_row[name] = value
        yield clean_row


def merged(rows: Iterable[Row], merge: bool) -> Iterable[Row]:
    """Rows of one Chinese word as one row with every English side, if that is wanted."""
    if not merge:
        return rows
    words: dict[str, Row] = {}
    for row in rows:
        first = words.setdefault(row["zh"], row | {"en": []})
        first["en"] += [text for text in row["en"] if text not in first["en"]]
    return words.values()


def fits(row: Row, entry: Entry) -> bool:
    """Whether a row has both sides at plausible lengths."""
    if "body" in row:
        long = len(row["body"]) >= entry.body[0]
        return bool(long and HAN.search(row["body"]) and row["title"])
    if "question" in row:
        return bool(row["question"] and row["passage"])
    if "zh" not in row:
        return bool(row["forms"])
    if isinstance(row["en"], list):
        return bool(HAN.search(row["zh"]) and row["en"])
    low, high = entry.ratio
    ratio = len(row["en"]) / max(len(row["zh"]), 1)
    letters = any(c.isascii() and c.isalpha() for c in row["en"])
    short = 1 < len(row["zh"]) <= entry.longest
    return bool(short and HAN.search(row["zh"]) and letters and low <= ratio <= high)
