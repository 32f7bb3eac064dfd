"""A program against tests: the program in one process behind the wall, its tests in another, calls passed between."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from time import monotonic
from typing import Any, Protocol, cast

from .inside.values import NotPlain, dumps, loads
from .inside.wire import CALL, JOB, NEWS
from .job import job
from .protocol import Assertion, BadProgram, Exchange, Limits, Outcome, Program, Report, Stage, Status, Test, Verdict
from .session import Session, pump
from .worker import Mode

# Read here, before the wall: a program's global data, mostly.
_MAX_NEWS = 4 << 20
# Which digits of a fraction a program prints is its own choice; a whole number has one spelling.
_TOLERANCE = 1e-6
_SPACE = re.compile(r"(\s+)")
_WHOLE = re.compile(r"[-+]?\d+")
_NUMBER = re.compile(r"[-+]?(?:\d{1,300}\.?\d{0,300}|\.\d{1,300})(?:[eE][-+]?\d{1,3})?")
_ENDED = {
    "timeout": "it ran out of time",
    "memory": "it used more memory than it may",
    "output": "it wrote more than it may",
}


class Wall(Protocol):
    """What a check needs of a sandbox; see `base.Walled`."""

    def session(self, mode: Mode, limits: Limits, seconds: float) -> AbstractContextManager[Session]:
        """A process behind the wall that waits for its job."""
        ...

    def run(self, program: Program, limits: Limits) -> Outcome:
        """Runs a program once."""
        ...


class Check:
    """One check of one program; its clock starts here."""

    def __init__(self, sandbox: Wall, program: Program, setup: str, limits: Limits) -> None:
        if program.argv:
            raise BadProgram(f"a command cannot be checked: {' '.join(program.argv)!r}; give the program's source")
        self._sandbox = sandbox
        self._program = program
        self._job = job(replace(program, stdin=b""))
        self._setup = setup
        self._limits = limits
        self._deadline = monotonic() + limits.total_seconds
        self._stage: Stage = "ready"
        self._message = ""

    def report(self, tests: Sequence[Test]) -> Report:
        """All verdicts, in the order of the tests."""
        names = [test.name for test in tests]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise BadProgram(f"two tests are called {twice!r}; names are unique within a check")
        found: dict[str, Verdict] = {}
        assertions = [test for test in tests if isinstance(test, Assertion)]
        exchanges = [test for test in tests if isinstance(test, Exchange)]
        if assertions or not exchanges:
            found = {verdict.test: verdict for verdict in self._assertions(assertions)}
        else:
            self._parse()
        for exchange in exchanges:
            found[exchange.name] = self._exchange(exchange)
        return Report(self._stage, self._message, tuple(found[name] for name in names))

    def _parse(self) -> None:
        with self._sandbox.session("parse", self._limits, self._limits.seconds) as program:
            program.send(JOB, self._job)
            self._loaded(program)

    def _assertions(self, tests: list[Assertion]) -> list[Verdict]:
        """Tests share a program until one of them ends it or runs out of time; the rest get a fresh one."""
        verdicts: list[Verdict] = []
        while True:
            left = tests[len(verdicts) :]
            if verdicts and not left:
                return verdicts
            if self._left() <= 0:
                late = f"not reached within {self._limits.total_seconds:g} s"
                return verdicts + [Verdict(test.name, "timeout", late) for test in left]
            before = len(verdicts)
            with (
                self._sandbox.session("serve", self._limits, self._limits.total_seconds) as program,
                self._sandbox.session("examine", self._limits, self._limits.total_seconds) as examiner,
            ):
                program.send(JOB, self._job)
                names = self._loaded(program)
                if names is None and verdicts and self._left() <= 0:
                    # It could be loaded before: what ran out is the time of the whole check.
                    self._stage, self._message = "ready", ""
                    continue
                if names is None:
                    output = program.take_output()
                    return verdicts + [Verdict(test.name, "error", self._message, output) for test in left]
                verdicts += self._examine(program, examiner, names, left)
                program.stop("timeout")
                examiner.stop("timeout")
            if len(verdicts) == before:
                return verdicts

    def _loaded(self, program: Session) -> dict[str, Any] | None:
        """The program's names once it is loaded; None where it cannot be, with the stage and the message set."""
        in_time = pump([program], lambda: program.over or bool(program.frames), self._seconds())
        if program.frames:
            content = program.frames.popleft()[1]
            try:
                if len(content) > _MAX_NEWS:
                    raise NotPlain(f"its names take {len(content)} bytes; at most {_MAX_NEWS} are allowed")
                news = loads(content)
                stage, message = news["stage"], str(news.get("message", ""))
            except (NotPlain, KeyError, TypeError, AttributeError) as error:
                stage, message = "load", f"the program said nothing usable when it was loaded: {error}"
            if stage == "ready":
                return cast(dict[str, Any], news.get("names"))
            self._stage, self._message = "parse" if stage == "parse" else "load", message
        elif in_time:
            self._stage, self._message = "load", f"the program ended while it was loaded: {_end(program)}"
        else:
            self._stage, self._message = "load", f"the program was not loaded within {self._limits.seconds:g} s"
        return None

    def _examine(
        self, program: Session, examiner: Session, names: dict[str, Any], tests: list[Assertion]
    ) -> list[Verdict]:
        """Verdicts of tests in order, up to the first after which the program cannot be used again."""
        first = {"names": names, "defines": self._program.defines, "setup": self._setup}
        verdicts: list[Verdict] = []
        output = program.take_output()
        setup = self._order(program, examiner, first, "the setup of the tests")
        for test in tests:
            if setup.status == "timeout" or program.over or examiner.over:
                if verdicts:
                    break
                verdicts.append(replace(setup, test=test.name))
                continue
            verdict = self._order(program, examiner, {"code": test.code}, "the test")
            verdicts.append(replace(verdict, test=test.name, output=(output + verdict.output)[: self._limits.output]))
            output = ""
            if verdict.status == "timeout":
                break
        return verdicts

    def _order(self, program: Session, examiner: Session, order: dict[str, Any], what: str) -> Verdict:
        """Has the examiner run something, passes the calls on meanwhile, and takes its verdict."""
        started, limit = monotonic(), self._seconds()
        found: list[Any] = []

        def passed_on() -> bool:
            while examiner.frames:
                kind, content = examiner.frames.popleft()
                if kind == NEWS:
                    found.append(loads(content))
                elif kind == CALL:
                    program.send(CALL, content)
            while program.frames:
                kind, content = program.frames.popleft()
                if kind == CALL:
                    examiner.send(CALL, content)
            return bool(found) or program.over or examiner.over

        examiner.send(JOB, dumps(order))
        in_time = pump([program, examiner], passed_on, limit)
        output = program.take_output() + examiner.take_output()
        seconds = monotonic() - started
        if found:
            return Verdict("", cast(Status, found[0]["status"]), found[0]["message"], output, seconds)
        if not in_time or "timeout" in (program.stopped, examiner.stopped):
            return Verdict("", "timeout", f"{what} did not end within {limit:.2g} s", output, seconds)
        who, ended = ("the program", program) if program.over else ("the examiner", examiner)
        return Verdict("", "error", f"{who} ended during {what}: {_end(ended)}", output, seconds)

    def _exchange(self, test: Exchange) -> Verdict:
        if self._stage == "parse":
            return Verdict(test.name, "error", self._message)
        if self._left() <= 0:
            return Verdict(test.name, "timeout", f"not reached within {self._limits.total_seconds:g} s")
        room = max(self._limits.output, len(test.stdout.encode()) + 1024)
        limits = replace(self._limits, seconds=self._seconds(), output=room)
        outcome = self._sandbox.run(replace(self._program, stdin=test.stdin.encode(), collect=()), limits)
        output = (outcome.stdout + outcome.stderr)[: self._limits.output]
        status, message = compare(outcome.ending, outcome.code, outcome.stdout, test.stdout)
        if status == "error":
            message = f"{message}\n{outcome.stderr[-2000:].strip()}".strip()
        return Verdict(test.name, status, message, output, outcome.seconds)

    def _left(self) -> float:
        return self._deadline - monotonic()

    def _seconds(self) -> float:
        return max(min(self._limits.seconds, self._left()), 0.0)


