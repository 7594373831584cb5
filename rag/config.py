"""The settings that the API, the command line and the page share: plain values, checked when made.

Nothing here opens a file or builds a model: a model is a name until `load_encoder` is asked for it.
Defaults and limits are constants; what a server is started with is `ServeSettings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from rag.errors import InputError

DEFAULT_MODEL: Final = "bilingual"
DEFAULT_INDEX: Final = "index"
DEFAULT_K: Final = 5
ANSWER_HITS: Final = 12  # passages an answer is chosen from, however few are asked for
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 7860
MAX_K: Final = 100
MAX_QUESTION_CHARS: Final = 2000
MAX_UPLOAD: Final = 50 * 1024 * 1024  # bytes of one file that is added to an index
MAX_COMMENT_CHARS: Final = 2000  # of a verdict; what is longer is cut


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where the chat page listens, and who may come in.

    The default host is this machine alone. `login` holds (name, password) of each; without any,
    everyone who reaches the page may. With `mcp` agents are served, too, at `/mcp`.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    open_browser: bool = False
    login: tuple[tuple[str, str], ...] = ()
    mcp: bool = False

    def __post_init__(self) -> None:
        """Refuse what no server could listen on."""
        if not self.host.strip():
            raise InputError(
                f"the host is empty; use {DEFAULT_HOST}, or 0.0.0.0 for every interface"
            )
        if not 1 <= self.port <= 65535:
            raise InputError(f"port {self.port} is not in 1..65535; use --port {DEFAULT_PORT}")
        if self.mcp and self.login:
            raise InputError(
                "agents cannot log in at /mcp: leave out --mcp and let them start `wenbao mcp`"
            )

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        return self.host in {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class LLMSettings:
    """A language model behind an OpenAI-compatible endpoint.

    `url` is what `/chat/completions` is put behind, such as `http://127.0.0.1:8000/v1`; `timeout`
    is in seconds, for the whole reply; `max_tokens` bounds it. A key is read from the environment
    (WENBAO_LLM_KEY) when it is needed, and nowhere kept.
    """

    url: str
    model: str
    timeout: float = 60.0
    max_tokens: int = 1024

    def __post_init__(self) -> None:
        """Refuse what cannot be asked; a message never repeats an address that holds a password."""
        if set(self.url) & set("@?#"):
            raise InputError(
                "the language model's address holds a user name, a password or a query: "
                "leave it out, and put the key in WENBAO_LLM_KEY"
            )
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:  # of the port, or of an IPv6 address
            usable = False
        if not usable or not self.url.isprintable() or " " in self.url:
            raise InputError(
                f"{self.url!r} is no address of a language model: "
                "use one such as http://127.0.0.1:8000/v1"
            )
        if not self.model.strip() or not self.model.isprintable():
            raise InputError("the language model has no name: give one with --llm-model NAME")
        if not 0 < self.timeout <= 3600 or self.max_tokens < 1:
            raise InputError(
                f"a time-out of {self.timeout} s and {self.max_tokens} tokens make no sense: "
                "use up to 3600 s and at least one token"
            )

    @property
    def endpoint(self) -> str:
        """Where questions are posted."""
        base = self.url.rstrip("/").removesuffix("/chat/completions")
        return f"{base}/chat/completions"


def read_logins(text: str) -> tuple[tuple[str, str], ...]:
    """The (name, password) pairs of `name:password,name:password`; a password holds no comma.

    Raises:
        InputError: a part is no such pair; the message does not repeat it.
    """
    pairs = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    if not all(name and colon and password for name, colon, password in pairs):
        raise InputError("WENBAO_LOGIN is not name:password,name:password: write it like that")
    return tuple((name, password) for name, _, password in pairs)
