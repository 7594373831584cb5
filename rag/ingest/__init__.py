"""Files → articles: which files are read, by which reader, and what is said of those that are not.

One reader per format hands over a `Document`; `page` finds the stories in it. Rows of JSON lines
are articles already. Nothing in a file can raise or hang here: what cannot be read is named in
`Corpus.skipped` with the fix, and the rest is read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rag.ingest.decode import NotTextError, decode
from rag.ingest.model import Document, Story
from rag.text import detect_language
from rag.types import Article

__all__ = ["Corpus", "read_articles", "source_files"]

SUFFIXES = frozenset((".txt", ".md", ".markdown", ".html", ".htm", ".jsonl"))
MAX_FILE = 64 * 1024 * 1024  # bytes; rows of JSON lines are read one by one, at any size
_OTHER_DOCUMENTS = re.compile(
    r"\.(?:pdf|docx?|wps|ofd|rtf|odt|epub|mobi|pptx?|xlsx?|csv|tsv|json|xml|eml|msg|mht|mhtml|xhtml"
    r"|zip|rar|7z|tar|gz|tex|rst|pages)"
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was read; `skipped` holds (path, one-line reason with the fix), in order."""

    articles: tuple[Article, ...]
    skipped: tuple[tuple[str, str], ...]


def read_articles(
    paths: Sequence[str | Path], progress: Callable[[int, int, str], None] | None = None
) -> Corpus:
    """The articles of files and folders (recursively, in sorted order).

    A path that is missing, unreadable or no text, and a row that is no article, is skipped with
    a reason; nothing raises. `progress(done, total, path)` is called after each file.
    """
    found, skipped = _walk(paths)
    articles: list[Article] = []
    taken: set[str] = set()
    for number, path in enumerate(found, start=1):
        for result in _read(path):
            if isinstance(result, Story):
                articles.append(_article(result, path, taken))
            else:
                skipped.append((_display(path), result))
        if progress is not None:
            progress(number, len(found), _display(path))
    return Corpus(tuple(articles), tuple(skipped))


def source_files(paths: Sequence[str | Path]) -> list[Path]:
    """The files that `read_articles` would open, in the same order."""
    return [Path(path) for path in _walk(paths)[0]]


def _walk(paths: Sequence[str | Path]) -> tuple[list[str], list[tuple[str, str]]]:
    """(files to read, skipped paths with reasons); no file and no folder twice."""
    files: list[str] = []
    skipped: list[tuple[str, str]] = []
    seen: set[tuple[int, int]] = set()
    for given in paths:
        for path, reason in _visit(os.fspath(given), seen, given=True):
            if reason is None:
                files.append(path)
            else:
                skipped.append((_display(path), reason))
    return files, skipped


def _visit(
    path: str, seen: set[tuple[int, int]], *, given: bool
) -> Iterator[tuple[str, str | None]]:
    """(path, None or the reason to skip it) for a file, or for each file below a folder."""
    suffix = os.path.splitext(path)[1].lower()
    try:
        status = os.stat(path)
        names = sorted(os.listdir(path)) if stat.S_ISDIR(status.st_mode) else None
    except FileNotFoundError:
        yield path, "does not exist: check the path" if given else "is a broken link: remove it"
        return
    except (OSError, ValueError) as error:
        yield path, f"cannot be opened ({_why(error)}): check the path and its permissions"
        return
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return
    if names is not None:
        seen.add(identity)
        for name in names:
            if not name.startswith((".", "~$")):
                yield from _visit(os.path.join(path, name), seen, given=False)
    elif suffix not in SUFFIXES:
        if given or _OTHER_DOCUMENTS.fullmatch(suffix):
            kind = suffix[1:].upper() or "a file without a suffix"
            yield path, f"{kind} is not read yet: save it as text (.txt, .md, .html or .jsonl)"
    elif not stat.S_ISREG(status.st_mode):
        yield path, "is no regular file: give a file or a folder"
    else:
        seen.add(identity)
        yield path, None


def _read(path: str) -> Iterator[Story | str]:
    """The stories of a file, and the reasons why parts of it give none."""
    try:
        if path.lower().endswith(".jsonl"):
            yield from _read_jsonl(path)
        else:
            yield from _read_document(path)
    except NotTextError as error:
        yield str(error)
    except OSError as error:
        yield f"cannot be read ({_why(error)}): check its permissions"


def _read_jsonl(path: str) -> Iterator[Story | str]:
    from rag.ingest.jsonl import read_rows

    empty = True
    with open(path, "rb") as file:
        for number, row in read_rows(file):
            empty = False
            yield row if isinstance(row, Story) else f"line {number}: {row}"
    if empty:
        yield "is empty: remove it or fill it"


def _read_document(path: str) -> Iterator[Story | str]:
    from rag.ingest.page import read_stories

    with open(path, "rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        yield f"is larger than {MAX_FILE >> 20} MB: split it"
        return
    markup = path.lower().endswith((".html", ".htm"))
    text = decode(data, markup=markup)
    if not text.strip():
        yield "is empty: remove it or fill it"
        return
    stories = read_stories(_document(text, path, markup=markup))
    if not stories:
        yield "has no article text in it: check that it holds sentences"
    yield from stories


def _document(text: str, path: str, *, markup: bool) -> Document:
    head = text[:2000].lower()
    if markup or "<html" in head or "<!doctype html" in head:
        from rag.ingest.html import read_html

        return read_html(text)
    from rag.ingest.markdown import has_markup, read_markdown

    if not path.lower().endswith(".txt") or has_markup(text):
        return read_markdown(text)
    from rag.ingest.layout import read_blocks

    return Document(read_blocks(text))


def _article(story: Story, path: str, taken: set[str]) -> Article:
    digest = blake2b(story.text.encode("utf-8"), digest_size=6).hexdigest()
    first = identifier = story.id or digest
    count = 1
    while identifier in taken:
        count += 1
        identifier = f"{first}-{count}"
    taken.add(identifier)
    return Article(
        id=identifier,
        title=story.title,
        text=story.text,
        path=_display(path),
        language=detect_language(story.text),
        date=story.date,
        source=story.source,
        authors=story.authors,
        headings=story.headings,
        title_inferred=story.title_inferred,
        url=story.url,
    )


def _display(path: str) -> str:
    """A path as a string that can be stored: bytes of other encodings in it are replaced."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def _why(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
