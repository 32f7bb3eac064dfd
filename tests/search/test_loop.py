"""The event loop of scripts and commands."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from treewright.search import run_async


async def loop_in_use() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


async def fails() -> None:
    raise LookupError("so it is")


def test_work_runs_on_uvloop_and_its_error_comes_back() -> None:
    assert isinstance(run_async(loop_in_use()), uvloop.Loop)
    with pytest.raises(LookupError, match="so it is"):
        run_async(fails())
