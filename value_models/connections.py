"""HTTP/1.1 to one server over connections that are kept alive: one request at a time on each, answers read whole."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import cast
from urllib.parse import SplitResult, quote, unquote

import httptools

CONNECT = 10.0  # seconds for a new connection
KEPT = 30.0  # seconds that a connection is kept without a request


class NotConnected(Exception):
    """The server took no connection."""


class BrokenOff(Exception):
    """The server ended a connection before its answer was whole."""


class NoHttp(Exception):
    """What answers wrote what is no HTTP."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read whole; `headers` by their names in lower case."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes

    def header(self, name: str) -> str | None:
        """What one header says; None where there is none of that name."""
        value = self.headers.get(name.lower().encode())
        return None if value is None else value.decode("latin-1")


class Connections:
    """An event loop's connections to one server; a request takes an idle one, or opens another.

    Their number is not limited: whoever sends the requests bounds them. A request that is cancelled closes its
    connection, so that the server can see that nobody waits. Redirects are not followed.

    Args:
        address: scheme, host and port; a user and password in it are sent.
        headers: sent with each request.

    Attributes:
        open: those that are open, idle or in use.
    """

    def __init__(self, address: SplitResult, headers: Mapping[str, str]) -> None:
        assert address.hostname is not None
        secure = address.scheme == "https"
        host = address.hostname.encode("idna").decode()
        self._host, self._port = host, address.port or (443 if secure else 80)
        self._tls = ssl.create_default_context() if secure else None
        named = f"[{host}]" if ":" in host else host
        place = named if address.port is None else f"{named}:{address.port}"
        lines = {"Host": place, "Accept": "*/*", "Accept-Encoding": "identity", **headers}
        if address.username is not None:
            user = f"{unquote(address.username)}:{unquote(address.password or '')}"
            lines.setdefault("Authorization", f"Basic {base64.b64encode(user.encode()).decode()}")
        if any("\r" in value or "\n" in value for value in lines.values()):
            raise ValueError("a header of a request has a line break in it; is there one in the server's key?")
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._heads: dict[tuple[str, str], bytes] = {}
        self._idle: deque[_Connection] = deque()
        self.open: set[_Connection] = set()
        self._lifetime: AsyncGenerator[None, None] | None = None

    async def close_with_loop(self) -> None:
        """Has the running event loop close all connections when it shuts down, whether or not anybody still holds them.

        A loop closes the suspended asynchronous generators that it knows of. An open connection holds this one, and the
        loop holds an open connection.
        """
        self._lifetime = self._closing()
        await anext(self._lifetime)

    async def _closing(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self.close()

    async def request(self, method: str, path: str, body: bytes | None = None) -> Response:
        """Sends one request and gives its answer, whatever its status.

        Raises:
            NotConnected: the server took no connection.
            BrokenOff: it ended the connection before its answer was whole.
            NoHttp: it wrote what is no HTTP.
        """
        connection = self._idle_one() or await self._new_one()
        length = b"\r\n" if body is None else b"Content-Length: %d\r\n\r\n" % len(body)
        try:
            response = await connection.exchange(self._head(method, path) + length + (body or b""))
        except BaseException:
            connection.close()
            raise
        if connection.lasts:
            connection.idle_since = monotonic()
            self._idle.append(connection)
            while self._idle[0].idle_since < connection.idle_since - KEPT:
                self._idle.popleft().close()
        else:
            connection.close()
        return response

    async def close(self) -> None:
        """Closes all connections; a request on one of them is broken off."""
        connections = [*self.open]
        for connection in connections:
            connection.close()
        for connection in connections:
            await connection.closed.wait()

    def _head(self, method: str, path: str) -> bytes:
        head = self._heads.get((method, path))
        if head is None:
            head = f"{method} {quote(path, safe='/%?=&~')} HTTP/1.1\r\n{self._headers}".encode("latin-1")
            self._heads[method, path] = head
        return head

    def _idle_one(self) -> _Connection | None:
        """The connection that was used last, if the server has not closed it."""
        while self._idle:
            connection = self._idle.pop()
            if connection.lasts:
                return connection
        return None

    async def _new_one(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self), self._host, self._port, ssl=self._tls
                )
        except TimeoutError:
            raise NotConnected(f"no connection within {CONNECT:g} s") from None
        except OSError as error:
            raise NotConnected(str(error)) from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection; `lasts` is whether it can take another request.

    The methods whose names begin with on_ are the parser's calls.
    """

    def __init__(self, owner: Connections) -> None:
        self._owner = owner
        self.lasts = True
        self.idle_since = 0.0
        self._waiting: asyncio.Future[Response] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._ends_with_connection = False
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods only
        self._owner.open.add(self)

    def exchange(self, request: bytes) -> asyncio.Future[Response]:
        """Writes a request; the future gets its answer."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        """Closes it at once."""
        self.lasts = False
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:  # nobody asked
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(NoHttp(f"{type(error).__name__}: {error}"))
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.lasts = False
        self._owner.open.discard(self)
        self.closed.set()
        if self._ends_with_connection and error is None:
            self.on_message_complete()
        self._fail(BrokenOff("the connection was closed" if error is None else f"{type(error).__name__}: {error}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        sized = b"content-length" in self._headers or b"transfer-encoding" in self._headers
        self._ends_with_connection = not sized and not self._parser.should_keep_alive()

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        status, headers, body = self._parser.get_status_code(), self._headers, b"".join(self._body)
        self._headers, self._body, self._ends_with_connection = {}, [], False
        if status < 200:  # 100 Continue and the like: the answer is yet to come
            return
        self.lasts = self.lasts and self._parser.should_keep_alive()
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(Response(status, headers, body))

    def _fail(self, why: Exception) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(why)
