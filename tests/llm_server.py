"""A language model's server that says what a test tells it to: real HTTP, on this machine.

It speaks the part of the OpenAI protocol that is used: POST …/chat/completions, answered by
server-sent events, one JSON document, or whatever else a test wants to go wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from rag.config import LLMSettings

SSE = {"Content-Type": "text/event-stream"}


@dataclass(frozen=True)
class Prompt:
    """What the server was asked: the path, the headers and the JSON."""

    path: str
    headers: Message
    body: Mapping[str, Any]

    @property
    def system(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        return str(self.body["messages"][-1]["content"])

    @property
    def fence(self) -> str:
        found = re.search(r"^<<<(\S+)$", self.user, re.MULTILINE)
        assert found
        return found[1]

    def number(self, part: str) -> int:
        """The number of the passage that holds some text."""
        [number] = [
            int(n)
            for n, text in re.findall(
                rf"^\[(\d+)\]\n<<<{self.fence}\n(.*?)\n{self.fence}>>>$",
                self.user,
                re.MULTILINE | re.DOTALL,
            )
            if part in text
        ]
        return number


@dataclass(frozen=True)
class Reply:
    """An answer, whose `chunks` are sent one after the other."""

    chunks: Iterable[bytes] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: SSE)
    held: bool = False  # until the server ends
    declared: int | None = None  # Content-Length, if it is to be wrong


Script = Callable[[Prompt], Reply]


def event(value: object) -> bytes:
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def part(text: str | None, finish: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


def said(text: str, size: int = 5, finish: str | None = "stop", done: bool = True) -> Reply:
    """A streamed reply, a few characters an event, with what else a stream holds."""
    pieces = [part(text[i : i + size]) for i in range(0, len(text), size)]
    opening = event({"choices": [{"delta": {"role": "assistant"}, "finish_reason": None}]})
    ending = [part(None, finish)] if finish else []
    usage = event({"choices": [], "usage": {"total_tokens": 7}})
    last = [event(b"[DONE]")] if done else []
    return Reply((b": a comment\n\n", opening, *pieces, usage, *ending, *last))


def document(value: object, status: int = 200) -> Reply:
    """A reply in one JSON document."""
    return Reply((json.dumps(value).encode(),), status, {"Content-Type": "application/json"})


class LLMServer:
    """Answers each request with the next reply; the last one again and again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.prompts: list[Prompt] = []
        self.replies: list[Reply | Script] = []
        self.released = Event()
        self.faults: list[Exception] = []

    def say(self, *replies: Reply | Script) -> None:
        self.replies = list(replies)

    def next(self, prompt: Prompt) -> Reply:
        self.prompts.append(prompt)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply if isinstance(reply, Reply) else reply(prompt)

    def settings(self, timeout: float = 30.0) -> LLMSettings:
        return LLMSettings(f"{self.url}/v1", "test-model", timeout=timeout)


@contextmanager
def serving() -> Iterator[LLMServer]:
    """A server until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            try:
                reply = server.next(Prompt(self.path, self.headers, body))
            except (AssertionError, LookupError, ValueError) as fault:
                server.faults.append(fault)  # of the test's script; the test fails at its end
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.declared is not None:
                self.send_header("Content-Length", str(reply.declared))
            self.end_headers()
            for chunk in reply.chunks:
                self.wfile.write(chunk)
                self.wfile.flush()
            if reply.held:
                server.released.wait()
            self.close_connection = True

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on stderr."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is what some tests want."""

    http = Quiet(("127.0.0.1", 0), Handler)
    server = LLMServer(f"http://127.0.0.1:{http.server_address[1]}")
    thread = Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        http.shutdown()
        http.server_close()
        thread.join()
    assert not server.faults
