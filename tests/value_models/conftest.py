"""A model server that misbehaves on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

Handler = Callable[[dict[str, Any]], Awaitable[web.StreamResponse] | web.StreamResponse]

MODEL = {"id": "tiny", "owned_by": "vllm", "max_model_len": 64}


class Stub:
    """An HTTP server whose answer to each path is a function of the request's JSON; 404 for a path without one.

    Attributes:
        url: its address, ending in /v1.
        requests: (path, JSON) of each POST, in order.
        headers: the headers of the last request.
        gets: the path of each GET, in order.
        pages: what other GETs give.
    """

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.models: Any = {"object": "list", "data": [MODEL]}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.gets: list[str] = []
        self.pages: dict[str, Callable[[], web.StreamResponse]] = {}
        self.headers: dict[str, str] = {}
        self.url = ""

    def answer(self, path: str, *answers: Any) -> None:
        """Gives each of `answers` once, the last one for ever: JSON, or a function that makes a response."""
        left = list(answers)

        def handler(_: dict[str, Any]) -> web.StreamResponse:
            chosen = left.pop(0) if len(left) > 1 else left[0]
            return chosen() if callable(chosen) else web.json_response(chosen)

        self.handlers[path] = handler

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.headers = dict(request.headers)
        if request.method == "GET":
            self.gets.append(request.path)
            if request.path == "/v1/models" and self.models is not None:
                return self.models() if callable(self.models) else web.json_response(self.models)
            if request.path in self.pages:
                return self.pages[request.path]()
            return web.json_response({"detail": "Not Found"}, status=404)
        body = await request.json()
        self.requests.append((request.path, body))
        handler = self.handlers.get(request.path)
        if handler is None:
            return web.json_response({"detail": "Not Found"}, status=404)
        response = handler(body)
        return response if isinstance(response, web.StreamResponse) else await response


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    made = Stub()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", made.handle)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/v1"))
    yield made
    await server.close()
