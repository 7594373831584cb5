"""What the readers hand to each other: blocks of a document, and what was made of them.

A reader for a format turns bytes into a `Document`: its blocks in reading order and what its
mark-up declares. `page.read_stories` turns that into a `Reading`: the stories, and what was left
out and why. Containers (an archive, a mail with attachments, a book) give several of them. Nothing
here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Pages = tuple[tuple[int, int], ...]  # (offset, number of the page that begins there), in order


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a line that stands alone; white space is single, line ends are joined.

    `heading` says that mark-up (`<h3>`, `##`, a bold line, larger type) made it a heading, `item`
    that it is an entry of a list or a row of a table, `tight` that it is printed right below the
    block before it, with no gap between. `size` is the size of its type relative to that of
    running text, or larger for a higher heading; 0 where a format has none. `pages` is empty where
    a format has none; its first offset is 0, and a paragraph that runs on has a further one.
    """

    text: str
    heading: bool = False
    item: bool = False
    tight: bool = False
    size: float = 0.0
    pages: Pages = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a document's mark-up says about itself, always as bare values; `date` is ISO.

    `publisher` is the site that shows the article, a last resort for its source; `some_date` is one
    of doubtful meaning, a last resort for its date. `origins` says for each field where it was
    read: {"date": "meta tag pubdate"}.
    """

    title: str | None = None
    date: str | None = None
    some_date: str | None = None
    source: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dropped:
    """Text that went into no story, and why, in a few words."""

    text: str
    reason: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file's blocks in reading order, and what its mark-up declares.

    `name` is empty for the file itself, and the way to a member of a container: `inner/a.html`.
    `how` says in a few words how it was read; `dropped` is what the reader itself left out.
    """

    blocks: list[Block]
    declared: Declared = field(default_factory=Declared)
    name: str = ""
    how: str = ""
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One story as it was found; the fields are those of `rag.types.Article`.

    `origins` says for each field where it was read, `doubts` what lowered the `confidence`.
    """

    title: str
    text: str
    title_inferred: bool = False
    date: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    pages: Pages = ()
    url: str | None = None
    id: str | None = None
    confidence: float = 1.0
    doubts: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block as it stood in the document and what became of it.

    `story` counts the stories of the reading from 0, None for what is in none; `role` is "text",
    "heading", "headline", "metadata", or the reason why it was dropped.
    """

    text: str
    role: str
    story: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one document gave: its stories in reading order, and what is in none of them.

    `blocks` are all its blocks in the order of the document; `dropped` adds what the reader left
    out before there were blocks.
    """

    stories: tuple[Story, ...]
    name: str = ""
    how: str = ""
    dropped: tuple[Dropped, ...] = ()
    blocks: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A document, a member or a row that gave nothing: one line with the reason and the fix."""

    reason: str
    name: str = ""
