"""Strengths that are another program's: one command a process, no warm workers. Slower, behind the same protocol."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import BoundedSemaphore

from .base import Walled
from .inside import collect
from .memory import resident
from .processor import Use, use
from .protocol import Limits, SandboxBroken, SandboxError
from .session import Session, ended
from .worker import Mode

START = "import sys; sys.path.insert(0, sys.argv[2]); from inside.{} import main; main()"
HOME = str(Path(__file__).resolve().parent)
_ENGINE_FAILED = 125


@dataclass(frozen=True, slots=True)
class Launch:
    """One process that is to be started.

    Attributes:
        name: a name that no other process has.
        limits: what it may use.
        work: a directory of its own on the host, empty.
    """

    name: str
    limits: Limits
    work: str


@dataclass(frozen=True, slots=True)
class Wall:
    """How a command puts up a wall.

    Attributes:
        command: the words before the interpreter's own (`-c START CONFIG HOME`), the interpreter's name included.
        module: the file of `inside` that plays the job.
        home: where this folder is behind the wall.
        work: where a process works; None for `Launch.work`.
        stop: a command that ends a process by its name, beside killing the one that was started.
        closed: whether capabilities and system calls are given up behind the wall, too.
        contained: whether the wall bounds memory and processes itself.
        environment: variables of the command.
    """

    command: Callable[[Launch], Sequence[str]]
    module: str = "single"
    home: str = HOME
    work: str | None = None
    stop: Callable[[str], Sequence[str]] | None = None
    closed: bool = True
    contained: bool = False
    environment: Mapping[str, str] | None = None


class CommandSandbox(Walled):
    """Programs in processes that a command starts behind its wall.

    Args:
        strength: its name.
        wall: the command.
        workers: processes at once; as many examiners beside them.
    """

    def __init__(self, strength: str, wall: Wall, workers: int) -> None:
        self.strength = strength
        self._wall = wall
        # Whoever holds an examiner holds a program already, so nobody waits in a circle.
        self._programs, self._examiners = BoundedSemaphore(workers), BoundedSemaphore(workers)

    @contextmanager
    def session(self, mode: Mode, limits: Limits, seconds: float, collect: Sequence[str] = ()) -> Iterator[Session]:
        """A process of its own.

        Raises:
            SandboxError: files are to be collected from a wall that keeps them.
            SandboxBroken: the command failed.
        """
        if collect and self._wall.work is not None:
            raise SandboxError(f"the strength {self.strength!r} gives no files back; print what is wanted")
        with (
            self._examiners if mode == "examine" else self._programs,
            tempfile.TemporaryDirectory(prefix="treewright-", ignore_cleanup_errors=True) as work,
        ):
            launch = Launch(f"treewright-{uuid.uuid4().hex}", limits, work)
            with ended(Session(Cell(self._wall, launch, mode, seconds, collect), limits)) as session:
                yield session

    def close(self) -> None:
        """Nothing stays open between two programs."""


def words(wall: Wall, launch: Launch, mode: Mode, seconds: float) -> list[str]:
    """The whole command of a process."""
    config = {
        "mode": mode,
        "limits": {**asdict(launch.limits), "cpu_seconds": 4 * seconds},
        "work": wall.work or f"{launch.work}/work",
        "closed": wall.closed,
        # Without a user namespace the limit counts all processes of the user; the wall's own count is what holds.
        "others": 0 if wall.contained else 4096,
    }
    return [*wall.command(launch), "-c", START.format(wall.module), json.dumps(config), wall.home]


class Cell:
    """One process that a command started; see `session.Cell`."""

    def __init__(self, wall: Wall, launch: Launch, mode: Mode, seconds: float, patterns: Sequence[str]) -> None:
        self._wall, self._launch, self._patterns = wall, launch, patterns
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(
            words(wall, launch, mode, seconds),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=launch.work,
            env={**environment, **(wall.environment or {})},
            start_new_session=True,
        )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.ending = os.pidfd_open(process.pid)
        self.stdout = process.stdout.fileno() if mode == "run" else None
        self.reading = None if mode == "run" else process.stdout.fileno()
        self.stderr, self.writing = process.stderr.fileno(), process.stdin.fileno()
        for pipe in (process.stdin, process.stdout, process.stderr):
            os.set_blocking(pipe.fileno(), False)

    def kill(self) -> None:
        """Ends it, and by the wall's own command what is behind the wall."""
        if self._wall.stop is not None:
            subprocess.run(self._wall.stop(self._launch.name), capture_output=True, timeout=30, check=False)
        try:
            os.killpg(self._process.pid, 9)
        except ProcessLookupError:
            return

    def status(self) -> int:
        """Its wait status.

        Raises:
            SandboxBroken: a container engine could not start it.
        """
        code = self._process.wait()
        if self._wall.contained and code == _ENGINE_FAILED:
            raise SandboxBroken(f"the container {self._launch.name} did not start")
        # A container's engine tells a signal as the shell does.
        code = 128 - code if self._wall.contained and code > 128 else code
        return -code if code < 0 else code << 8

    def left(self) -> Sequence[bytes]:
        """The files that were to be collected."""
        if not self._patterns:
            return ()
        return (collect.pack(collect.gather(f"{self._launch.work}/work", self._patterns, collect.MOST)),)

    def memory(self) -> int:
        """Resident bytes of it and its descendants; 0 where the wall watches itself."""
        return 0 if self._wall.contained else resident(self._process.pid)

    def use(self) -> Use | None:
        """What it and its descendants had of the processors; None where they are another process's children."""
        return None if self._wall.stop is not None else use(self._process.pid)

    def starved(self) -> bool:
        """False: the walls that are commands do not tell."""
        return False

    def release(self) -> None:
        """Closes the descriptors."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        os.close(self.ending)


def find(*names: str) -> str | None:
    """The first of these programs that is installed."""
    return next((found for found in map(shutil.which, names) if found), None)
