"""Warm browser contexts, each kept at the place where it was last used."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .place import Place
from .session import Session


@dataclass(slots=True, eq=False)
class Berth:
    """Room for one session.

    Attributes:
        session: None where there is none yet, or the last one was lost.
        place: where the session is; None while it is on its way, or where it was lost.
    """

    session: Session | None = None
    place: Place | None = None


class Pool:
    """A fixed number of berths; of the idle ones, the least recently used gives way.

    Pages whose clocks stand still cost memory alone, so there may be many more of them than work at a time.

    Args:
        size: contexts kept.
        at_once: contexts in use at a time.
    """

    def __init__(self, size: int, at_once: int) -> None:
        self._idle: OrderedDict[Berth, None] = OrderedDict((Berth(), None) for _ in range(size))
        self._turns = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def berth(self, place: Place | None) -> AsyncGenerator[Berth]:
        """A berth whose session is at `place` already, or else the least recently used; waits while all are in use."""
        async with self._turns:
            berth = self._best(place)
            del self._idle[berth]
            try:
                yield berth
            finally:
                self._idle[berth] = None

    def sessions(self) -> list[Session]:
        """Takes all sessions out of the idle berths, for whoever closes them."""
        found = [berth.session for berth in self._idle if berth.session is not None]
        for berth in self._idle:
            berth.session = berth.place = None
        return found

    def _best(self, place: Place | None) -> Berth:
        """The berth at `place`, else one that nobody will come back to, else the least recently used."""
        idle = list(self._idle)
        warm = [berth for berth in idle if place is not None and berth.place is place]
        useless = [berth for berth in idle if berth.place is None or berth.place.is_over]
        return (warm or useless or idle)[0]
