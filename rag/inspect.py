"""Files → what was read of them and how, for a person who wants to see whether it was read rightly.

For every document: how it was read, its stories with where each value came from, their passages,
what is in no story and why, and what gave nothing. Nothing is indexed, and nothing is decided
here that building an index would not decide in the same way.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.chunk import chunk
from rag.ingest import inside, read_file, walk
from rag.ingest.model import Dropped, Placed, Reading, Story, Unread
from rag.text import detect_language
from rag.types import Article, Language, Passage, TokenTable

_WINDOW = 6  # lines of a story looked at for a block


@dataclass(frozen=True, slots=True)
class InspectedStory:
    """A story as it was found, and the passages it is cut into; positions are in `story.text`."""

    story: Story
    language: Language
    passages: tuple[Passage, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The size of each passage: Chinese characters, or English words."""
        return tuple(size(passage.text, self.language) for passage in self.passages)

    def to_dict(self, *, text: bool = False) -> dict[str, Any]:
        """The story as JSON-ready values; its text only on request."""
        story = self.story
        values: dict[str, Any] = {
            "title": story.title,
            "title_inferred": story.title_inferred,
            "date": story.date,
            "source": story.source,
            "authors": list(story.authors),
            "language": self.language,
            "url": story.url,
            "origins": dict(story.origins),
            "confidence": story.confidence,
            "doubts": list(story.doubts),
            "headings": [list(heading) for heading in story.headings],
            "pages": [list(page) for page in story.pages],
            "characters": len(story.text),
            "passages": [
                {"start": p.start, "end": p.end, "size": length, "heading": p.heading}
                for p, length in zip(self.passages, self.sizes, strict=True)
            ],
        }
        if text:
            values["text"] = story.text
        return values


@dataclass(frozen=True, slots=True)
class InspectedDocument:
    """What one document, or one member of a container, gave.

    `unread` is the reason why it gave nothing, else None. `blocks` are all its blocks in order
    where its format has blocks; `left_out` is what the reader dropped before there were any.
    """

    path: str
    how: str = ""
    unread: str | None = None
    stories: tuple[InspectedStory, ...] = ()
    blocks: tuple[Placed, ...] = ()
    left_out: tuple[Dropped, ...] = ()

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Everything that is in no story."""
        placed = (Dropped(b.text, b.role, b.page) for b in self.blocks if b.story is None)
        return (*self.left_out, *placed)

    @property
    def dropped_by_reason(self) -> dict[str, tuple[Dropped, ...]]:
        """What is in no story, grouped by the reason, most frequent first."""
        dropped = self.dropped
        counts = Counter(entry.reason for entry in dropped)
        return {
            reason: tuple(entry for entry in dropped if entry.reason == reason)
            for reason, _ in counts.most_common()
        }

    def to_dict(self, *, text: bool = False) -> dict[str, Any]:
        """The document as JSON-ready values; the text of stories and blocks only on request."""
        values: dict[str, Any] = {
            "path": self.path,
            "how": self.how,
            "unread": self.unread,
            "stories": [story.to_dict(text=text) for story in self.stories],
            "dropped": {
                reason: [{"text": entry.text, "page": entry.page} for entry in entries]
                for reason, entries in self.dropped_by_reason.items()
            },
        }
        if text:
            values["blocks"] = [
                {"text": b.text, "role": b.role, "story": b.story, "page": b.page}
                for b in self.blocks
            ]
        return values


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was read under some paths, document by document, in the order of reading."""

    documents: tuple[InspectedDocument, ...]

    @property
    def stories(self) -> tuple[InspectedStory, ...]:
        """The stories of all documents."""
        return tuple(story for document in self.documents for story in document.stories)

    @property
    def unread(self) -> tuple[InspectedDocument, ...]:
        """The documents that gave nothing."""
        return tuple(document for document in self.documents if document.unread is not None)

    def to_dict(self, *, text: bool = False) -> dict[str, Any]:
        """Everything as JSON-ready values; texts only on request."""
        return {
            "documents": [document.to_dict(text=text) for document in self.documents],
            "stories": len(self.stories),
            "unread": len(self.unread),
        }


