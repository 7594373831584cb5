"""What a run of questions found: figures, the values of each question, JSON, and a comparison.

Values only; nothing is asked here. A run written as JSON holds enough to be compared with a later
one question by question: that is refused where the form or a set's files are not the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.evaluate.statistics import Bin, Figure, sign_flip

SCHEMA = "wenbao-eval-1"
Value = float | int | bool | str
Rows = Mapping[str, Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Part:
    """Figures over some questions of a set, and what each question contributed.

    `rows` holds question id → name → value; a figure of the same name is the mean of the rows that
    have it. `notes` are plain numbers without an interval, such as counts and milliseconds.
    """

    name: str
    figures: Mapping[str, Figure]
    rows: Rows
    notes: Mapping[str, Value] = field(default_factory=dict)
    reliability: tuple[Bin, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The part as JSON-ready values."""
        return {
            "name": self.name,
            "figures": {name: figure.to_dict() for name, figure in self.figures.items()},
            "notes": dict(self.notes),
            "reliability": [row.to_dict() for row in self.reliability],
            "questions": {id_: dict(row) for id_, row in self.rows.items()},
        }


@dataclass(frozen=True, slots=True)
class SetReport:
    """One set over one index. `digest` is that of the set's files and of what was added to them.

    `model`, `revision` and `table` are what the index was built with; `pooled` says that it is all
    question files together.
    """

    name: str
    digest: str
    model: str
    revision: str
    table: str
    articles: int
    passages: int
    parts: tuple[Part, ...]
    pooled: bool = False

    def part(self, name: str) -> Part:
        """The part with a name; KeyError if there is none."""
        return {part.name: part for part in self.parts}[name]

    def to_dict(self) -> dict[str, Any]:
        """The set as JSON-ready values."""
        return {
            "name": self.name,
            "digest": self.digest,
            "model": self.model,
            "revision": self.revision,
            "table": self.table,
            "articles": self.articles,
            "passages": self.passages,
            "pooled": self.pooled,
            "parts": [part.to_dict() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of a set in two runs; `p` and `n` are of the questions that both have.

    `p` is None for a figure that is no mean over questions.
    """

    set: str
    part: str
    figure: str
    old: float
    new: float
    p: float | None
    n: int

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON-ready values."""
        return {
            "set": self.set,
            "part": self.part,
            "figure": self.figure,
            "old": self.old,
            "new": self.new,
            "p": self.p,
            "n": self.n,
        }


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """The figures of one or more sets of questions; `changes` is empty without an older run."""

    sets: tuple[SetReport, ...]
    changes: tuple[Change, ...] = ()

    def set(self, name: str) -> SetReport:
        """The set with a name; KeyError if there is none."""
        return {report.name: report for report in self.sets}[name]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: what `--out` writes and `--compare` reads."""
        return {
            "schema": SCHEMA,
            "sets": [report.to_dict() for report in self.sets],
            "changes": [change.to_dict() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class OldRun:
    """A run read back from its JSON: set → its values as they were written."""

    path: Path
    sets: Mapping[str, Mapping[str, Any]]

    def check(self, digests: Mapping[str, str]) -> None:
        """Refuse sets whose files have changed since, and a run that has none of the sets."""
        common = [name for name in digests if name in self.sets]
        if not common:
            raise InputError(
                f"{self.path} holds none of these sets ({', '.join(digests)}): "
                "evaluate a set that is in both runs"
            )
        for name in common:
            if self.sets[name]["digest"] != digests[name]:
                raise InputError(
                    f"{self.path}: the set {name} has other files than then (digest "
                    f"{self.sets[name]['digest']}, now {digests[name]}): run both on the same files"
                )

    def changes(self, reports: Sequence[SetReport]) -> Iterator[Change]:
        """Each figure that both runs have."""
        for report in reports:
            old = self.sets.get(report.name, {"parts": []})
            old_parts = {part["name"]: part for part in old["parts"]}
            for part in report.parts:
                if part.name in old_parts:
                    yield from _part_changes(report.name, old_parts[part.name], part)


def read_run(path: str | Path) -> OldRun:
    """A run that `--out` wrote.

    Raises:
        InputError: it cannot be read, or it is of another schema.
    """
    place = Path(path)
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{place} cannot be read as JSON: give a file that --out wrote") from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        raise InputError(
            f"{place} has the schema {schema!r}, not {SCHEMA!r}: write it anew with --out"
        )
    sets = content.get("sets")
    if not isinstance(sets, list) or not all(map(_is_set, sets)):
        raise InputError(f"{place} is malformed: write it anew with --out")
    return OldRun(place, {old["name"]: old for old in sets})


def _is_set(old: object) -> bool:
    """Whether a value is a set's as `SetReport.to_dict` makes it."""
    if not isinstance(old, dict) or not isinstance(old.get("digest"), str) or "name" not in old:
        return False
    parts = old.get("parts")
    return isinstance(parts, list) and all(
        isinstance(part, dict)
        and isinstance(part.get("name"), str)
        and all(isinstance(part.get(key), dict) for key in ("figures", "questions"))
        for part in parts
    )


def _part_changes(set_name: str, old: Mapping[str, Any], part: Part) -> Iterator[Change]:
    for name, figure in part.figures.items():
        before = old["figures"].get(name, {}).get("value")
        if figure.value is None or before is None:
            continue
        differences = [
            float(row[name]) - float(old["questions"][id_][name])
            for id_, row in part.rows.items()
            if name in row and name in old["questions"].get(id_, {})
        ]
        p = sign_flip(differences) if differences else None
        yield Change(set_name, part.name, name, before, figure.value, p, len(differences))
