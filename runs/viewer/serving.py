"""Serving the viewer until it is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn

from .access import TOKEN, is_loopback, new_token
from .app import make_app


def view(
    directory: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    task: int | None = None,
    ready: Callable[[str], object] = print,
) -> None:
    """Serves a run's viewer until Ctrl-C or SIGTERM.

    Args:
        directory: the run.
        host: what to bind to; other than loopback, each request needs the token that is in the URL.
        port: 0 takes a free one.
        task: number of a task to open; by default the list of all.
        ready: called with the URL once connections are taken.

    Raises:
        JournalError: no run is there.
        OSError: the port is taken, or the host is none of this machine's.
    """
    token = None if is_loopback(host) else new_token()
    config = uvicorn.Config(
        make_app(directory, token), log_level="warning", access_log=False, lifespan="off", server_header=False
    )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    shown = f"[{host}]" if ":" in host else host
    query = "" if token is None else f"?{TOKEN}={token}"
    place = "" if task is None else f"#/task/{task}"
    ready(f"http://{shown}:{listening.getsockname()[1]}/{query}{place}")
    with listening, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
