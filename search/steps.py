"""Threads for the domain's work, so that the event loop never waits for a step."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

LOOK_AGAIN = 0.01  # seconds after which another thread is started if no job has ended in the meantime


class StepThreads:
    """Runs jobs in threads and gives their results to the event loop.

    Quick jobs share one thread, since Python runs one at a time anyway; another is started only while jobs wait and
    none ends. What ends while the loop is busy is handed over in one go, which makes a job some ten times cheaper
    than in `concurrent.futures`. The threads are daemons: a job that never ends does not hold up the process.

    Args:
        most: threads at most; one whose job was given up does not count.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._jobs: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = SimpleQueue()
        self._ended: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = False
        self._threads = 0
        self._given_up = 0
        self._watch: asyncio.TimerHandle | None = None
        self._ends = 0

    async def run(self, job: Callable[[], T]) -> T:
        """Runs `job` in a thread and gives its result; a caller that is cancelled does not wait for its end."""
        loop = self._loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put((job, future))
        if self._threads == 0:
            self._start()
        elif self._watch is None:
            self._watch = loop.call_later(LOOK_AGAIN, self._look, self._ends)
        try:
            return await future
        except asyncio.CancelledError:
            self._given_up += 1
            raise

    def close(self) -> None:
        """Ends the threads; a job that still runs is not waited for."""
        if self._watch is not None:
            self._watch.cancel()
        for _ in range(self._threads):
            self._jobs.put(None)

    def _start(self) -> None:
        self._threads += 1
        Thread(target=self._work, name=f"domain-{self._threads}", daemon=True).start()

    def _look(self, ends: int) -> None:
        assert self._loop is not None
        self._watch = None
        if self._jobs.empty():
            return
        if ends == self._ends and self._threads < self._most + self._given_up:
            self._start()
        self._watch = self._loop.call_later(LOOK_AGAIN, self._look, self._ends)

    def _work(self) -> None:
        while (entry := self._jobs.get()) is not None:
            job, future = entry
            result, error = None, None
            if not future.cancelled():
                try:
                    result = job()
                except BaseException as raised:
                    error = raised
            self._ended.append((future, result, error))
            del entry, job, future, result, error
            if not self._told:
                self._told = True
                assert self._loop is not None
                try:
                    self._loop.call_soon_threadsafe(self._deliver)
                except RuntimeError:  # the loop is closed: nobody waits for this any more
                    return

    def _deliver(self) -> None:
        # Before the queue is emptied: what ends after its last look asks for another delivery.
        self._told = False
        while self._ended:
            future, result, error = self._ended.popleft()
            self._ends += 1
            if future.cancelled():
                self._given_up -= 1
            elif error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)
