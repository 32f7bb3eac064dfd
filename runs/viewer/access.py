"""Who may look: a token where others can reach the page, headers that keep it from reaching anything else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "token"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what is bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def new_token() -> str:
    """A token that cannot be guessed."""
    return secrets.token_urlsafe(24)


class Guarded:
    """An application behind a guard.

    Without a token only requests for a loopback name are answered: a page elsewhere cannot reach the viewer by a name
    of its own that leads to this machine. With one, each request needs it: in the URL, as `?token=`, or in the cookie
    that such a request is given.

    Args:
        app: what is guarded.
        token: the token; None where only this machine can reach the application.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = _in_url(scope)
        headers = dict(HEADERS)
        if self._token is None:
            refused = None if is_loopback(_host(scope)) else (403, "ask for this page by a loopback name: 127.0.0.1")
        elif self._is_right(given):
            refused = None
            headers["Set-Cookie"] = f"{_cookie_name(scope)}={self._token}; HttpOnly; SameSite=Strict; Path=/"
        else:
            allowed = self._is_right(_in_cookie(scope))
            refused = None if allowed else (401, "this page needs the token of the URL that treewright view printed")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        if refused is None:
            await self._app(scope, receive, with_headers)
            return
        status, why = refused
        start = {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]}
        await with_headers(start)
        await send({"type": "http.response.body", "body": why.encode()})

    def _is_right(self, given: str) -> bool:
        assert self._token is not None
        return secrets.compare_digest(given.encode(), self._token.encode())


def _in_url(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get(TOKEN, [""])[0]


def _cookie_name(scope: Scope) -> str:
    """One a port: a browser gives the cookies of a host to all its ports, and each viewer has a token of its own."""
    return f"treewright-{scope['server'][1]}"


def _in_cookie(scope: Scope) -> str:
    for text in _header(scope, b"cookie"):
        try:
            cookie = SimpleCookie(text).get(_cookie_name(scope))
        except CookieError:
            continue
        if cookie is not None:
            return cookie.value
    return ""


def _host(scope: Scope) -> str:
    """The name that the page was asked for by, without its port."""
    name = next(_header(scope, b"host"), "")
    return name[: name.index("]") + 1] if "]" in name else name.partition(":")[0]


def _header(scope: Scope, wanted: bytes) -> Iterator[str]:
    return (value.decode("latin-1") for name, value in scope["headers"] if name == wanted)
