"""A local vLLM server as a child process that never outlives its parent."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from . import guard
from .environment import Build, find_build, vllm_arguments, vllm_environment
from .errors import SetupFailed
from .small_model import NAME, fetch_small_model, logger


class Server:
    """A vLLM server on this machine: `with Server() as server: VLLM(server.url)`.

    It is stopped at the end of the `with` block, on Ctrl-C, and also when the process that started it dies in any
    other way (see guard.py).

    Args:
        model: a model's name or directory; None is the small model, fetched and converted on first use.
        host: address to listen on.
        port: port to listen on; 0 picks a free one.
        max_model_len: tokens that the context holds.
        enforce_eager: True skips compilation: a quicker start, slower tokens. None is True on the CPU, False on a GPU.
        log_path: the server's own output; by default a file in the system's temporary directory.
        arguments: more arguments for vLLM, as ("--max-num-seqs", "64").
        environment: more environment variables for vLLM; they win over those set here.
        start_timeout: seconds until the server must be ready.
        progress: told what is being done; by default the log is.

    Attributes:
        url: the address that `VLLM` takes, ending in /v1; known once it is started.
        log_path: the file with the server's output.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        max_model_len: int = 2048,
        enforce_eager: bool | None = None,
        log_path: str | Path | None = None,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        start_timeout: float = 600.0,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self._model = model
        self._host = host
        self._port = port
        self._max_model_len = max_model_len
        self._enforce_eager = enforce_eager
        self._arguments = tuple(arguments)
        self._environment = dict(environment or {})
        self._start_timeout = start_timeout
        self._progress = progress or logger.info
        self._process: subprocess.Popen[bytes] | None = None
        self.log_path = None if log_path is None else Path(log_path)
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the server and waits until it answers.

        Raises:
            SetupFailed: no vLLM here, a taken port, or the server ended or was not ready in time; the message has the
                last lines of its log.
        """
        if self._process is not None:
            raise SetupFailed(f"This server is already running at {self.url}.")
        build = find_build()
        port = _free_port(self._host, self._port)
        if self._model is None:
            command = self._command(build, fetch_small_model(self._progress), NAME, port)
        else:
            command = self._command(build, self._model, Path(self._model).name, port)
        if self.log_path is None:
            handle, name = tempfile.mkstemp(prefix="treewright-vllm-", suffix=".log")
            os.close(handle)
            self.log_path = Path(name)
        reachable = "127.0.0.1" if self._host in ("0.0.0.0", "::") else self._host
        self.url = f"http://{reachable}:{port}/v1"
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", guard.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**vllm_environment(build, self._model), **os.environ, **self._environment},
            )
        self._progress(f"Starting vLLM ({build} build) at {self.url}; log: {self.log_path}")
        try:
            self._wait_until_ready(f"http://{reachable}:{port}/health")
        except BaseException:
            self.stop()
            raise

    def wait(self) -> int:
        """Waits until the server ends by itself and gives its exit status.

        Raises:
            SetupFailed: it was not started.
        """
        if self._process is None:
            raise SetupFailed("This server is not running; start it first.")
        return self._process.wait()

    def stop(self) -> None:
        """Stops the server: SIGTERM, after 15 s SIGKILL to all its processes. A stopped one stays stopped."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(guard.GRACE + 5.0)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._process = None

    def _command(self, build: Build, model: str | Path, name: str, port: int) -> list[str]:
        # -P: a folder named like a module in the current directory must not be imported in its place.
        # The `vllm` command of the CPU build fails (it asks for a package named vllm), the module works for both.
        command = [sys.executable, "-P", "-m", "vllm.entrypoints.openai.api_server"]
        command += ["--host", self._host, "--port", str(port)]
        return [
            *command,
            *vllm_arguments(build, model, name, self._max_model_len, self._enforce_eager, self._arguments),
        ]

    def _wait_until_ready(self, health: str) -> None:
        assert self._process is not None
        deadline = time.monotonic() + self._start_timeout
        while time.monotonic() < deadline:
            if (status := self._process.poll()) is not None:
                raise SetupFailed(f"The vLLM server ended with exit status {status} while starting.{self._log_tail()}")
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(health, timeout=5) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.2)
        raise SetupFailed(f"The vLLM server was not ready within {self._start_timeout:.0f} s.{self._log_tail()}")

    def _log_tail(self, lines: int = 15) -> str:
        assert self.log_path is not None
        last = self.log_path.read_text(errors="replace").strip().splitlines()[-lines:]
        return f" The last lines of {self.log_path}:\n" + "\n".join(line[:300] for line in last)


def _free_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupFailed(
                f"Cannot listen on {host}:{port}: {error.strerror}. Choose another port, or 0."
            ) from error
        return int(probe.getsockname()[1])
