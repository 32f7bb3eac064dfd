"""The asynchronous driver: works on the engine's trials until every task is finished, many requests in flight."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from time import monotonic
from typing import Any

from ..value_models.errors import ModelError, Refused, ServerBusy, ServerUnreachable, UnknownModel, WrongPath
from .engine import Engine
from .result import Result
from .status import Status
from .trial import Outcome, Trial
from .worker import DomainFailed, Spent, Worker

MAX_BUSY = 8  # requests in a row that found the server busy until their retries were used up

_NO_KEY = (401, 403)


class Driver:
    """Drives one engine: hands its trials to a worker, tells it the outcomes, and grades what is finished.

    Args:
        engine: the engine, with its tasks added.
        worker: does the work of a trial.
        concurrency: trials in work at once, over all tasks.
        status: kept up to date while the search goes on.
    """

    def __init__(self, engine: Engine, worker: Worker, *, concurrency: int, status: Status) -> None:
        self._engine = engine
        self._worker = worker
        self._concurrency = concurrency
        self._status = status
        self._ready: asyncio.Queue[Result | None] = asyncio.Queue()
        self._woken = asyncio.Event()
        self._busy_in_a_row = 0
        self._fatal: BaseException | None = None

    async def results(self) -> AsyncGenerator[Result]:
        """Yields each task's graded result as soon as it is finished; the search goes on while the caller uses it.

        Raises:
            ModelError: no further request could succeed: the server is away or stays busy, refuses the key, or lacks
                the model or the endpoint.
            MissingPart: the recipe needs something that the policy or the value model cannot do.
        """
        driving = asyncio.create_task(self._drive())
        driving.add_done_callback(lambda _: self._ready.put_nowait(None))
        try:
            while (result := await self._ready.get()) is not None:
                yield result
            await driving
        finally:
            driving.cancel()
            await asyncio.gather(driving, return_exceptions=True)

    async def _drive(self) -> None:
        self._status.started = monotonic()
        working: set[asyncio.Task[None]] = set()
        closing: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._woken.clear()
                for trial in self._engine.ask(self._concurrency - len(working)):
                    self._start(self._work(trial), working)
                for result in self._engine.finished():
                    self._start(self._close(result), closing)
                if self._fatal is not None:
                    raise self._fatal
                if not working and not closing:
                    assert self._engine.unfinished == 0, "the engine has tasks left and hands out nothing"
                    return
                await self._woken.wait()
        finally:
            self._status.ended = monotonic()
            for task in (*working, *closing):
                task.cancel()
            await asyncio.gather(*working, *closing, return_exceptions=True)
            self._worker.close()

    def _start(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        def end(task: asyncio.Task[None]) -> None:
            among.discard(task)
            error = None if task.cancelled() else task.exception()
            self._fatal = self._fatal or error
            self._woken.set()

        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(end)

    async def _work(self, trial: Trial) -> None:
        """Takes one trial from request to outcome; an error that fails only this leaf becomes its outcome."""
        spent = Spent()
        try:
            outcome = await self._worker.outcome(trial, spent)
        except (ModelError, DomainFailed) as error:
            if self._ends_the_search(error):
                raise
            outcome = Outcome.failed(error, spent.policy, spent.value)
        else:
            self._busy_in_a_row = 0
        self._engine.tell(trial, outcome)

    def _ends_the_search(self, error: Exception) -> bool:
        """Whether no other leaf could be luckier, so that the search ends instead of failing node after node."""
        if isinstance(error, ServerBusy):
            self._busy_in_a_row += 1
            return self._busy_in_a_row >= MAX_BUSY
        if isinstance(error, Refused):
            return error.status in _NO_KEY
        return isinstance(error, ServerUnreachable | WrongPath | UnknownModel)

    async def _close(self, result: Result) -> None:
        result = await self._worker.graded(result)
        self._status.done += 1
        self._status.solved += result.solved
        self._ready.put_nowait(result)
