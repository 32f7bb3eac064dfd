"""A sandbox with no wall, in this process: for tests of what stands on the sandbox, with programs of their own."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from treewright.domains.code.sandbox.protocol import (
    Assertion,
    Limits,
    Outcome,
    Program,
    Report,
    Stage,
    Test,
    Verdict,
)


class InProcess:
    """Runs programs by `exec`; counts its checks."""

    strength = "none"

    def __init__(self) -> None:
        self.checks = 0

    def run(self, program: Program, limits: Limits = Limits()) -> Outcome:  # noqa: B008
        raise NotImplementedError("only checks are run in this process")

    def check(self, program: Program, tests: Sequence[Test], setup: str = "", limits: Limits = Limits()) -> Report:  # noqa: B008
        self.checks += 1
        try:
            code = compile(program.source, "program", "exec")
        except SyntaxError as error:
            return self._none("parse", str(error), tests)
        space: dict[str, Any] = {"__name__": "program"}
        if all(isinstance(test, Assertion) for test in tests):
            try:
                exec(code, space)
                exec(setup, space)
            except Exception as error:
                return self._none("load", f"{type(error).__name__}: {error}", tests)
        return Report("ready", "", tuple(self._verdict(test, program.source, space) for test in tests))

    def close(self) -> None:
        """Nothing to close."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _none(self, stage: Stage, message: str, tests: Sequence[Test]) -> Report:
        return Report(stage, message, tuple(Verdict(test.name, "error", message) for test in tests))

    def _verdict(self, test: Test, source: str, space: dict[str, Any]) -> Verdict:
        written = io.StringIO()
        try:
            if isinstance(test, Assertion):
                exec(test.code, dict(space))
                return Verdict(test.name, "passed")
            given, sys.stdin = sys.stdin, io.StringIO(test.stdin)
            try:
                with contextlib.redirect_stdout(written):
                    exec(source, {"__name__": "__main__"})
            finally:
                sys.stdin = given
            if written.getvalue().split() == test.stdout.split():
                return Verdict(test.name, "passed")
            return Verdict(test.name, "failed", f"it wrote {written.getvalue()!r}")
        except AssertionError as error:
            return Verdict(test.name, "failed", f"AssertionError: {error}")
        except Exception as error:
            return Verdict(test.name, "error", f"{type(error).__name__}: {error}")
