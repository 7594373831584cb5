"""Stories in the making: what `page` finds, `headlines` assigns titles to and `story` finishes."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.ingest.lines import Kind

BODY = (Kind.BODY, Kind.OPENING)
MIN_BODY = 12  # characters: less is no story


@dataclass(slots=True)
class Part:
    """A block of a story in the making."""

    text: str
    kind: Kind
    marked: bool = False


@dataclass(slots=True)
class Draft:
    """A story in the making: candidates for its title, its parts, and its lines of credits."""

    decks: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    meta: list[str] = field(default_factory=list)
