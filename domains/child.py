"""A process of our own that answers questions, a JSON line each, and is killed when one takes too long."""

from __future__ import annotations

import json
import os
import select
import subprocess
import threading
import weakref
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any


class Child:
    """Started on first use, stopped with this object or at exit, started anew after it has ended.

    It is a plain child that runs one command, because multiprocessing's ways to start a clean process run the user's
    script again. It writes a first line when it is ready, or {"failed": why} when it never will be. Calls from several
    threads are answered one after the other.

    Args:
        command: the program and its arguments.
        start_seconds: how long it may take to be ready.
        environment: its environment variables; by default this process's.
    """

    def __init__(
        self, command: Sequence[str], *, start_seconds: float, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = list(command)
        self._start_seconds = start_seconds
        self._environment = environment
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._finalizer: weakref.finalize[[subprocess.Popen[bytes]], Child] | None = None

    def ask(self, question: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The reply to one question.

        Raises:
            TimeoutError: none came in time; the process was killed.
            EOFError: the process ended instead.
            ChildProcessError: the process does not start.
        """
        with self._lock:
            process = self._process
            if process is None or process.poll() is not None:
                self._stop()
                process = self._start()
            try:
                assert process.stdin is not None
                process.stdin.write(json.dumps(question).encode() + b"\n")
                return _read(process, seconds)
            except BrokenPipeError:
                self._stop()
                raise EOFError("the process ended") from None
            except (TimeoutError, EOFError):
                self._stop()
                raise

    def close(self) -> None:
        """Stops the process; the next question starts another."""
        with self._lock:
            self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for the caller, who may still want to grade what was found.
        )
        self._process = process
        self._finalizer = weakref.finalize(self, _kill, process)
        try:
            failed = _read(process, self._start_seconds).get("failed")
        except (TimeoutError, EOFError) as error:
            failed = str(error)
        if failed is not None:
            self._stop()
            raise ChildProcessError(failed)
        return process

    def _stop(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._process = self._finalizer = None


def _read(process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
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


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
