"""Equality of mathematical answers by math-verify, in a worker process that is killed when it takes too long."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from time import monotonic
from typing import Any

from ..protocol import DomainError

_START_SECONDS = 120.0


class NotVerified(DomainError):
    """Two answers that could not be compared; the message says why."""


class Verifier:
    """Compares answers in a process of its own, started on first use and stopped with this object or at exit.

    math-verify's own time limit is a signal, which works in a main thread only and cannot interrupt one long
    multiplication; hence a process. It is a plain child that runs one file, because multiprocessing's ways to start a
    clean process run the user's script again. Calls from several threads are answered one after the other.

    Args:
        timeout: seconds for one comparison; math-verify takes about a millisecond.
    """

    def __init__(self, timeout: float = 5.0) -> None:
        self.timeout = timeout
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._finalizer: weakref.finalize[[subprocess.Popen[bytes]], Verifier] | None = None

    def equal(self, gold: str, answer: str) -> bool:
        """Whether math-verify takes `answer` as equal to `gold`, both plain or LaTeX.

        Raises:
            NotVerified: no verdict within the time limit, or none within the worker's 4 GiB of memory.
            DomainError: the worker does not start.
        """
        with self._lock:
            worker = self._worker
            if worker is None or worker.poll() is not None:
                self._stop()
                worker = self._start()
            question = {"gold": gold, "answer": answer, "seconds": self.timeout}
            try:
                reply = _ask(worker, question, self.timeout)
            except (TimeoutError, EOFError, BrokenPipeError) as error:
                self._stop()
                raise NotVerified(f"{answer[:60]!r} against {gold[:60]!r}: {error}") from None
        if "error" in reply:
            raise NotVerified(f"{answer[:60]!r} against {gold[:60]!r}: {reply['error']}")
        return bool(reply["equal"])

    def close(self) -> None:
        """Stops the worker; the next call starts another."""
        with self._lock:
            self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        program = Path(__file__).with_name("verifier_worker.py")
        worker = subprocess.Popen(
            [sys.executable, "-P", str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the caller, who may still want to grade what was found.
        )
        self._worker = worker
        self._finalizer = weakref.finalize(self, _kill, worker)
        try:
            _read(worker, _START_SECONDS)
        except (TimeoutError, EOFError) as error:
            self._stop()
            raise DomainError(
                f"the math-verify worker does not start: {error}; try: {sys.executable} -c 'import math_verify'"
            ) from None
        return worker

    def _stop(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._worker = self._finalizer = None


def _ask(worker: subprocess.Popen[bytes], question: dict[str, Any], seconds: float) -> dict[str, Any]:
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(question).encode() + b"\n")
    return _read(worker, seconds)


def _read(worker: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
    assert worker.stdout is not None
    descriptor = worker.stdout.fileno()
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    deadline, line = monotonic() + seconds, b""
    while not line.endswith(b"\n"):
        if not poller.poll(max(deadline - monotonic(), 0.0) * 1000):
            raise TimeoutError(f"no verdict within {seconds:g} s")
        part = os.read(descriptor, 65_536)
        if not part:
            raise EOFError("the worker process ended")
        line += part
    reply: dict[str, Any] = json.loads(line)
    return reply


def _kill(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            pipe.close()
