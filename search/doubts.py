"""Doubts of a domain about what its actions do: asked of the value model once a task, told again to whoever repeats."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from ..domains.protocol import Domain, DomainError, Doubt, Doubtful
from ..value_models.concurrency import settled
from ..value_models.protocols import Evidence
from .asking import Models, scaled
from .journal import RunReader
from .record import Spent
from .trial import Trial


class InThread(Protocol):
    """Runs a domain's work in a thread."""

    def __call__(self, work: Callable[[], Sequence[Doubt]]) -> Awaitable[Sequence[Doubt]]:
        """What the work gives."""
        ...


class Doubts:
    """Settles what a domain is in doubt about before proposals are stepped; trials that share a doubt ask it once.

    Args:
        domain: has the doubts.
        models: the value model is among them.
        in_thread: runs the domain's own part.
    """

    def __init__(self, domain: Doubtful, models: Models, in_thread: InThread) -> None:
        self._domain = domain
        self._models = models
        self._in_thread = in_thread
        self._locks: defaultdict[tuple[str, Doubt], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._settled: set[tuple[str, Doubt]] = set()

    async def settle(self, trial: Trial, texts: Sequence[str], spent: Spent) -> None:
        """Asks until no proposal of a trial is in doubt; a proposal of several actions may be, at one after the other.

        Raises:
            ModelError: the value model could not answer.
            MissingPart: there is none.
            DomainFailed: the domain raised, or is in doubt about what it was told.
            JournalError: an answer could not be recorded.
        """
        told: set[Doubt] = set()

        def open_doubts() -> Sequence[Doubt]:
            doubts = self._domain.doubts(trial.state, texts)
            again = told.intersection(doubts)
            if again:
                raise DomainError(f"{self._domain!r} is in doubt again about what it was told: {again.pop()}")
            return doubts

        while doubts := await self._in_thread(open_doubts):
            # All of them run to their end even where one fails, so that what the others cost is counted.
            await settled([self._ask(trial, doubt, spent) for doubt in doubts])
            told.update(doubts)

    async def _ask(self, trial: Trial, doubt: Doubt, spent: Spent) -> None:
        key = trial.task.id, doubt
        if key in self._settled:
            return
        async with self._locks[key]:
            if key not in self._settled:
                evidence = Evidence("", doubt.about, doubt.question)
                self._domain.settle(*key, await self._models.judge(trial, evidence, spent))
                self._settled.add(key)
        self._locks.pop(key, None)


def settle_again(domain: Domain, run: RunReader) -> None:
    """Tells a domain what a run's value model answered to its doubts, so that its steps are what they were."""
    if not isinstance(domain, Doubtful):
        return
    value_range = tuple(run.meta().get("value_range", (0.0, 1.0)))
    for event in run.events(kind="doubt"):
        if event["error"] is None:
            asked = event["request"]["evidence"]
            doubt = Doubt(asked["state"], asked["question"])
            domain.settle(event["task"], doubt, scaled(event["answer"]["value"], value_range))
