"""The asynchronous driver: works on the engine's trials until every task is finished, many requests in flight."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from time import monotonic
from typing import Any

from ..value_models.errors import ModelError, NoImages, Refused, ServerBusy, ServerUnreachable, UnknownModel, WrongPath
from .collector import rare_collections
from .engine import EVERYTHING, Engine
from .errors import Interrupted
from .journal import Journal, Turn
from .record import Spent
from .reexecution import RunClock
from .result import Result
from .status import Status
from .trial import Outcome, Trial
from .worker import DomainFailed, Worker

MAX_BUSY = 8  # requests in a row that found the server busy until their retries were used up

AT_ONCE = 256  # leaves of one turn, so that the first requests are out while further leaves are selected

_NO_KEY = (401, 403)


class Driver:
    """Drives one engine: hands its trials to a worker, tells it the outcomes, and grades what is finished.

    The engine is told and asked in turns: what is ready is told, in the order in which it became ready, and then as
    many leaves are asked for as there is room. A turn is in the journal before it is taken, so a run can be
    re-executed.

    Args:
        engine: the engine, with its tasks added.
        worker: does the work of a trial; its `slots` bound the requests in flight.
        status: kept up to date while the search goes on.
        journal: records each turn before it is taken; None keeps no record.
        clock: the engine's clock.
        deterministic: take a turn only when all trials in work are done, tell them in the order in which they were
            handed out, and ask for all that the recipe lets be in flight: equal answers then make equal trees, whatever
            other tasks there are.
        trials: trials that the engine has handed out already.
    """

    def __init__(
        self,
        engine: Engine,
        worker: Worker,
        *,
        status: Status,
        journal: Journal | None = None,
        clock: RunClock | None = None,
        deterministic: bool = False,
        trials: Sequence[Trial] = (),
    ) -> None:
        self._engine = engine
        self._worker = worker
        self._status = status
        self._journal = journal
        self._clock = clock or RunClock()
        self._deterministic = deterministic
        self._trials = trials
        self._ready: asyncio.Queue[Result | None] = asyncio.Queue()
        self._outcomes: list[tuple[Trial, Outcome]] = []
        self._working: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._unanswered = 0  # trials in work whose policy has not answered yet
        self._short = False  # whether the last turn got fewer leaves than there was room for
        self._woken = asyncio.Event()
        self._busy_in_a_row = 0
        self._fatal: BaseException | None = None

    async def results(self) -> AsyncGenerator[Result]:
        """Yields each task's graded result as soon as it is finished; the search goes on while the caller uses it.

        Raises:
            ModelError: no further request could succeed: the server is away or stays busy, refuses the key or the
                pictures, or lacks the model or the endpoint.
            MissingPart: the recipe needs something that the policy or the value model cannot do.
            JournalError: the journal cannot be written.
            Interrupted: the search was asked to pause and has finished what was in flight.
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
        with rare_collections():
            await self._search()

    async def _search(self) -> None:
        self._status.started, self._status.ended = self._status.started or monotonic(), None
        self._status.on_pause = self._woken.set
        self._worker.on_answer = self._answered
        self._worker.slots.on_raise = self._woken.set
        try:
            self._begin(self._trials)
            self._close_finished()
            while True:
                self._woken.clear()
                if self._fatal is not None:
                    raise self._fatal
                if not self._status.pausing and self._turn_is_due():
                    await self._turn()
                    continue
                if not self._working and not self._closing:
                    if self._status.pausing:
                        raise Interrupted("interrupted; what was in flight is finished")
                    assert self._engine.unfinished == 0, "the engine has tasks left and hands out nothing"
                    return
                await self._woken.wait()
        finally:
            self._status.ended = monotonic()
            at_work = (*self._working, *self._closing)
            for task in at_work:
                task.cancel()
            await asyncio.gather(*at_work, return_exceptions=True)
            self._worker.close()

    def _turn_is_due(self) -> bool:
        if self._deterministic and self._working:
            return False
        return bool(self._outcomes) or (self._room() > 0 and not self._short)

    def _room(self) -> int:
        """Leaves to ask for: as many as requests could be sent; in a deterministic search all, to be sent in turn.

        A trial whose policy has answered makes room for another while its steps and its value are on their way; there
        are at most twice as many trials as requests, since each trial in work is a visit that others cannot see.
        """
        if self._deterministic:
            return EVERYTHING
        limit, trials = self._worker.slots.limit, self._engine.in_flight - len(self._outcomes)
        return min(limit - self._unanswered, 2 * limit - trials)

    async def _turn(self) -> None:
        """Tells what is ready and asks for as many leaves as there is room, once this is in the journal."""
        limit = max(0, self._room())
        if not self._deterministic:
            limit = min(limit, AT_ONCE)
        told, self._outcomes = self._outcomes, []
        if self._deterministic:
            told.sort(key=lambda pair: pair[0].number)
        at = self._clock.advance()
        if self._journal is not None:
            errors = {trial.number: outcome.error for trial, outcome in told if outcome.error is not None}
            numbers = tuple(trial.number for trial, _ in told)
            await self._journal.turn(Turn(numbers, limit, at, self._engine.asked, errors))
        self._engine.tell_all(told)
        trials = self._engine.ask(limit)
        self._short = len(trials) < limit
        self._begin(trials)
        self._close_finished()

    def _begin(self, trials: Sequence[Trial]) -> None:
        """Starts work on trials; those of one subtree go out together, since the server reads what they share once."""
        for trial in sorted(trials, key=_place):
            self._unanswered += 1
            self._start(self._work(trial), self._working)

    def _answered(self) -> None:
        self._unanswered -= 1
        self._woken.set()

    def _close_finished(self) -> None:
        for result in self._engine.finished():
            self._start(self._close(result), self._closing)

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
        self._outcomes.append((trial, outcome))

    def _ends_the_search(self, error: Exception) -> bool:
        """Whether no other leaf could be luckier, so that the search ends instead of failing node after node."""
        if isinstance(error, ServerBusy):
            self._busy_in_a_row += 1
            return self._busy_in_a_row >= MAX_BUSY
        if isinstance(error, Refused) and not isinstance(error, NoImages):
            return error.status in _NO_KEY
        return isinstance(error, ServerUnreachable | WrongPath | UnknownModel | NoImages)

    async def _close(self, result: Result) -> None:
        result = await self._worker.graded(result)
        self._status.done += 1
        self._status.solved += result.solved
        self._ready.put_nowait(result)


def _place(trial: Trial) -> tuple[int, ...]:
    """Sorts trials by tree and, within it, by path."""
    return (trial.live.forest_tree, *(node.id for node in trial.live.tree.path(trial.node)))
