"""What all strengths share: a program is a session behind a wall; how that session is opened is the strength."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from time import monotonic
from types import TracebackType
from typing import Self

from .checks import Check
from .inside.collect import unpack
from .inside.wire import JOB, NEWS
from .job import job
from .protocol import Limits, Outcome, Program, Report, Test
from .session import Session, finish, pump
from .worker import Mode

DEFAULT = Limits()


class Walled(ABC):
    """A sandbox whose programs are sessions.

    Attributes:
        strength: the name of its wall.
    """

    strength: str

    @abstractmethod
    def session(
        self, mode: Mode, limits: Limits, seconds: float, collect: Sequence[str] = ()
    ) -> AbstractContextManager[Session]:
        """A process behind the wall that waits for its job; it is ended when the context is left."""

    @abstractmethod
    def close(self) -> None:
        """Ends all that runs and waits for it."""

    def run(self, program: Program, limits: Limits = DEFAULT) -> Outcome:
        """Runs a program once; see `Sandbox.run`."""
        with self.session("run", limits, limits.seconds, program.collect) as session:
            started = monotonic()
            session.send(JOB, job(program))
            if not pump([session], lambda: session.over, limits.seconds):
                finish(session, "timeout")
            seconds = monotonic() - started
            ending, code = session.ended_how()
            files = [content for kind, content in session.frames if kind == NEWS]
            return Outcome(
                ending,
                code,
                session.stdout.decode(errors="replace"),
                session.stderr.decode(errors="replace"),
                session.cut,
                seconds,
                unpack(files[-1]) if program.collect and files else {},
            )

    def check(self, program: Program, tests: Sequence[Test], setup: str = "", limits: Limits = DEFAULT) -> Report:
        """Runs a program against tests: one verdict each; see `Sandbox.check`."""
        return Check(self, program, setup, limits).report(tests)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
