"""One writer a run directory."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
from datetime import datetime
from pathlib import Path
from typing import IO

from ..errors import RunInUse

LOCK_NAME = "writer.lock"

_FLOCK = "hhqqi"  # Linux's struct flock: type, whence, start, length, pid

_held: set[Path] = set()


def writer_of(directory: Path) -> str | None:
    """Who writes a run at this moment, in words; None where nobody does. It takes no lock itself."""
    path = directory.resolve() / LOCK_NAME
    if path in _held:
        return f"this process (pid {os.getpid()})"
    try:
        with path.open("rb") as file:
            asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, *_, pid = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except FileNotFoundError:
        return None
    return None if kind == fcntl.F_UNLCK else f"pid {pid}"


class RunLock:
    """Held by the one process that writes a run; the kernel gives it back when the process ends, however it ends.

    Raises:
        RunInUse: another process holds it; the message gives its pid and host.
        OSError: the lock file cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory.resolve() / LOCK_NAME
        self._file: IO[str] | None = None
        # A lock of this kind belongs to a process, and is not inherited by what it forks: a sandbox or a worker that
        # outlives a killed search does not keep its run. So a second writer in this process is found by name.
        if self._path in _held:
            raise RunInUse(f"{directory} is being written by this process already (pid {os.getpid()})")
        file = self._path.open("a+")
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._holder(file)
            file.close()
            raise RunInUse(f"{directory} is being written by {holder}; one process at a time can") from error
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now():%F %T}"}))
        file.flush()
        self._file = file
        _held.add(self._path)

    def release(self) -> None:
        """Gives the lock back."""
        if self._file is not None:
            _held.discard(self._path)
            self._file.close()
            self._file = None

    @staticmethod
    def _holder(file: IO[str]) -> str:
        file.seek(0)
        try:
            said = json.loads(file.read())
            return f"pid {said['pid']} on host {said['host']} since {said['since']}"
        except (ValueError, KeyError, TypeError):
            return "another process, which has not yet said which"
