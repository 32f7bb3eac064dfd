"""The gate: what it lets through, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from treewright.domains.web import web, web_written
from treewright.domains.web.gate import Gate


@pytest.fixture
async def upstream() -> AsyncIterator[int]:
    """A server that says what it was asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + head)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def ask(gate: Gate, request: str) -> str:
    port = int((await gate.open()).rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    answer = (await reader.read()).decode()
    writer.close()
    await gate.close()
    return answer


async def test_listed_origins_are_reached_one_request_a_connection(upstream: int) -> None:
    gate = Gate([f"http://127.0.0.1:{upstream}"])
    answer = await ask(gate, f"GET http://127.0.0.1:{upstream}/a?b=1 HTTP/1.1\r\nProxy-Connection: keep-alive\r\n\r\n")
    assert "GET /a?b=1 HTTP/1.1\r\nConnection: close" in answer
    assert "Proxy-Connection" not in answer


async def test_an_origin_may_be_served_elsewhere(upstream: int) -> None:
    gate = Gate([], {"http://shop.test": f"http://127.0.0.1:{upstream}"})
    assert "200 OK" in await ask(gate, "GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n")


@pytest.mark.parametrize("everywhere", [False, True])
async def test_loopback_is_refused_unless_it_is_listed(upstream: int, everywhere: bool) -> None:
    gate = Gate(["*"] if everywhere else ["http://other.test"])
    assert "403" in await ask(gate, f"GET http://127.0.0.1:{upstream}/ HTTP/1.1\r\n\r\n")
    assert gate.refused == {f"127.0.0.1:{upstream}": 1}


@pytest.mark.parametrize("host", ["localhost", "10.0.0.1", "169.254.169.254", "[::1]", "192.168.1.1", "0.0.0.0"])
async def test_no_private_address_is_everywhere(host: str) -> None:
    assert "403" in await ask(Gate(["*"]), f"CONNECT {host}:443 HTTP/1.1\r\n\r\n")


def test_what_is_no_origin_is_refused() -> None:
    with pytest.raises(ValueError, match="no origin"):
        Gate(["127.0.0.1:80"])


def test_the_open_web_can_be_narrowed_to_some_origins() -> None:
    assert web().site.origins == ("*",)
    assert web(origins="https://a.example").site.origins == ("https://a.example",)
    assert web_written(origins=["https://a.example", "https://b.example"]).site.origins[1] == "https://b.example"
