"""Equality of mathematical answers by math-verify, in a worker process that is killed when it takes too long."""

from __future__ import annotations

import sys
from pathlib import Path

from ..child import Child
from ..protocol import DomainError

_START_SECONDS = 120.0


class NotVerified(DomainError):
    """Two answers that could not be compared; the message says why."""


class Verifier:
    """Compares answers in a process of its own, started on first use and stopped with this object or at exit.

    math-verify's own time limit is a signal, which works in a main thread only and cannot interrupt one long
    multiplication; hence a process. Calls from several threads are answered one after the other.

    Args:
        timeout: seconds for one comparison; math-verify takes about a millisecond.
    """

    def __init__(self, timeout: float = 5.0) -> None:
        self.timeout = timeout
        program = Path(__file__).with_name("verifier_worker.py")
        self._worker = Child([sys.executable, "-P", str(program)], start_seconds=_START_SECONDS)

    def equal(self, gold: str, answer: str) -> bool:
        """Whether math-verify takes `answer` as equal to `gold`, both plain or LaTeX.

        Raises:
            NotVerified: no verdict within the time limit, or none within the worker's 4 GiB of memory.
            DomainError: the worker does not start.
        """
        question = {"gold": gold, "answer": answer, "seconds": self.timeout}
        try:
            reply = self._worker.ask(question, self.timeout)
        except ChildProcessError as error:
            raise DomainError(
                f"the math-verify worker does not start: {error}; try: {sys.executable} -c 'import math_verify'"
            ) from None
        except (TimeoutError, EOFError) as error:
            raise NotVerified(f"{answer[:60]!r} against {gold[:60]!r}: {error}") from None
        if "error" in reply:
            raise NotVerified(f"{answer[:60]!r} against {gold[:60]!r}: {reply['error']}")
        return bool(reply["equal"])

    def close(self) -> None:
        """Stops the worker; the next call starts another."""
        self._worker.close()
