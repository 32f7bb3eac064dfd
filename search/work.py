"""One search at work: an engine, who works for it, and the journal that both write."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path

from ..value_models.errors import ModelError
from .cache import AnswerCache
from .deadlines import Deadlines
from .driver import Driver
from .engine import Engine
from .errors import Interrupted, JournalError, RunPaused
from .journal import Journal
from .parts import Parts
from .reexecution import Recorded, RunClock
from .result import Result
from .status import Status
from .trial import Trial
from .watch import AUTO, START, Concurrency, watching
from .worker import Worker


@dataclass(slots=True)
class Work:
    """A search that is ready to start, or to go on.

    Attributes:
        trials: what the engine has handed out already.
        recorded: answers that the journal has already.
    """

    parts: Parts
    engine: Engine
    clock: RunClock
    concurrency: Concurrency
    deterministic: bool
    journal: Journal | None
    status: Status
    patience: float
    deadlines: Deadlines
    cache: Path | str | None = None
    trials: Sequence[Trial] = ()
    recorded: Recorded | None = None

    async def results(self) -> AsyncGenerator[Result]:
        """Yields each task's graded result, and closes the journal at the end.

        Raises:
            RunPaused: the run stopped before its end and can be resumed; without a journal, the error itself.
        """
        self.status.tasks += self.engine.unfinished + self.engine.unclaimed
        self.status.prices = self.engine.budget.prices
        with ExitStack() as closing:
            if self.journal is not None:
                closing.callback(self.journal.close)
            cache = None
            if self.cache is not None:
                cache = AnswerCache(self.cache)
                closing.callback(cache.close)
            async with aclosing(self._work(self._worker(cache))) as results:
                async for result in results:
                    yield result

    async def _work(self, worker: Worker) -> AsyncGenerator[Result]:
        try:
            async with (
                watching(self.parts.policy, worker.slots, self.status, adapt=self.concurrency == AUTO),
                aclosing(self._driver(worker).results()) as results,
            ):
                async for result in results:
                    yield result
        except (ModelError, JournalError, Interrupted) as error:
            if self.journal is None:
                raise
            raise RunPaused(str(error), self.journal.directory) from error

    def _worker(self, cache: AnswerCache | None) -> Worker:
        parts = self.parts
        return Worker(
            parts.domain,
            parts.policy,
            parts.value,
            concurrency=START if self.concurrency == AUTO else self.concurrency,
            journal=self.journal,
            status=self.status,
            recorded=self.recorded,
            patience=self.patience,
            alone=self.deterministic,
            deadlines=self.deadlines,
            cache=cache,
        )

    def _driver(self, worker: Worker) -> Driver:
        return Driver(
            self.engine,
            worker,
            status=self.status,
            journal=self.journal,
            clock=self.clock,
            deterministic=self.deterministic,
            trials=self.trials,
        )
