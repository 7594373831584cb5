"""What the readers hand to each other: blocks of a document, and the stories found in them.

A reader for a format turns a file into a `Document`: its blocks in reading order and what its
mark-up declares. `page.read_stories` turns that into stories. Nothing here reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a line that stands alone; white space is single, line ends are joined.

    `heading` says that mark-up (`<h3>`, `##`, a bold line) made it a heading, `item` that it is an
    entry of a list or a row of a table.
    """

    text: str
    heading: bool = False
    item: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """What a document's mark-up says about itself, always as bare values; `date` is ISO.

    `publisher` is the site that shows the article: a last resort for its source.
    """

    title: str | None = None
    date: str | None = None
    source: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file's blocks in reading order, and what its mark-up declares."""

    blocks: list[Block]
    declared: Declared = field(default_factory=Declared)


@dataclass(frozen=True, slots=True)
class Story:
    """One story as it was found; the fields are those of `rag.types.Article`."""

    title: str
    text: str
    title_inferred: bool = False
    date: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    url: str | None = None
    id: str | None = None
