"""What a sandbox is: it runs programs that nobody trusts, and tests them where they cannot touch the verdict.

SandboxError            any error of a sandbox itself; never one of the program
+-- NoSandbox           no wall stands on this machine, or not the one that was asked for
+-- SandboxBroken       the wall or a worker behind it failed; the program has no verdict
+-- BadProgram          a program or test that no sandbox could take: a file name that leads outside
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Protocol, Self

from ...protocol import DomainError

Ending = Literal["exited", "signalled", "timeout", "memory", "output"]
Status = Literal["passed", "failed", "error", "timeout"]
Stage = Literal["parse", "load", "ready"]


class SandboxError(DomainError):
    """Any error of a sandbox itself; never one of the program that it runs."""


class NoSandbox(SandboxError):
    """No wall stands on this machine, or not the one that was asked for; the message says why and what would help."""


class SandboxBroken(SandboxError):
    """The wall or a worker behind it failed, so the program has no verdict; the worker was replaced."""


class BadProgram(SandboxError):
    """A program or a test that no sandbox could take; the message says which part and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one program may use.

    Attributes:
        seconds: wall time of a run; in `check`, of loading the program and of each test. A program that wants a
            processor which others have may take up to four times as long, until it has used so much processor time.
        total_seconds: wall time of a whole `check`, after which no further test begins; those are timeouts.
        memory: bytes of address space a process, and of resident memory of all its processes together.
        disk: bytes of the private working directory; a single file may be as large.
        processes: processes and threads at once.
        output: bytes of stdout and stderr that are kept, each; the rest is read and dropped.
        output_total: bytes of stdout and stderr together after which the program is ended.
    """

    seconds: float = 5.0
    total_seconds: float = 30.0
    memory: int = 1 << 30
    disk: int = 64 << 20
    processes: int = 32
    output: int = 64 << 10
    output_total: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run: Python source, or a command.

    Attributes:
        source: Python source; run as `__main__` by `run`, imported by `check`.
        argv: a command instead of source; its name is looked up in the sandbox's PATH.
        stdin: what the program reads.
        files: relative path -> content, put into the working directory first.
        collect: relative paths or patterns (`*.txt`, `**/*.py`) of files to give back in `Outcome.files`.
        defines: global names of the program that tests may use although Python has them, such as `sum` where the task
            is to write one. All other built-ins and standard modules are Python's own in tests.
    """

    source: str = ""
    argv: tuple[str, ...] = ()
    stdin: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    collect: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended.

    Attributes:
        ending: "exited" by itself, "signalled" (crashed), or ended by a limit: "timeout", "memory", "output".
        code: exit code where it exited, the signal's number where it was signalled, else None.
        stdout: what it wrote there, cut to the limit; bytes that are not UTF-8 are replaced.
        stderr: likewise.
        cut: whether any output was cut.
        seconds: wall time.
        files: the files that were to be collected; links, devices and what goes beyond 16 MiB are left out.
    """

    ending: Ending
    code: int | None
    stdout: str
    stderr: str
    cut: bool
    seconds: float
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the program ended by itself with exit code 0; it says nothing about what the program did."""
        return self.ending == "exited" and self.code == 0


@dataclass(frozen=True, slots=True)
class Assertion:
    """A test in Python: it passes when its statements run to their end.

    The statements run in another process than the program. Every global name of the program is there: plain data as a
    copy, functions, classes and objects as stand-ins that call into the program's process. What comes back is decoded
    as plain data of the built-in types, so nothing of the program's own takes part in a comparison.

    Attributes:
        name: unique among the tests of one check.
        code: statements, mostly `assert f(2) == 4`. They never enter the program's process.
    """

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A test by text: it passes when the program, given `stdin`, exits with 0 and writes `stdout`.

    Attributes:
        name: unique among the tests of one check.
        stdin: what the program reads.
        stdout: what it must write; white space at line ends and empty lines at the end do not count, and a number with
            a fraction or an exponent is right within 1e-6, relative or absolute.
    """

    name: str
    stdin: str
    stdout: str


Test = Assertion | Exchange


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one test found.

    Attributes:
        test: the test's name.
        status: "passed"; "failed" (an assertion does not hold, or another text was written); "error" (an exception, the
            program ended, or it could not be loaded); "timeout".
        message: why, in a few lines for a reader or a model; empty where it passed.
        output: what the program wrote to stdout and stderr meanwhile, cut to the limit.
        seconds: wall time.
    """

    test: str
    status: Status
    message: str = ""
    output: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    Attributes:
        stage: how far the program itself came: "parse" (a syntax error), "load" (an exception, an exit or a limit while
            it was imported), "ready". Always "parse" or "ready" where all tests are exchanges.
        message: why it came no further; empty where it is ready.
        verdicts: one a test, in order.
    """

    stage: Stage
    message: str
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(verdict.status == "passed" for verdict in self.verdicts)


class Sandbox(Protocol):
    """A place for programs that nobody trusts. Its methods may be called from several threads at once.

    Attributes:
        strength: which wall stands: "process", "bubblewrap", ...; "none" for the unsafe one.
    """

    strength: str

    def run(self, program: Program, limits: Limits = ...) -> Outcome:
        """Runs a program once.

        Raises:
            BadProgram: it cannot be run by any sandbox.
            SandboxBroken: the sandbox failed.
        """
        ...

    def check(self, program: Program, tests: Sequence[Test], setup: str = "", limits: Limits = ...) -> Report:
        """Runs a program against tests: one verdict each.

        Args:
            program: its source, and files that lie with it, not with the tests; `stdin` and `collect` do not apply, a
                command cannot be checked.
            tests: assertions share one loaded program, in order, until one ends it or runs out of time; the next one
                then gets a fresh one. Each exchange is a run of its own.
            setup: statements (imports, helpers, `def check(candidate)`) that run before the assertions, in their
                process; where they fail, so does every assertion, with their message.
            limits: for each run, and for the check.

        Raises:
            BadProgram: two tests share a name, or the program is a command or takes a file from outside.
            SandboxBroken: the sandbox failed.
        """
        ...

    def close(self) -> None:
        """Ends all that runs and waits for it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
