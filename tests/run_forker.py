"""Starts runs as forks of one process that has imported the package already: a start costs milliseconds, not a second.

As a script it is that process: it reads a JSON line a request and answers it with one. A fork is a process like any
other: it has its own interpreter state, writes its own files, and dies by kill -9 alone.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn


class RunForker:
    """The process that forks; it ends with whoever made it, because its standard input does."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, *request: Any) -> Any:
        """Sends one request and waits for its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class ForkedRun:
    """One run: as much of `subprocess.Popen` as tests need."""

    def __init__(self, forker: RunForker, run: Path, arguments: list[str], file_size: int | None) -> None:
        self._forker = forker
        self._out, self._errors = (run.with_name(f"{run.name}.{end}") for end in ("out", "err"))
        self._pid = forker.ask("start", arguments, str(self._out), str(self._errors), file_size)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._forker.ask("poll", self._pid)
        return self.returncode

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self._pid, signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Waits for the end, killing the run at the timeout; what it wrote to standard output and error."""
        if self.returncode is None:
            self.returncode = self._forker.ask("wait", self._pid, timeout)
        return self._out.read_text(), self._errors.read_text()


def answer(what: str, *request: Any) -> Any:
    """What the forking process does for one request."""
    if what == "start":
        return start(*request)
    pid, timeout = request[0], request[1] if what == "wait" else None
    if timeout is not None:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, timeout)
    ended, status = os.waitpid(pid, os.WNOHANG if what == "poll" else 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return os.waitstatus_to_exitcode(status) if ended else None


def start(arguments: list[str], out: str, errors: str, file_size: int | None) -> int:
    """The process id of a new run."""
    pid = os.fork()
    if pid == 0:
        execute(arguments, out, errors, file_size)
    return pid


def execute(arguments: list[str], out: str, errors: str, file_size: int | None) -> NoReturn:
    """What a fork does: the run, and then it is gone, whatever happens."""
    import durable_run

    os.setsid()
    for path, to in ((os.devnull, 0), (out, 1), (errors, 2)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), to)
    if file_size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    code = 1
    try:
        code = durable_run.run(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(*json.loads(line))), flush=True)
