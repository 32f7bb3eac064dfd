"""The real model server that tests share: one that runs already, or `treewright serve` started for the session."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from treewright.value_models.environment import find_build
from treewright.value_models.errors import SetupFailed

NAMED = "TREEWRIGHT_TEST_SERVER"


class Served:
    """`treewright serve` with the small model, at one address however often it is started."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.directory = directory
        self.log = directory / "server.log"
        self.url = ""

    def start(self) -> None:
        """Returns when the command has printed that it is ready."""
        command = [sys.executable, "-m", "treewright.cli.main", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--log", str(self.log)], cwd=self.directory, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        said: list[str] = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("ready: "):
                self.url = line.split()[1]
                return
        raise AssertionError(f"treewright serve ended with {self.process.wait()}: {''.join(said)}")

    def stop(self) -> int:
        """Ctrl-C; gives the exit code."""
        with self.process:  # closes its pipe
            self.process.send_signal(signal.SIGINT)
            return self.process.wait(timeout=60)


def served(directory: Path) -> Iterator[Served]:
    """Gives a started server; skips the test, with the reason, where no vLLM could serve."""
    try:
        find_build()
    except SetupFailed as error:
        pytest.skip(f"no {NAMED}, and none can be started: {error}")
    server = Served(directory)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def named() -> str | None:
    """The address of a server that runs already: what $TREEWRIGHT_TEST_SERVER says."""
    return os.environ.get(NAMED)
