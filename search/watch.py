"""Watches the policy's server: how many requests it can take, and how often its prefix cache is hit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from ..value_models.errors import ModelError
from ..value_models.load import ServerLoad
from ..value_models.protocols import Measured
from .slots import Slots
from .status import Status

AUTO: Literal["auto"] = "auto"
Concurrency = int | Literal["auto"]

START = 32  # requests in flight before the server has said anything
MOST = 4096
EVERY = 1.0  # seconds between two looks
TASKS = 256  # trees at once where the number of requests adapts
QUEUE = 0.1  # sequences that should wait, per running one
FULL = 0.95  # KV cache use from which on the server drops work that it has done


def check_concurrency(given: int | str, model: object, *, deterministic: bool = False) -> Concurrency:
    """The concurrency to use: a number, or AUTO where it is asked for and the model tells its server's load; a
    deterministic search's is always a number.

    Raises:
        ValueError: neither a number of requests nor "auto".
    """
    if given == AUTO:
        return AUTO if isinstance(model, Measured) and not deterministic else START
    if isinstance(given, str) or given < 1:
        raise ValueError(f"concurrency is a number of requests and at least 1, or 'auto', not {given!r}")
    return given


def tasks_at_once(concurrency: Concurrency) -> int:
    """Trees that grow at the same time."""
    return TASKS if isinstance(concurrency, str) else concurrency


def next_limit(limit: int, wanted: int, load: ServerLoad) -> int:
    """How many requests to have in flight, from what a server says.

    With r sequences running and w waiting:
    - KV cache in use above 0.95: 0.9 limit;
    - w > 0.25 r: limit (1 + 0.1) r / (r + w), so that about a tenth as many wait as run;
    - w = 0 and the search would send more (`wanted` >= limit): 2 limit;
    - otherwise as it is.

    Limits are in [8, 4096], rounded to whole requests. A ratio serves for requests of any number of proposals.
    """
    running, waiting = load.running, load.waiting
    if load.kv_use > FULL:
        asked = 0.9 * limit
    elif waiting > 0.25 * running:
        asked = limit * (1 + QUEUE) * max(running, 1.0) / (running + waiting)
    elif waiting == 0 and wanted >= limit:
        asked = 2.0 * limit
    else:
        asked = limit
    return min(max(round(asked), 8), MOST)


@asynccontextmanager
async def watching(model: object, slots: Slots, status: Status, *, adapt: bool) -> AsyncIterator[None]:
    """Keeps `status.prefix_hit_rate` up to date and, with `adapt`, the limit of `slots` to what the server can take.

    Nothing is done where the model does not tell its load; a look that fails is passed over, since the search's own
    requests will say what is wrong.
    """
    if not isinstance(model, Measured):
        yield
        return
    watch = _Watch(model, slots, status, adapt)
    looking = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await watch.look()


class _Watch:
    """One watch: the first look, and what each later one changes."""

    def __init__(self, model: Measured, slots: Slots, status: Status, adapt: bool) -> None:
        self._model = model
        self._slots = slots
        self._status = status
        self._adapt = adapt
        self._first: ServerLoad | None = None

    async def run(self) -> None:
        """Looks again and again, as long as the server tells anything."""
        while True:
            await self.look()
            if self._first is None:
                return
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """One look."""
        try:
            async with asyncio.timeout(EVERY):
                load = await self._model.load()
        except (ModelError, TimeoutError):
            return
        if load is None:
            return
        if self._first is None:
            self._first = load
            return
        self._status.prefix_hit_rate = load.hit_rate(self._first)
        if self._adapt:
            self._slots.limit = next_limit(self._slots.limit, self._status.requests + self._slots.waiting, load)
