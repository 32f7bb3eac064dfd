"""Connections to a server that writes each byte as the test says."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from treewright.search import run_async
from treewright.value_models import connections as module
from treewright.value_models.client import Client
from treewright.value_models.connections import BrokenOff, Connections, NoHttp, NotConnected
from treewright.value_models.errors import WrongPath

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"


class Server:
    """Answers the requests of each connection with the given bytes, in turn; None waits, b"" closes."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connected = 0
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()
        self.port = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        try:
            while head := await self._head(reader):
                self.requests.append(head)
                self.asked.set()
                answer = self.answers.pop(0)
                if answer == b"":
                    break
                if answer is not None:
                    writer.write(answer)
                if answer is not None and b"close" in answer:
                    break
        finally:
            self.gone.set()
            writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> bytes:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        if b"Content-Length: " in head:
            head += await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
        return head


@asynccontextmanager
async def serving(*answers: bytes | None) -> AsyncGenerator[tuple[Server, Connections]]:
    told = Server(*answers)
    server = await asyncio.start_server(told, "127.0.0.1", 0)
    told.port = server.sockets[0].getsockname()[1]
    to = Connections(urlsplit(f"http://127.0.0.1:{told.port}"), {"Content-Type": "application/json"})
    try:
        yield told, to
    finally:
        await to.close()
        server.close()
        await server.wait_closed()


@pytest.fixture(params=[asyncio.run, run_async], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    return request.param


def test_requests_one_after_the_other_share_a_connection(run):
    async def work() -> None:
        async with serving(FINE, FINE) as (server, to):
            first = await to.request("POST", "/v1/completions", b'{"n":1}')
            second = await to.request("GET", "/version")
        assert (first.status, first.body, second.body) == (200, b"fine", b"fine")
        assert server.connected == 1
        assert (
            server.requests[0]
            == (
                f"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept: */*\r\n"
                "Accept-Encoding: identity\r\n"
                'Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{"n":1}'
            ).encode()
        )
        assert server.requests[1].startswith(b"GET /version HTTP/1.1\r\n")
        assert b"Content-Length" not in server.requests[1]

    run(work())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2\r\nne\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + FINE,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfine",
        b"HTTP/1.0 200 OK\r\nX-Why: close\r\n\r\nfine",
    ],
    ids=["chunked", "continued", "until closed", "version 1.0"],
)
def test_forms_of_an_answer(run, answer):
    async def work() -> None:
        async with serving(answer, FINE) as (_, to):
            assert (await to.request("GET", "/")).body == b"fine"
            assert (await to.request("GET", "/")).body == b"fine"

    run(work())


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (b"", BrokenOff, "closed"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nfine", BrokenOff, "closed"),
        (b"SSH-2.0-OpenSSH\r\n", NoHttp, "Parser"),
    ],
    ids=["none", "cut", "no HTTP"],
)
def test_an_answer_that_is_not_whole(run, answer, error, words):
    async def work() -> None:
        async with serving(answer, FINE) as (_, to):
            with pytest.raises(error, match=words):
                await to.request("GET", "/")
            assert (await to.request("GET", "/")).body == b"fine"

    run(work())


def test_a_connection_that_the_server_closed_is_not_used_again(run):
    async def work() -> None:
        async with serving(FINE.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"), FINE) as (server, to):
            await to.request("GET", "/")
            await server.gone.wait()
            await to.request("GET", "/")
            assert server.connected == 2

    run(work())


def test_what_lay_idle_too_long_is_closed(run, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 0.0)

    async def work() -> None:
        async with serving(FINE, FINE, FINE) as (server, to):
            await asyncio.gather(to.request("GET", "/"), to.request("GET", "/"))
            await asyncio.wait_for(server.gone.wait(), 5)
            await to.request("GET", "/")
            assert server.connected == 2

    run(work())


def test_a_request_that_is_cancelled_closes_its_connection(run):
    async def work() -> None:
        async with serving(None, FINE) as (server, to):
            asking = asyncio.create_task(to.request("GET", "/"))
            await server.asked.wait()
            asking.cancel()
            await asyncio.wait_for(server.gone.wait(), 5)
            assert asking.cancelled()
            assert (await to.request("GET", "/")).body == b"fine"

    run(work())


class Fine(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"fine")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a server outside of the test's event loop."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Fine) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("clients", [1, 2])
def test_a_client_that_nobody_holds_any_more_leaves_no_socket_open(run, elsewhere, clients):
    """Also one that is dropped in the loop's last moment."""

    async def work() -> None:
        for _ in range(clients):
            client = Client(elsewhere)
            await asyncio.gather(client.send("GET", "/"), client.send("GET", "/"))

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        run(work())
        gc.collect()
    assert [str(warning.message) for warning in told] == []


def test_nobody_listens(run):
    async def work() -> None:
        async with serving() as (server, _):
            port = server.port
        with pytest.raises(NotConnected):
            await Connections(urlsplit(f"http://127.0.0.1:{port}"), {}).request("GET", "/")

    run(work())


def test_a_user_in_the_address_is_sent(run):
    async def work() -> None:
        async with serving(FINE) as (server, _):
            to = Connections(urlsplit(f"http://ann:p%40ss@127.0.0.1:{server.port}"), {})
            await to.request("GET", "/")
            await to.close()
        assert b"Authorization: Basic YW5uOnBAc3M=\r\n" in server.requests[0]
        assert f"Host: 127.0.0.1:{server.port}\r\n".encode() in server.requests[0]

    run(work())


def test_a_path_before_v1_and_a_redirect(run):
    async def work() -> None:
        async with serving(b"HTTP/1.1 307 Moved\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n") as (server, _):
            client = Client(f"http://127.0.0.1:{server.port}/models/tiny/v1")
            with pytest.raises(WrongPath, match="redirects to https://x/; give"):
                await client.version()
            await client.close()
        assert server.requests[0].startswith(b"GET /models/tiny/version HTTP/1.1\r\n")

    run(work())


def test_a_line_break_in_a_header_is_refused():
    with pytest.raises(ValueError, match="line break"):
        Connections(urlsplit("http://127.0.0.1:1"), {"Authorization": "Bearer key\nX: y"})
