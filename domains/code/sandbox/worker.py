"""One warm worker: a zygote in its own namespaces, asked for one process at a time."""

from __future__ import annotations

import array
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from .cgroup import Cgroup, Hierarchy
from .inside.wire import MAX_ORDER
from .memory import resident
from .processor import Use, use
from .protocol import BadProgram, Limits, NoSandbox, SandboxBroken

Mode = Literal["run", "parse", "serve", "examine"]

START = "import sys; sys.path.insert(0, sys.argv[2]); from inside.keeper import main; main()"
_START_SECONDS = 30.0
_HOME = str(Path(__file__).resolve().parent)


@dataclass(frozen=True, slots=True)
class Setting:
    """How workers of one sandbox are started.

    Attributes:
        outer: the command of an outer wall, put before the interpreter's; empty for none.
        binds: read-only places inside -> paths outside, next to the system's.
        groups: where each worker gets a control group; None for no such bound.
    """

    outer: tuple[str, ...] = ()
    binds: Mapping[str, str] = field(default_factory=dict)
    groups: Hierarchy | None = None


def interpreter() -> str:
    """The Python that programs run on: this one's, without the packages of its virtual environment."""
    found: str = getattr(sys, "_base_executable", sys.executable)
    return os.path.realpath(found)


class Worker:
    """A process that forks programs. `open` is called again only after the cell before it is released.

    Raises:
        NoSandbox: it does not start; the message has the kernel's reason.
    """

    def __init__(self, setting: Setting) -> None:
        self.runs = 0
        self._doomed = False
        self._orders = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        config = {
            "control": theirs.fileno(),
            "interpreter": sys.base_prefix,
            "python": interpreter(),
            "binds": dict(setting.binds),
            "packages": any(place.startswith("/packages") for place in setting.binds),
            "home": _HOME,
        }
        self._group = None if setting.groups is None else Cgroup(setting.groups)
        joining = () if self._group is None else self._group.command()
        command = [
            *joining,
            *setting.outer,
            interpreter(),
            "-s",
            "-S",
            "-P",
            "-B",
            "-c",
            START,
            json.dumps(config),
            _HOME,
        ]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env={"PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
                start_new_session=True,  # Ctrl-C is for the caller
            )
        self._control.settimeout(_START_SECONDS)
        self._await_ready()

    @property
    def pid(self) -> int:
        """The process outside the namespaces; all that the worker does is below it."""
        return self._process.pid

    def open(self, mode: Mode, limits: Limits, *, seconds: float, collect: Sequence[str] = ()) -> Cell:
        """Has a process forked behind the wall; it waits for its job on the cell's stream.

        Args:
            mode: what the process is for.
            limits: what it may use.
            seconds: wall time that it may live; the cell's user watches over it.
            collect: patterns of files to send back when it has ended.

        Raises:
            SandboxBroken: the worker is gone, or the sandbox is closed.
            BadProgram: too many patterns.
        """
        order = {"mode": mode, "limits": {**asdict(limits), "cpu_seconds": 4 * seconds}, "collect": list(collect)}
        message = json.dumps(order).encode()
        if len(message) > MAX_ORDER:
            raise BadProgram(f"the patterns of files to collect take {len(message)} bytes; at most {MAX_ORDER} fit")
        out, err = os.pipe(), os.pipe()
        stream, theirs = socket.socketpair()
        sent = array.array("i", [out[1], err[1], theirs.fileno()])
        self.runs += 1
        try:
            if self._group is not None:
                self._group.bound(limits.memory, limits.disk, limits.processes)
            with self._orders:
                if self._doomed:
                    raise SandboxBroken("the sandbox is closed")
                ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)]
                self._control.sendmsg([message], ancillary)
        except (OSError, SandboxBroken) as error:
            os.close(out[0])
            os.close(err[0])
            stream.close()
            raise SandboxBroken(f"a worker of the sandbox takes no program: {error}") from error
        finally:
            os.close(out[1])
            os.close(err[1])
            theirs.close()
        return Cell(self, out[0], err[0], stream)

    def doom(self) -> None:
        """Has the process of the open cell killed and no other forked; from another thread than the cell's."""
        with self._orders:
            self._doomed = True
            self.order_kill()

    def order_kill(self) -> None:
        """Has the process of the open cell killed, with all that it started."""
        try:
            self._control.send(b'{"kill": true}')
        except OSError:
            self._process.kill()

    def control(self) -> int:
        """Readable when the process of the open cell has ended."""
        return self._control.fileno()

    def ended(self) -> int:
        """The wait status of the process of the open cell.

        Raises:
            SandboxBroken: the worker ended with it.
        """
        told = self._read()
        if "status" not in told:
            raise SandboxBroken(f"a worker of the sandbox failed: {told.get('failed', 'it ended')}")
        return int(told["status"])

    def starved(self) -> bool:
        """Whether the kernel ended a process of the open cell for want of memory."""
        return self._group is not None and self._group.starved()

    def close(self) -> None:
        """Ends the worker and everything below it, and waits."""
        self._control.close()
        try:
            self._process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        if self._group is not None:
            self._group.close()

    def _await_ready(self) -> None:
        told = self._read()
        if "ready" in told:
            self._control.settimeout(None)
            return
        self._process.kill()
        _, errors = self._process.communicate()
        self._control.close()
        if self._group is not None:
            self._group.close()
        why = told.get("failed") or errors.decode(errors="replace").strip()[-500:] or "it ended without a word"
        raise NoSandbox(f"a worker does not start: {why}")

    def _read(self) -> dict[str, Any]:
        try:
            message = self._control.recv(4096)
        except OSError as error:
            return {"failed": str(error)}
        found: dict[str, Any] = json.loads(message) if message else {}
        return found


class Cell:
    """One process of a worker, from its fork to its end.

    Attributes:
        stdout, stderr: descriptors to read what it writes.
        reading, writing: descriptors of the stream to it; here they are one.
        ending: a descriptor that is readable when it has ended.
    """

    def __init__(self, worker: Worker, stdout: int, stderr: int, stream: socket.socket) -> None:
        self.stdout: int | None = stdout
        self.stderr = stderr
        self.ending = worker.control()
        self._worker = worker
        self._stream = stream
        self.writing = stream.fileno()
        self.reading: int | None = self.writing
        for descriptor in (stdout, stderr, self.writing):
            os.set_blocking(descriptor, False)

    def kill(self) -> None:
        """Ends it and all of its descendants."""
        self._worker.order_kill()

    def status(self) -> int:
        """Its wait status, once `ending` is readable."""
        return self._worker.ended()

    def left(self) -> Sequence[bytes]:
        """Nothing: collected files come over the stream."""
        return ()

    def memory(self) -> int:
        """Resident bytes of it and all of its descendants."""
        return resident(self._worker.pid)

    def use(self) -> Use:
        """What it, its worker and all of its descendants had of the processors."""
        return use(self._worker.pid)

    def starved(self) -> bool:
        """Whether the kernel ended a process of it for want of memory."""
        return self._worker.starved()

    def release(self) -> None:
        """Closes the descriptors; the worker is free for another."""
        for descriptor in (self.stdout, self.stderr):
            if descriptor is not None:
                os.close(descriptor)
        self._stream.close()
