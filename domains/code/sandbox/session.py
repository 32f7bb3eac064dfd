"""The host's side of one process behind the wall: what it writes, its frames, its limits and its end."""

from __future__ import annotations

import os
import select
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from .clock import Clock
from .inside.wire import HEADER, MAX_FRAME, NEWS, frame
from .processor import Use
from .protocol import Ending, Limits, SandboxBroken

_WATCH_SECONDS = 0.05
_GRACE_SECONDS = 10.0
_CHUNK = 1 << 16
_MAX_RECEIVED = 8 * MAX_FRAME


class Cell(Protocol):
    """A process behind a wall, as `worker.Cell` and `commands.Cell` give it."""

    stdout: int | None
    stderr: int
    reading: int | None
    writing: int
    ending: int

    def kill(self) -> None:
        """Ends it and all of its descendants."""
        ...

    def status(self) -> int:
        """Its wait status, once `ending` is readable."""
        ...

    def left(self) -> Sequence[bytes]:
        """After its end: the files that were to be collected, packed, where they did not come over the stream."""
        ...

    def memory(self) -> int:
        """Resident bytes of it and all of its descendants; 0 where nobody can tell."""
        ...

    def use(self) -> Use | None:
        """What it and all of its descendants had of the processors; None where nobody can tell."""
        ...

    def starved(self) -> bool:
        """Whether the kernel ended a process of it for want of memory; False where nobody can tell."""
        ...

    def release(self) -> None:
        """Closes the descriptors."""
        ...


class Session:
    """Reads and feeds one cell without ever waiting for it; `pump` drives several at once.

    Attributes:
        frames: what came over its stream, (kind, content), oldest first.
        stdout, stderr: what it wrote, cut to the limit.
        cut: whether anything was cut.
        status: its wait status, None while it lives.
        stopped: the limit that it was ended by.
    """

    def __init__(self, cell: Cell, limits: Limits) -> None:
        self.cell = cell
        self.limits = limits
        self.frames: deque[tuple[int, bytes]] = deque()
        self.stdout, self.stderr = bytearray(), bytearray()
        self.cut = False
        self.status: int | None = None
        self.stopped: Ending | None = None
        self._written = self._received = 0
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._open = {found for found in (cell.stdout, cell.stderr, cell.reading) if found is not None}

    @property
    def over(self) -> bool:
        """Whether the process has ended."""
        return self.status is not None

    def send(self, kind: int, content: bytes) -> None:
        """Queues a frame for it."""
        self._outgoing += frame(kind, content)
        self._write()

    def stop(self, why: Ending) -> None:
        """Ends it, for good."""
        if not self.over and self.stopped is None:
            self.stopped = why
            self.cell.kill()

    def take_output(self) -> str:
        """What it wrote since the last call, stdout before stderr."""
        for descriptor in (self.cell.stdout, self.cell.stderr):
            if descriptor is not None:
                self._read_all(descriptor)
        text = (self.stdout + self.stderr).decode(errors="replace")
        self.stdout.clear()
        self.stderr.clear()
        return text

    def ended_how(self) -> tuple[Ending, int | None]:
        """The ending and its code, as `Outcome` has them."""
        assert self.status is not None
        if self.stopped is not None:
            return self.stopped, None
        code = os.waitstatus_to_exitcode(self.status)
        return ("exited", code) if code >= 0 else ("signalled", -code)

    def wanted(self) -> dict[int, int]:
        """Descriptor -> events to wait for."""
        found = dict.fromkeys(self._open, select.POLLIN)
        found[self.cell.ending] = select.POLLIN
        if self._outgoing:
            found[self.cell.writing] = found.get(self.cell.writing, 0) | select.POLLOUT
        return found

    def handle(self, descriptor: int) -> None:
        """Does what an event on a descriptor asks for."""
        if descriptor == self.cell.writing and self._outgoing:
            self._write()
        if descriptor in self._open:
            self._read(descriptor)
        elif descriptor == self.cell.ending:
            self._finish()

    def _finish(self) -> None:
        """Its end: all of its processes are gone, so what they wrote is in the pipes, and nothing more will come."""
        for descriptor in list(self._open):
            self._read_all(descriptor)
        self._open.clear()
        self.status = self.cell.status()
        if self.stopped is None and self.cell.starved():
            self.stopped = "memory"
        self.frames.extend((NEWS, content) for content in self.cell.left())

    def _write(self) -> None:
        try:
            sent = os.write(self.cell.writing, memoryview(self._outgoing)[:_CHUNK])
            del self._outgoing[:sent]
        except BlockingIOError:
            return
        except OSError:
            self._outgoing.clear()  # it ended, or closed its end: what it makes of that is its own affair

    def _read_all(self, descriptor: int) -> None:
        while descriptor in self._open and self._read(descriptor):
            pass

    def _read(self, descriptor: int) -> int:
        try:
            part = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return 0
        except OSError:
            part = b""
        if not part:
            self._open.discard(descriptor)
        elif descriptor == self.cell.reading:
            self._received += len(part)
            if self._received > _MAX_RECEIVED:
                self.stop("output")
            else:
                self._incoming += part
                self._split()
        else:
            self._keep(self.stdout if descriptor == self.cell.stdout else self.stderr, part)
        return len(part)

    def _keep(self, kept: bytearray, part: bytes) -> None:
        room = self.limits.output - len(kept)
        kept += part[:room]
        self.cut = self.cut or len(part) > room
        self._written += len(part)
        if self._written > self.limits.output_total:
            self.stop("output")

    def _split(self) -> None:
        while len(self._incoming) >= HEADER.size:
            length, kind = HEADER.unpack_from(self._incoming)
            if length > MAX_FRAME:
                self._incoming.clear()
                self.stop("output")
                return
            if len(self._incoming) < HEADER.size + length:
                return
            self.frames.append((kind, bytes(self._incoming[HEADER.size : HEADER.size + length])))
            del self._incoming[: HEADER.size + length]


