"""The shop behind an address: in a thread of its own, or alone as a command."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from .app import SLOW_SECONDS, create_app
from .branches import Branches


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that is open.

    Attributes:
        url: its front page, without a slash at the end.
    """

    url: str
    branches: Branches


class _Quiet(WSGIRequestHandler):
    """Says nothing of requests that went well or were refused."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leaves the line out."""


@contextmanager
def running(
    folder: Path, *, seed: int = 0, port: int = 0, host: str = "127.0.0.1", slow_seconds: float = SLOW_SECONDS
) -> Iterator[Shop]:
    """A shop at a free port, closed at the end of the block; its databases stay in `folder`."""
    branches = Branches(folder, seed)
    server = make_server(host, port, create_app(branches, slow_seconds), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="webshop", daemon=True)
    thread.start()
    try:
        yield Shop(f"http://{host}:{server.server_port}", branches)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
