"""How long programs may go on: by the clock on the wall, and longer where the machine was too busy to run them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from .processor import Use

# Beyond its time on the wall a program may go on this many times as long, while others have the processors.
MOST_TIMES = 4.0
_MORE_SECONDS = 0.05
# What is used before the first look, and between two looks.
_SLACK_SECONDS = 0.1

Look = Callable[[], Use | None]


class Clock:
    """The time of programs that work on one thing, from now on.

    A loop is judged by the processor time that it had, so that a verdict does not depend on what else the machine does;
    a program that sleeps or waits, by the clock.

    Args:
        looks: one a program: what it has used so far, and whether it wants more; None where nobody can tell.
        seconds: on the clock, and of processor time.

    Attributes:
        deadline: on the monotonic clock; `extended` may move it.
    """

    def __init__(self, looks: Sequence[Look], seconds: float) -> None:
        self._looks = looks
        self._seconds = seconds
        self._first: float | None = None
        self.deadline = monotonic() + seconds
        self._latest = self.deadline + (MOST_TIMES - 1) * seconds

    def look(self) -> None:
        """The first call notes what was used before; the next ones do nothing."""
        if self._first is None:
            self._first = sum(found.seconds for found in self._seen())

    def extended(self) -> bool:
        """At the deadline: whether they may go on, because they want a processor and had too little of one."""
        self.look()
        assert self._first is not None
        now, found = monotonic(), self._seen()
        used = sum(seen.seconds for seen in found) - self._first
        if now >= self._latest or used >= self._seconds - _SLACK_SECONDS or not any(seen.wanting for seen in found):
            return False
        self.deadline = min(now + _MORE_SECONDS, self._latest)
        return True

    def _seen(self) -> list[Use]:
        return [seen for look in self._looks if (seen := look()) is not None]
