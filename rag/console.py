"""Lines and progress on a terminal. Whatever is printed is untrusted: no markup, no controls."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any

from rich.console import Console
from rich.text import Text

# C0 and C1 controls except tab and newline, and the marks that reorder text: none of them is news.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Progress(AbstractContextManager["Progress"]):
    """A progress bar a stage, on stderr, called as `progress(done, total, stage)`."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bars

        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            console=stderr(),
        )
        self._tasks: dict[str, Any] = {}

    def __exit__(self, *exception: object) -> None:
        if self._tasks:
            self._bars.stop()

    def __call__(self, done: int, total: int, stage: str) -> None:
        if not self._tasks:
            self._bars.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)


def line(text: str, out: Console, before: str = "", style: str = "") -> None:
    """Print `text` after `before`, its further lines indented as far."""
    indented = text.replace("\n", "\n" + " " * len(before))
    out.print(Text(clean(before + indented), style=style), soft_wrap=True)


def clean(text: str) -> str:
    """A text without control characters."""
    return CONTROLS.sub("", text)


def count(number: int, noun: str) -> str:
    """A number of things: "1 story", "2 stories"."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def stdout() -> Console:
    """Where results go."""
    return Console(markup=False, highlight=False, emoji=False)


def stderr() -> Console:
    """Where progress goes."""
    return Console(markup=False, highlight=False, emoji=False, stderr=True)
