"""The domain's threads: results, errors, slow jobs, jobs that are given up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from treewright.search.steps import StepThreads


@pytest.fixture
async def threads() -> AsyncIterator[StepThreads]:
    made = StepThreads(most=4)
    yield made
    made.close()


async def test_results_and_errors_reach_their_callers(threads: StepThreads) -> None:
    def fail() -> None:
        raise KeyError("no such state")

    jobs = [threads.run(lambda i=i: i * i) for i in range(100)]  # type: ignore[misc]
    assert await asyncio.gather(*jobs) == [i * i for i in range(100)]
    with pytest.raises(KeyError, match="no such state"):
        await threads.run(fail)


async def test_jobs_run_beside_the_loop(threads: StepThreads) -> None:
    assert await threads.run(threading.get_ident) != threading.get_ident()


async def test_a_slow_job_holds_up_no_other(threads: StepThreads) -> None:
    stuck = threading.Event()
    slow = [asyncio.create_task(threads.run(stuck.wait)) for _ in range(3)]
    assert await asyncio.wait_for(threads.run(lambda: "quick"), 5) == "quick"
    stuck.set()
    assert await asyncio.gather(*slow) == [True] * 3


async def test_a_job_that_is_given_up_takes_no_thread_from_the_others(threads: StepThreads) -> None:
    stuck = threading.Event()
    for _ in range(6):  # more than there are threads
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(threads.run(stuck.wait), 0.05)
    assert await asyncio.wait_for(threads.run(lambda: "quick"), 5) == "quick"
    stuck.set()


def test_a_job_that_outlives_its_loop_is_silent() -> None:
    stuck, started = threading.Event(), threading.Event()

    def job() -> None:
        started.set()
        stuck.wait()

    async def give_up() -> None:
        threads = StepThreads()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(threads.run(job), 0.05)
        threads.close()

    asyncio.run(give_up())
    assert started.is_set()
    (worker,) = [thread for thread in threading.enumerate() if thread.name.startswith("domain-")]
    stuck.set()
    worker.join(5)  # an error there would fail this test: unhandled thread exceptions are warnings
    assert not worker.is_alive()
