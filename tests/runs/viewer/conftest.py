"""Runs to look at, viewers that serve them, and a browser that looks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from scripted_process import free_port
from viewer_runs import apart, record, stop_after_one

from treewright.domains.web import NoBrowser, find_chromium
from treewright.runs.viewer import make_app
from treewright.search import mcts

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three word problems, with a proposal that would run as a script."""
    run = tmp_path_factory.mktemp("runs") / "finished"
    apart(record(run, "math", mcts(evaluate="children", leaves=4), expansions=40))
    return run


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A run of three tasks that stopped once one of them had finished."""
    apart(stop_after_one(tmp_path / "stopped"))
    return tmp_path / "stopped"


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., str]]:
    """Serves a run's viewer and gives its address; all are ended after the module's tests."""
    with ExitStack() as running:

        def start(run: Path, token: str | None = None) -> str:
            port = free_port()
            config = uvicorn.Config(make_app(run, token), port=port, log_level="error", lifespan="off")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run)
            thread.start()

            def end() -> None:
                server.should_exit = True
                thread.join()

            running.callback(end)
            while not server.started:
                thread.join(0.01)
                assert thread.is_alive()
            return f"http://127.0.0.1:{port}/"

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium; skips where there is none. As long as it lives, this thread's event loop is Playwright's."""
    try:
        executable = find_chromium()
    except NoBrowser as error:
        pytest.skip(str(error))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(executable), args=ARGUMENTS)
        yield browser
        browser.close()
