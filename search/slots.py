"""The limit on model requests in flight."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from .status import Status


class Slots:
    """Places for model requests; who finds none waits in line, and the limit may change while some wait.

    Use it as an asynchronous context manager, or call `take` and `give` in pairs.

    Args:
        limit: requests in flight at once, at least 1.
        status: told how many are in flight.

    Attributes:
        on_raise: called when the limit is raised.
    """

    def __init__(self, limit: int, status: Status) -> None:
        self._limit = limit
        self._status = status
        self.on_raise: Callable[[], None] | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """Requests in flight at once; a lower limit interrupts none that are under way."""
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        raised, self._limit = limit > self._limit, limit
        self._wake()
        if raised and self.on_raise is not None:
            self.on_raise()

    @property
    def waiting(self) -> int:
        """How many wait in line."""
        return len(self._waiting)

    async def take(self, *, first: bool = False) -> None:
        """Takes a place, at once or when one is free; `first` goes to the head of the line."""
        if self._status.requests < self._limit and not self._waiting:
            self._status.requests += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.remove(turn)
            else:
                self.give()
            raise

    def give(self) -> None:
        """Gives a place back."""
        self._status.requests -= 1
        self._wake()

    async def __aenter__(self) -> None:
        await self.take()

    async def __aexit__(self, *_: object) -> None:
        self.give()

    def _wake(self) -> None:
        while self._waiting and self._status.requests < self._limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._status.requests += 1
                turn.set_result(None)