def inspect_paths(
    paths: Sequence[str | Path],
    table: TokenTable | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Inspection:
    """Read files and folders as a build would, and say of each document what was made of it.

    Nothing raises: what cannot be read is named with the reason. `progress(done, total, path)` is
    called after each file.
    """
    files, skipped = walk(paths)
    documents = [InspectedDocument(path, unread=reason) for path, reason in skipped]
    for number, file in enumerate(files, start=1):
        shown = os.fsencode(file).decode("utf-8", errors="replace")
        documents += [_document(shown, found) for found in read_file(file, table)]
        if progress is not None:
            progress(number, len(files), shown)
    return Inspection(tuple(documents))


def size(text: str, language: Language) -> int:
    """How long a text is to a reader: Chinese characters, or English words."""
    words = text.split()
    return sum(map(len, words)) if language == "zh" else len(words)


def pieces(document: InspectedDocument) -> Iterator[tuple[Placed, list[tuple[int | None, str]]]]:
    """Each block, and its text in pieces: (position in its story's text, or None if it was cut).

    A paragraph may lose a dateline or a credit; then a piece of it is in no story, though the
    block is. Blocks that are no text of a story are one piece without a position.
    """
    pending = [_lines_at(found.story.text) for found in document.stories]
    for block in document.blocks:
        if block.story is None or block.role not in ("text", "heading"):
            yield block, [(None, block.text)]
        else:
            yield block, list(_locate(block.text, pending[block.story]))


def _lines_at(text: str) -> list[tuple[int, str]]:
    """(position, line) of the lines of a text that are not blank."""
    found = []
    position = 0
    for line in text.split("\n"):
        if line.strip():
            found.append((position, line))
        position += len(line) + 1
    return found


def _locate(block: str, pending: list[tuple[int, str]]) -> Iterator[tuple[int | None, str]]:
    """The pieces of a block; the lines of its story that it became are taken off `pending`.

    It became one line, or two where a heading was split off, each without what was cut from its
    beginning, its middle or its end. The lines stand nearly in the order of the blocks.
    """
    rest = block
    while rest:
        spans = (_kept(rest, line) for _, line in pending[:_WINDOW])
        number, kept = next(((n, found) for n, found in enumerate(spans) if found), (0, None))
        if kept is None:
            yield None, rest
            return
        (first, first_end), (last, last_end) = kept
        position, _ = pending.pop(number)
        if first:
            yield None, rest[:first]
        yield position, rest[first:first_end]
        if last < last_end:
            yield None, rest[first_end:last]
            yield position + first_end - first, rest[last:last_end]
        rest = rest[last_end:]


def _kept(block: str, line: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The spans of a block that make up a line, the second empty if one is enough."""
    at = block.find(line)
    if at >= 0:
        return (at, at + len(line)), (at + len(line), at + len(line))
    both = zip(block, line, strict=False)
    head = next((n for n, (a, b) in enumerate(both) if a != b), len(block))
    tail = len(line) - head
    if 0 < head <= len(block) - tail and block.endswith(line[head:]):
        return (0, head), (len(block) - tail, len(block))
    return None


def _document(path: str, found: Reading | Unread) -> InspectedDocument:
    name = inside(path, found.name)
    if isinstance(found, Unread):
        return InspectedDocument(name, unread=found.reason)
    blocks = found.blocks or tuple(_lines(found.stories))
    placed = sum(block.story is None for block in blocks)
    return InspectedDocument(
        name,
        found.how,
        stories=tuple(_story(story, name) for story in found.stories),
        blocks=blocks,
        left_out=found.dropped[: len(found.dropped) - placed],
    )


def _lines(stories: Sequence[Story]) -> Iterator[Placed]:
    """The blocks of stories that came without any, such as rows: a title and lines of text."""
    for number, story in enumerate(stories):
        yield Placed(story.title, "headline", number)
        headings = {start for start, _ in story.headings}
        for position, line in _lines_at(story.text):
            yield Placed(line, "heading" if position in headings else "text", number)


def _story(story: Story, path: str) -> InspectedStory:
    article = Article(
        id="",
        title=story.title,
        text=story.text,
        path=path,
        language=detect_language(story.text),
        headings=story.headings,
    )
    return InspectedStory(story, article.language, tuple(chunk(article)))
