"""A proxy that spoils answers on their way from a model server, to try what a search, or a program of yours, does then.

`async with FaultyProxy("http://localhost:8000/v1", {3: "reset", 7: "stall"}) as proxy:` gives `proxy.url` to be used
in the server's place.
"""

from __future__ import annotations

import asyncio
import json
import math
import socket
from collections.abc import Mapping
from typing import Any, Literal, Self, get_args

import aiohttp
from aiohttp import web

Fault = Literal["refuse", "reset", "truncate", "busy", "broken", "stall", "garbage", "no choices", "wrong n", "nan"]
FAULTS: tuple[Fault, ...] = get_args(Fault)


class FaultyProxy:
    """Forwards requests to a model server and spoils the answers to some POST requests, counted from 1.

    The faults:

    - "refuse": nobody listens for `seconds`; this request's connection is cut.
    - "reset", "truncate": half of the body, then a reset connection, or an orderly end before its time.
    - "busy": 429 with Retry-After: 1. "broken": 500.
    - "stall": the answer comes after `seconds`.
    - "garbage": the body is no JSON. "no choices": an answer without any. "wrong n": one choice or score too few.
    - "nan": its log-probabilities or scores are NaN.

    Args:
        to: the server's address, with or without "/v1".
        faults: what to do to which request.
        seconds: of "refuse" and "stall".

    Attributes:
        url: the proxy's address, ending in /v1, inside the `async with` block.
        done: the faults that were made so far, in order.

    Raises:
        ValueError: an unknown fault.
    """

    def __init__(self, to: str, faults: Mapping[int, Fault], *, seconds: float = 2.0) -> None:
        for fault in faults.values():
            if fault not in FAULTS:
                raise ValueError(f"no fault {fault!r}. Available: {', '.join(FAULTS)}")
        self._to = to.rstrip("/").removesuffix("/v1")
        self._faults = dict(faults)
        self._seconds = seconds
        self._posts = 0
        self.url = ""
        self.done: list[Fault] = []

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        self._port = 0
        self._away: asyncio.Task[None] | None = None
        await self._listen()
        self.url = f"http://127.0.0.1:{self._port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._away is not None:
            self._away.cancel()
            await asyncio.gather(self._away, return_exceptions=True)
        await self._runner.cleanup()
        await self._session.close()

    @property
    def _is_away(self) -> bool:
        return self._away is not None and not self._away.done()

    async def _listen(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", self._port))
        self._port = int(self._socket.getsockname()[1])
        self._site = web.SockSite(self._runner, self._socket)
        await self._site.start()

    async def _leave(self) -> None:
        # First nothing more is accepted: a connection that is accepted while its server closes is left open by asyncio
        # (3.11), and nobody ever reads it.
        asyncio.get_running_loop().remove_reader(self._socket)
        await asyncio.sleep(0.02)
        await self._site.stop()
        await asyncio.sleep(self._seconds)
        await self._listen()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        fault: Fault | None = None
        if request.method == "POST":
            self._posts += 1
            fault = self._faults.get(self._posts)
        if fault is not None:
            self.done.append(fault)
        if fault == "busy":
            return web.json_response({"error": {"message": "try later"}}, status=429, headers={"Retry-After": "1"})
        if fault == "broken":
            return web.json_response({"error": {"message": "it broke"}}, status=500)
        if fault == "refuse" and not self._is_away:
            self._away = asyncio.create_task(self._leave())
        if self._is_away:
            _cut(request, abort=True)
            return web.Response()
        if fault == "stall":
            await asyncio.sleep(self._seconds)
        async with self._session.request(request.method, self._to + request.path_qs, data=await request.read(),
                                         headers={"Content-Type": "application/json"}) as answer:  # fmt: skip
            status, body, kind = answer.status, await answer.read(), answer.content_type
        if fault in ("reset", "truncate"):
            return await self._half(request, body, abort=fault == "reset")
        if fault is not None:
            body = _spoilt(body, fault)
        return web.Response(status=status, body=body, content_type=kind)

    async def _half(self, request: web.Request, body: bytes, *, abort: bool) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        _cut(request, abort=abort)
        return response


def _cut(request: web.Request, *, abort: bool) -> None:
    transport = request.transport
    if transport is None:
        return
    if abort and isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    else:
        transport.close()


def _spoilt(body: bytes, fault: Fault) -> bytes:
    """An answer with something wrong in it; one that has no such thing stays as it is."""
    if fault == "garbage":
        return body[: len(body) // 2] + b"}{"
    answer = json.loads(body)
    for name in ("choices", "data"):
        if isinstance(answer.get(name), list):
            answer[name] = _spoilt_list(answer[name], fault)
    return json.dumps(answer).encode()


def _spoilt_list(items: list[Any], fault: Fault) -> list[Any]:
    if fault == "no choices":
        return []
    if fault == "wrong n":
        return items[:-1]
    if fault == "nan":
        return [_with_nan(item) for item in items]
    return items


def _with_nan(item: Any) -> Any:
    """The same with NaN for each number named logprob, score or token_logprobs."""
    if isinstance(item, list):
        return [_with_nan(inner) for inner in item]
    if not isinstance(item, dict):
        return item
    spoilt: dict[str, Any] = {}
    for name, value in item.items():
        if name in ("logprob", "score"):
            spoilt[name] = math.nan
        elif name == "token_logprobs":
            spoilt[name] = [math.nan] * len(value)
        else:
            spoilt[name] = _with_nan(value)
    return spoilt
