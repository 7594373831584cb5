"""One run of the `wenbao` command, in this process: what it printed and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Result(NamedTuple):
    """What one run of the command left behind."""

    code: int
    out: str
    err: str


Wenbao = Callable[..., Result]
