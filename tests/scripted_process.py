"""Processes that durability tests start, watch and kill: a scripted model server, and runs against it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from run_forker import ForkedRun, RunForker

TESTS = Path(__file__).parent
PAUSED = 75


def environment() -> dict[str, str]:
    """What a process needs to find the package as these tests do."""
    return {**os.environ, "PYTHONPATH": f"{TESTS.parent / '.pkg'}:{TESTS}", "PYTHONWARNINGS": "error"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """A scripted model server in a process of its own, which can be killed and started again at the same address."""

    def __init__(self, directory: Path, texts: list[str], latency: float = 0.004) -> None:
        self.log = directory / "server.log"
        self.log.touch()
        self._port = free_port()
        self._command = [sys.executable, "-m", "treewright.value_models.scripted_server", "--port", str(self._port)]
        self._command += ["--latency", str(latency), "--log", str(self.log), "--texts", *texts]
        self.url = f"http://127.0.0.1:{self._port}/v1"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=environment(), stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def count(self) -> int:
        """How many requests were answered so far."""
        return self.log.read_bytes().count(b"\n")

    def answered(self) -> list[dict[str, Any]]:
        """The requests answered so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def serving(directory: Path, texts: list[str]) -> Iterator[ServerProcess]:
    server = ServerProcess(directory, texts)
    try:
        yield server
    finally:
        server.kill()


@cache
def forker() -> RunForker:
    return RunForker(environment())


def start_run(what: str, run: Path, url: str, load: str, mode: str, file_size: int | None = None) -> ForkedRun:
    """Starts or resumes a run; with `file_size` no file of it can grow beyond so many bytes, as on a full disk."""
    return ForkedRun(forker(), run, [what, str(run), url, load, mode], file_size)


def finish_run(process: ForkedRun) -> dict[str, Any]:
    """Waits for a run's end and gives its trees."""
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    trees: dict[str, Any] = json.loads(out)
    return trees


def kill_after(process: ForkedRun, server: ServerProcess, answers: int, seconds: float) -> bool:
    """Kills a run once the server has given so many more answers and some time has passed; False where it ended
    first.
    """
    target = server.count() + answers
    while process.poll() is None and server.count() < target:
        time.sleep(0.001)
    time.sleep(seconds)
    alive = process.poll() is None
    process.kill()
    process.communicate()
    return alive
