"""Waiting for several requests at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

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
