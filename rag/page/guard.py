"""Who may call the page's server from a browser: only the page itself.

A web site elsewhere can make a reader's browser send requests to this machine, and can point its
own name at it (DNS rebinding). So a request must name a host that is served here, and what changes
something must come from the page's own origin. Scripts send no origin and are let through.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """ASGI middleware that refuses strangers' hosts and origins.

    `hosts` are the names the page is served under; None where any may be (every interface).
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it in one line."""
        if scope["type"] == "http":
            refusal = self._refusal(scope["method"], Headers(scope=scope))
            if refusal:
                await PlainTextResponse(refusal, status_code=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, method: str, headers: Headers) -> str:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._hosts is not None and urlsplit(f"//{host}").hostname not in self._hosts:
            return "this host is not served here: open the address that wenbao printed"
        foreign = origin is not None and urlsplit(origin).netloc != host
        if foreign and method not in {"GET", "HEAD", "OPTIONS"}:
            return "a page of another site cannot call this one"
        return ""
