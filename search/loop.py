"""The event loop of scripts and commands."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on uvloop, whose loop spends less of the process's time on each socket than asyncio's own.

    A search works on any event loop; this is the one that `solve` and the commands use.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
