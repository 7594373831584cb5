"""JSON lines → articles: a row is one article, and its text is kept character for character.

A row that cannot be used costs itself alone. Nothing is cleaned, split, joined or guessed but a
missing title.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from rag.ingest.dates import iso_date
from rag.ingest.model import Story
from rag.ingest.title import infer_title

MAX_LINE = 64 * 1024 * 1024  # bytes
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def read_rows(file: BinaryIO) -> Iterator[tuple[int, Story | str]]:
    """(line number, story or the reason why there is none) for each line that is not blank."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) == MAX_LINE:
            yield number, "longer than 64 MB: split the file"
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE)
        elif line.strip():
            yield number, _read_row(line)


def _read_row(line: bytes) -> Story | str:
    try:
        row = json.loads(line)
    except UnicodeDecodeError:
        return "not UTF-8: save the file as UTF-8"
    except (ValueError, RecursionError):
        return "no valid JSON: put one object on each line"
    if not isinstance(row, dict):
        return 'not an object: write {"title": …, "text": …}'
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        return 'no text: fill in "text"'
    # Half of a surrogate pair is no character and cannot be stored.
    text = text.translate(_SURROGATES)
    title = _string(row, "title")
    date = row.get("date")
    return Story(
        id=_string(row, "_id") or _string(row, "id"),
        title=title or infer_title(text),
        title_inferred=title is None,
        text=text,
        date=iso_date(date) if isinstance(date, str) else None,
        source=_string(row, "source"),
        url=_string(row, "url"),
    )


def _string(row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(str(value).translate(_SURROGATES).split()) or None
