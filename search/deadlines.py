"""When a straggler is given up: a model request or a domain's step that takes too long."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import TypeVar

from ..value_models.errors import RequestLate

T = TypeVar("T")

SAMPLES = 256  # latest requests that the slowest are told by
ENOUGH = 64  # requests to have seen before any is cut as one of the slowest


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Limits on one request and one step; what passes them is cancelled, counted as "late", and its visit given back.

    A late request is sent again `retries` times at once. After that, and after a late step, the search may come back to
    the node, as to any other; the third time its trial is late, the node fails.

    Attributes:
        request: seconds for one model request, from when it has its slot; None leaves it to the client's own timeout.
        step: seconds for one observation or expansion by the domain, its wait for a thread included; None waits on.
        retries: how often a late request is sent again.
        slowest: share of requests in [0, 0.5) to give up as the slowest: one that takes longer than this share of the
            last 256 of its kind did is cut. 0 cuts none.
    """

    request: float | None = None
    step: float | None = None
    retries: int = 1
    slowest: float = 0.0

    def __post_init__(self) -> None:
        for name in ("request", "step"):
            seconds = getattr(self, name)
            if seconds is not None and not seconds > 0:
                raise ValueError(f"{name} is a number of seconds above 0, or None, not {seconds}")
        if self.retries < 0:
            raise ValueError(f"retries is a number of requests and at least 0, not {self.retries}")
        if not 0 <= self.slowest < 0.5:
            raise ValueError(f"slowest is a share of requests in [0, 0.5), not {self.slowest}")


class Stopwatch:
    """Keeps the time of one kind of request and gives up the late ones.

    The slowest are told by a quantile of past times: with a share s, the limit is the smallest time t of the last 256
    such that at most s of them were longer. A request that was cut counts as endless, so that cutting does not lower
    the limit by itself.

    Args:
        deadlines: the limits.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._times: deque[float] = deque(maxlen=SAMPLES)

    @property
    def limit(self) -> float | None:
        """Seconds that the next request may take; None is no limit."""
        limit = inf if self._deadlines.request is None else self._deadlines.request
        if self._deadlines.slowest and len(self._times) >= ENOUGH:
            longer = int(self._deadlines.slowest * len(self._times))
            limit = min(limit, sorted(self._times)[-1 - longer])
        return None if limit == inf else limit

    async def timed(self, work: Awaitable[T]) -> T:
        """Waits for a request and times it.

        Raises:
            RequestLate: it took too long and was cancelled.
        """
        limit, started = self.limit, monotonic()
        if limit is None and not self._deadlines.slowest:
            return await work
        try:
            async with asyncio.timeout(limit) as timeout:
                answer = await work
        except TimeoutError:
            if not timeout.expired():
                raise
            self._times.append(inf)
            raise RequestLate(f"a request was given up after {limit:.3g} s") from None
        self._times.append(monotonic() - started)
        return answer