def compare(ending: str, code: int | None, written: str, wanted: str) -> tuple[Status, str]:
    """The verdict on a run by its text: white space at line ends and empty lines at the end do not count.

    A number with a fraction or an exponent is right within 1e-6, relative or absolute; all else must be the same.
    """
    if ending == "timeout":
        return "timeout", "the program ran out of time"
    if ending != "exited" or code != 0:
        return "error", f"the program ended: {_ENDED.get(ending, f'{ending} with code {code}')}"
    lines, expected = ([line.rstrip() for line in text.rstrip().split("\n")] for text in (written, wanted))
    for number, (line, wish) in enumerate(zip(lines, expected, strict=False), 1):
        if not _same(line, wish):
            return "failed", f"line {number} is {line[:300]!r}; expected {wish[:300]!r}"
    if len(lines) != len(expected):
        return "failed", f"{len(lines)} lines; expected {len(expected)}"
    return "passed", ""


def _same(line: str, wish: str) -> bool:
    if line == wish:
        return True
    one, other = _SPACE.split(line), _SPACE.split(wish)
    return len(one) == len(other) and all(map(_same_word, one, other))


def _same_word(word: str, wish: str) -> bool:
    if word == wish:
        return True
    if not (_NUMBER.fullmatch(word) and _NUMBER.fullmatch(wish)) or _WHOLE.fullmatch(wish):
        return False
    return math.isclose(float(word), float(wish), rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _end(session: Session) -> str:
    if session.status is None:
        return "it was ended"
    ending, code = session.ended_how()
    if ending == "exited":
        return f"it exited with code {code}"
    return _ENDED.get(ending) or f"it crashed with signal {code}"
