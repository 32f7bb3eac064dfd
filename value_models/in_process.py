"""vLLM's `AsyncLLM` in this process: no server, no sockets."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from .environment import Build, find_build, vllm_arguments, vllm_environment
from .errors import ServerUnreachable, SetupFailed
from .openai_api import OpenAIApi
from .small_model import NAME, fetch_small_model

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


class InProcess(OpenAIApi):
    """An engine for jobs that own the machine: `with InProcess() as engine: VLLM(engine)`.

    Requests are those of the server, chat template, scoring and all: they are handed to vLLM's own application object
    in place of a socket. The engine runs on an event loop in a thread of its own, so that it may be asked from several
    event loops; its model runs, as in the server, in a child process, which a script must allow for
    (`if __name__ == "__main__":`). vLLM is imported when the engine is started and not before. The environment
    variables that vLLM reads are set in this process where they are not set yet.

    Args:
        model: a model's name or directory; None is the small model, fetched and converted on first use.
        max_model_len: tokens that the context holds.
        enforce_eager: True skips compilation: a quicker start, slower tokens. None is True on the CPU, False on a GPU.
        arguments: more arguments for vLLM, as ("--max-num-seqs", "64").
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        max_model_len: int = 2048,
        enforce_eager: bool | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        name = NAME if model is None else Path(model).name
        super().__init__(f"in-process:{name}", name)
        self._given = model
        self._max_model_len = max_model_len
        self._eager = enforce_eager
        self._more = tuple(arguments)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: Thread | None = None
        self._app: App | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Loads the model and waits until it can answer.

        Raises:
            SetupFailed: no vLLM here, or it did not start; its own log says more.
        """
        if self._thread is not None:
            raise SetupFailed(f"{self.root} is already running.")
        build = find_build()
        model = fetch_small_model() if self._given is None else self._given
        for name, value in vllm_environment(build, self._given).items():
            os.environ.setdefault(name, value)
        ready: Future[None] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._serve(build, model, ready)), name="vllm", daemon=True)
        self._thread.start()
        try:
            ready.result()
        except Exception as error:
            self.stop()
            raise SetupFailed(f"vLLM did not start in this process: {type(error).__name__}: {error}") from error

    def stop(self) -> None:
        """Ends the engine and its process; requests in flight fail. A stopped one stays stopped."""
        if self._thread is None:
            return
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._thread = self._loop = self._stop = self._app = None

    async def send(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Carries one request to vLLM's application.

        Raises:
            ServerUnreachable: the engine is not running, or it failed.
        """
        if self._loop is None or self._app is None:
            raise ServerUnreachable(f"{self.root} is not running; use it in a with block, or call start().")
        asked = asyncio.run_coroutine_threadsafe(_asgi(self._app, method, path, body or b""), self._loop)
        status, answer = await asyncio.wrap_future(asked)
        if status >= 500:
            raise ServerUnreachable(f"{self.root} failed at {path}: {answer[:200].decode(errors='replace')}")
        return status, answer

    async def close(self) -> None:
        """Holds nothing of the running event loop; `stop` ends the engine."""

    async def _serve(self, build: Build, model: str | Path, ready: Future[None]) -> None:
        """The thread's work: starts the engine, and keeps it until `stop`."""
        arguments = vllm_arguments(build, model, str(self._asked_model), self._max_model_len, self._eager, self._more)
        async with AsyncExitStack() as stack:
            try:
                self._app = await _application(arguments, stack)
            except BaseException as error:
                ready.set_exception(error)
                return
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            ready.set_result(None)
            await self._stop.wait()


async def _application(arguments: Sequence[str], stack: AsyncExitStack) -> App:
    """The server's application on an `AsyncLLM`, which `stack` ends."""
    from vllm.entrypoints.launchers.api_server.app_state import init_app_state
    from vllm.entrypoints.launchers.api_server.entry import build_async_engine_client
    from vllm.entrypoints.launchers.app import build_app
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = make_arg_parser(FlexibleArgumentParser())  # type: ignore[no-untyped-call]
    parsed = parser.parse_args(list(arguments))
    engine = await stack.enter_async_context(build_async_engine_client(parsed))
    tasks = await engine.get_supported_tasks()
    app = build_app(parsed, tasks, engine.model_config)
    await init_app_state(engine, app.state, parsed, tasks)
    application: App = app
    return application


async def _asgi(app: App, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """One request to an ASGI application; being cancelled is the client's hanging up."""
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    scope: Message = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 0), "server": ("localhost", 80), "state": {},
    }  # fmt: skip
    parts: list[bytes] = []
    status = 500
    unread = True

    async def receive() -> Message:
        nonlocal unread
        if unread:
            unread = False
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.Event().wait()  # the client stays until it has its answer
        raise AssertionError

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, b"".join(parts)
