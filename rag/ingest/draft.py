"""Stories in the making: what `page` finds, `headlines` assigns titles to and `story` finishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rag.ingest.lines import Kind
from rag.ingest.model import Pages

BODY = (Kind.BODY, Kind.OPENING)
MIN_BODY = 12  # characters: less is no story


@dataclass(slots=True)
class Part:
    """A block of a story in the making."""

    text: str
    kind: Kind
    marked: bool = False
    tight: bool = False
    size: float = 0.0
    pages: Pages = ()
    item: bool = False

    def cut(self, start: int, end: int) -> None:
        """Take `text[start:end]` out; what follows keeps its page."""
        self.text = self.text[:start] + self.text[end:]
        moved = {min(at, max(start, at - (end - start))): page for at, page in self.pages}
        self.pages = tuple(moved.items())

    def extend(self, more: Part, join: Callable[[str, str], str]) -> None:
        """Go on with the text of another part."""
        joined = join(self.text, more.text)
        shift = len(joined) - len(more.text)
        self.pages += tuple((at + shift, page) for at, page in more.pages)
        self.text = joined

    def split(self, at: int) -> tuple[Part, Part]:
        """The parts before and from a position, of the same kind."""
        before, after = replace(self, text=self.text[:at]), replace(self)
        after.cut(0, at)
        before.pages = tuple(page for page in self.pages if page[0] < at)
        return before, after


@dataclass(slots=True)
class Draft:
    """A story in the making: its headlines and parts, its lines of credits, and what is doubted.

    `joined` are parts whose text went on in the middle of another; `editors` are those of its
    document; `doubts` holds for each doubt how sure the decision is, 0..1.
    """

    title: str | None = None
    decks: list[Part] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    joined: list[Part] = field(default_factory=list)
    meta: list[str] = field(default_factory=list)
    editors: frozenset[str] = frozenset()
    doubts: dict[str, float] = field(default_factory=dict)
