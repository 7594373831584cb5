"""Files → articles: which files are read, and what is said of those that are not.

`formats` asks the reader of each format for `Document`s; `page` finds the stories in them. Rows of
exports are articles already. Nothing in a file can raise or hang here: what cannot be read is
named in `Corpus.skipped` with the fix, and the rest is read.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rag.ingest.duplicates import merge
from rag.ingest.formats import SUFFIXES, read, refusal, suffix_of
from rag.ingest.model import Document, Reading, Story, Unread
from rag.text import detect_language
from rag.types import Article, TokenTable

__all__ = ["Corpus", "inside", "is_url", "read_articles", "read_file", "source_files", "walk"]

_NO_TEXT = "has no article text in it: check that it holds sentences"


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was read; `skipped` holds (path, one-line reason with the fix), in order.

    `read` counts the articles before those that are the same story were made one.
    """

    articles: tuple[Article, ...]
    skipped: tuple[tuple[str, str], ...]
    read: int = 0


def read_articles(
    paths: Sequence[str | Path],
    progress: Callable[[int, int, str], None] | None = None,
    table: TokenTable | None = None,
    without: Iterable[Path] = (),
) -> Corpus:
    """The articles of files and folders (recursively, in sorted order).

    A path that is missing, unreadable or no text, and a row that is no article, is skipped with
    a reason; nothing raises. `progress(done, total, path)` is called after each file. With a
    `table` the stories of a newspaper page are told apart by what their words mean, too. Folders
    in `without` are left out, in silence.
    """
    found, skipped = walk(paths, without)
    articles: list[Article] = []
    taken: dict[str, int] = {}
    given: set[str] = set()
    for number, path in enumerate(found, start=1):
        shown = _display(path)
        for result in read_file(path, table):
            name = inside(shown, result.name)
            if isinstance(result, Unread):
                skipped.append((name, result.reason))
                continue
            for story in result.stories:
                articles.append(_article(story, name, taken))
                if story.id is not None:
                    given.add(articles[-1].id)
        if progress is not None:
            progress(number, len(found), shown)
    return Corpus(merge(articles, keep=given), tuple(skipped), read=len(articles))


def source_files(paths: Sequence[str | Path], without: Iterable[Path] = ()) -> list[Path]:
    """The files that `read_articles` would open, in the same order; addresses are no files."""
    return [Path(path) for path in walk(paths, without)[0] if not is_url(path)]


def is_url(path: str | Path) -> bool:
    """Whether a path is an address on the web, which is fetched anew by each build."""
    return os.fspath(path).lower().startswith(("http://", "https://"))


def walk(
    paths: Sequence[str | Path], without: Iterable[Path] = ()
) -> tuple[list[str], list[tuple[str, str]]]:
    """(files to read, skipped paths with reasons); no file and no folder twice."""
    files: list[str] = []
    skipped: list[tuple[str, str]] = []
    seen: set[tuple[int, int]] = set()
    for folder in without:
        with contextlib.suppress(OSError):
            status = os.stat(folder)
            seen.add((status.st_dev, status.st_ino))
    # An address has no identity but itself.
    for given in dict.fromkeys(os.fspath(path) for path in paths):
        for path, reason in _visit(given, seen, given=True):
            if reason is None:
                files.append(path)
            else:
                skipped.append((_display(path), reason))
    return files, skipped


def _visit(
    path: str, seen: set[tuple[int, int]], *, given: bool
) -> Iterator[tuple[str, str | None]]:
    """(path, None or the reason to skip it) for a file, or for each file below a folder."""
    if is_url(path):
        yield path, None
        return
    suffix = suffix_of(path)
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
        if (reason := refusal(suffix)) is not None:
            yield path, reason
        elif given:
            kind = suffix or "a file without a suffix"
            yield path, f"{kind} is no format that is read: save it as .txt, .html, .docx or .pdf"
    elif not stat.S_ISREG(status.st_mode):
        yield path, "is no regular file: give a file or a folder"
    else:
        seen.add(identity)
        yield path, None


def read_file(path: str | Path, table: TokenTable | None = None) -> Iterator[Reading | Unread]:
    """What each document of a file gave; nothing raises, whatever the file holds."""
    from rag.ingest.page import read_stories

    told = False
    try:
        for found in _documents(os.fspath(path)):
            if isinstance(found, Document):
                found = read_stories(found, table)
                if not found.stories:
                    found = Unread(_NO_TEXT, found.name)
            told = told or isinstance(found, Unread) or bool(found.stories)
            yield found
        if not told:
            yield Unread(_NO_TEXT)
    except OSError as error:
        yield Unread(f"cannot be read ({_why(error)}): check its permissions")


def _documents(path: str) -> Iterator[Document | Reading | Unread]:
    if is_url(path):
        from rag.ingest.web import read_url

        yield from read_url(path)
    else:
        with open(path, "rb") as file:
            yield from read(path, file)


def inside(path: str, name: str) -> str:
    """The way to a member of a file; the pages of a sitemap have addresses of their own."""
    if not name or (is_url(path) and is_url(name)):
        return name or path
    return f"{path}/{name}"


def _article(story: Story, path: str, taken: dict[str, int]) -> Article:
    digest = blake2b(story.text.encode("utf-8"), digest_size=6).hexdigest()
    first = identifier = story.id or digest
    while identifier in taken:
        taken[first] += 1
        identifier = f"{first}-{taken[first]}"
    taken[identifier] = 1
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
        pages=story.pages,
        confidence=story.confidence,
        title_inferred=story.title_inferred,
        url=story.url,
    )


def _display(path: str) -> str:
    """A path as a string that can be stored: bytes of other encodings in it are replaced."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def _why(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
