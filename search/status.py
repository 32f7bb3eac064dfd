"""How far a search is, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from .budget import Prices


@dataclass(slots=True)
class Status:
    """Kept up to date by the search while it goes on.

    Attributes:
        tasks, done, solved: tasks given, finished, and passed by the grader.
        requests: model requests in flight.
        policy_tokens, value_tokens: used so far.
        late: requests and steps given up past a deadline.
        prefix_hit_rate: share of prompt tokens that the policy's server found in its prefix cache since the search's
            start, whoever sent them; None where the server does not say.
        cached: model calls that the cache answered.
        dollars: spent so far, by `prices`, the budget's price table.
        pausing: whether the search was asked to finish what is in flight and stop.
        on_pause: called when it is; set by the search.
        started, ended: `time.monotonic()` at the search's start and end.
    """

    tasks: int = 0
    done: int = 0
    solved: int = 0
    requests: int = 0
    policy_tokens: int = 0
    value_tokens: int = 0
    late: int = 0
    prefix_hit_rate: float | None = None
    started: float | None = None
    ended: float | None = None
    cached: int = 0
    dollars: float = 0.0
    prices: Prices = field(default_factory=Prices)
    pausing: bool = False
    on_pause: Callable[[], None] | None = None

    def pause(self) -> None:
        """Asks the search to finish what is in flight and stop; call it in the search's event loop."""
        self.pausing = True
        if self.on_pause is not None:
            self.on_pause()

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the start, or from start to end."""
        if self.started is None:
            return 0.0
        return (monotonic() if self.ended is None else self.ended) - self.started
