"""A page of Prometheus metrics about the searches of this process, at a port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..search import SearchError
from .figures import Figures, exposition

HOST = "127.0.0.1"


class Metrics:
    """What is served: each search under its name, from the time it is followed on, also when it has ended."""

    def __init__(self) -> None:
        self._searches: dict[str, Callable[[], Figures]] = {}

    def follow(self, name: str, figures: Callable[[], Figures]) -> None:
        """Adds a search, or puts another one in the place of the one of this name."""
        self._searches[name] = figures

    def text(self) -> str:
        """The page."""
        return exposition(figures() for figures in list(self._searches.values()))


@contextmanager
def metrics(port: int | None) -> Iterator[Metrics]:
    """Serves `/metrics` at this port on the loopback address until the block ends; None serves nothing.

    Raises:
        SearchError: the port is taken.
    """
    served = Metrics()
    if port is None:
        yield served
        return
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(served))
    except OSError as error:
        raise SearchError(f"port {port} cannot be used: {error.strerror}; give another --metrics-port") from error
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(served: Metrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(404, "the metrics are at /metrics")
                return
            body = served.text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing: a scrape every few seconds is no news."""

    return Handler
