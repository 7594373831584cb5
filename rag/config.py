"""The settings that the API, the command line and the page share: plain values, checked when made.

Nothing here opens a file or builds a model: a model is a name until `load_encoder` is asked for it.
Defaults and limits are constants; what a server is started with is `ServeSettings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rag.errors import InputError

DEFAULT_MODEL: Final = "bilingual"
DEFAULT_INDEX: Final = "index"
DEFAULT_K: Final = 5
ANSWER_HITS: Final = 12  # passages an answer is chosen from, however few are asked for
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 7860
MAX_K: Final = 100
MAX_QUESTION_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where the chat page listens. The default host is this machine alone."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    open_browser: bool = False

    def __post_init__(self) -> None:
        """Refuse what no server could listen on."""
        if not self.host.strip():
            raise InputError(
                f"the host is empty; use {DEFAULT_HOST}, or 0.0.0.0 for every interface"
            )
        if not 1 <= self.port <= 65535:
            raise InputError(f"port {self.port} is not in 1..65535; use --port {DEFAULT_PORT}")
