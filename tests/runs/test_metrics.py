"""The metrics page: served on the loopback address, gone afterwards, refused where the port is taken."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest
from scripted_process import free_port

from treewright.runs.figures import Figures
from treewright.runs.metrics import metrics
from treewright.search import SearchError


def test_the_page_is_there_while_the_block_lasts() -> None:
    port = free_port()
    with metrics(port) as served:
        served.follow("mcts", lambda: Figures("mcts", 10, 4, 3, 2000, 0.0, 5, 20.0))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            assert b'treewright_done{run="mcts"} 4\n' in answer.read()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/etc/passwd")
        assert refused.value.code == 404
        refused.value.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics")


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SearchError, match=f"port {port} cannot be used.*--metrics-port"), metrics(port):
            pass


def test_no_port_serves_nothing() -> None:
    with metrics(None) as served:
        assert served.text().startswith("# HELP treewright_tasks")
