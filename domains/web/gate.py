"""The way out: a small proxy that lets pages reach the listed origins and nothing else.

A proxy rather than interception in the browser: redirects, web sockets and workers go through it too.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

_HEAD_LIMIT = 65_536
_SECONDS = 30.0
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
EVERYWHERE = "*"


class Gate:
    """A forward proxy on loopback with an allow list.

    A listed origin may lie anywhere. "*" lists every public address: names are looked up here, and what is loopback,
    private or link-local is refused, so that no page can reach the services of this machine or its network.

    Args:
        origins: the allow list.
        served: origins that are served at another address, {"http://miniwob.test": "http://127.0.0.1:41234"}: so a
            server of our own on a free port has the same address in every run. They are listed too.

    Attributes:
        refused: addresses that were asked for and refused, as host:port, with how often.
    """

    def __init__(self, origins: Iterable[str], served: Mapping[str, str] | None = None) -> None:
        self._listed: dict[tuple[str, int], tuple[str, int]] = {}
        self._everywhere = False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self.refused: dict[str, int] = {}
        for origin in origins:
            self.allow(origin)
        for origin, address in (served or {}).items():
            self._listed[_place(origin)] = _place(address)

    def allow(self, origin: str) -> None:
        """Lists one more origin, such as "http://127.0.0.1:8123", or "*"."""
        if origin == EVERYWHERE:
            self._everywhere = True
            return
        place = _place(origin)
        self._listed.setdefault(place, place)

    async def open(self) -> str:
        """Starts listening; the proxy's address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_HEAD_LIMIT)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stops listening and ends what is on its way."""
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._serving)

    async def address(self, host: str, port: int) -> tuple[str, int] | None:
        """Where to connect for a host, or None where it is not allowed."""
        if (host, port) in self._listed:
            return self._listed[host, port]
        if not self._everywhere:
            return None
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return None
        # The address that was checked is the one connected to: a name may answer differently the next time.
        addresses = [str(entry[4][0]) for entry in found]
        public = all(ipaddress.ip_address(text).is_global for text in addresses)
        return (addresses[0], port) if public else None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._open.add(writer)
        try:
            await self._request(reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # the browser sees a closed connection and says so in the page
        finally:
            writer.close()
            self._open.discard(writer)
            self._serving.discard(task)

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        method, target, version = line.decode("latin-1").split(" ", 2)
        parts = urlsplit(f"https://{target}" if method == "CONNECT" else target)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 80)
        to = await self.address(host, port)
        if to is None:
            self.refused[f"{host}:{port}"] = self.refused.get(f"{host}:{port}", 0) + 1
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        async with asyncio.timeout(_SECONDS):
            upstream, out = await asyncio.open_connection(*to)
        self._open.add(out)
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                out.write(_forwarded(method, parts.path or "/", parts.query, version, fields))
            # The server ends the exchange; a browser that goes away first ends both directions.
            sending = asyncio.create_task(_pump(reader, out))
            await _pump(upstream, writer)
            sending.cancel()
        finally:
            out.close()
            self._open.discard(out)


def _place(origin: str) -> tuple[str, int]:
    parts = urlsplit(origin)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{origin!r} is no origin; expected such as http://127.0.0.1:8123, or *")
    return parts.hostname, parts.port or _PORTS[parts.scheme]


def _forwarded(method: str, path: str, query: str, version: str, fields: bytes) -> bytes:
    """A proxied request as the server expects it: without the origin, one request a connection."""
    target = f"{path}?{query}" if query else path
    kept = [
        field
        for field in fields.split(b"\r\n")
        if field and not field.lower().startswith((b"proxy-", b"connection:", b"keep-alive:"))
    ]
    upgrade = any(field.lower().startswith(b"upgrade:") for field in kept)
    kept.append(b"Connection: Upgrade" if upgrade else b"Connection: close")
    return f"{method} {target} {version}\r\n".encode("latin-1") + b"\r\n".join(kept) + b"\r\n\r\n"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