def pump(sessions: Sequence[Session], until: Callable[[], bool], seconds: float) -> bool:
    """Drives sessions until something holds; False where their time is over first, as `Clock` has it.

    Raises:
        SandboxBroken: a worker failed.
    """
    clock = Clock([session.cell.use for session in sessions], seconds)
    watched = monotonic() + _WATCH_SECONDS
    while not until():
        now = monotonic()
        if now >= watched:
            watched = now + _WATCH_SECONDS
            clock.look()
            for session in sessions:
                if not session.over and session.cell.memory() > session.limits.memory:
                    session.stop("memory")
        poller, owners = select.poll(), {}
        for session in sessions:
            if not session.over:
                for descriptor, events in session.wanted().items():
                    poller.register(descriptor, events)
                    owners[descriptor] = session
        if not owners:
            return until()
        # This process may be late itself, so what has come by now is looked at before the clock is.
        wait = min(watched, clock.deadline) - now
        for descriptor, _ in poller.poll(wait * 1000 + 1 if wait > 0 else 0):
            owners[descriptor].handle(descriptor)
        if now >= clock.deadline and not until() and not clock.extended():
            return False
    return True


@contextmanager
def ended(session: Session) -> Iterator[Session]:
    """A session that is over, and its cell released, when the context is left."""
    try:
        yield session
    finally:
        try:
            finish(session, "timeout")
        finally:
            session.cell.release()


def finish(session: Session, why: Ending) -> None:
    """Ends a session that may still live, and waits for it.

    Raises:
        SandboxBroken: it does not end.
    """
    session.stop(why)
    if not pump([session], lambda: session.over, _GRACE_SECONDS):
        raise SandboxBroken(
            f"a process behind the wall did not end within {_GRACE_SECONDS:g} s of its {signal.SIGKILL.name}"
        )
