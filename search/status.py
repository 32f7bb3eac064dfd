"""How far a search is, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic


@dataclass(slots=True)
class Status:
    """Kept up to date by the search while it goes on.

    Attributes:
        tasks, done, solved: tasks given, finished, and passed by the grader.
        requests: model requests in flight.
        policy_tokens, value_tokens: used so far.
        started, ended: `time.monotonic()` at the search's start and end.
    """

    tasks: int = 0
    done: int = 0
    solved: int = 0
    requests: int = 0
    policy_tokens: int = 0
    value_tokens: int = 0
    started: float | None = None
    ended: float | None = None

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the start, or from start to end."""
        if self.started is None:
            return 0.0
        return (monotonic() if self.ended is None else self.ended) - self.started
