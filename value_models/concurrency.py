"""Waiting for several requests at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


async def settled(calls: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order, once all calls have ended, however they did; then the first error, in order, is raised."""
    if len(calls) == 1:
        return [await calls[0]]
    results: list[T] = []
    for answer in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer
        results.append(answer)
    return results


class LoopLock:
    """A lock for each event loop: `async with lock():` in an object that several loops use, one after the other too."""

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    def __call__(self) -> asyncio.Lock:
        """The running event loop's lock."""
        return self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())


async def together(calls: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order; the first error cancels the other calls and is raised as it is."""
    if len(calls) == 1:
        return [await calls[0]]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
