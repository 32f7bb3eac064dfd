"""Gathers the scores that many callers ask for at the same time into one request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .errors import BadAnswer, ModelError, PromptTooLong
from .protocols import Evidence, Score, Usage, ValueModel


@dataclass(slots=True)
class _Waiting:
    evidence: tuple[Evidence, ...]
    answer: asyncio.Future[list[Score]]


class Batched:
    """A value model that waits a moment for other callers and asks the wrapped model once for all of them.

    A call of one caller is never split: a batch closes before the call that would make it larger than `max_items`,
    and a single call that is larger goes alone. Full batches go out at once, however many are in flight; one that is
    not full goes after `wait`, and only while fewer than `partial` batches are in flight, so that a busy model is
    asked for many items at a time and an idle one without delay. An error that may be one
    item's own (`BadAnswer`, `PromptTooLong`) makes the batch be asked again caller by caller, so that it reaches its
    own caller alone; any other reaches the callers of that batch. A caller that is cancelled leaves the others
    untouched.

    Args:
        model: who scores.
        max_items: most items in one call of `model`, at least 1; by default the model's own `max_batch`.
        wait: seconds to wait for company after the first item of a batch, at least 0.
        partial: batches in flight up to which one that is not full goes out too, at least 1.
    """

    def __init__(
        self, model: ValueModel, max_items: int | None = None, wait: float = 0.002, *, partial: int = 4
    ) -> None:
        max_items = model.max_batch if max_items is None else max_items
        if max_items < 1 or wait < 0 or partial < 1:
            raise ValueError(
                f"Batched got max_items={max_items}, wait={wait}, partial={partial}; expected at least 1, 0 and 1."
            )
        self._model = model
        self._max_items = max_items
        self._wait = wait
        self._partial = partial
        self._queue: list[_Waiting] = []
        self._queued = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Task[None]] = set()

    @property
    def value_range(self) -> tuple[float, float]:
        """The wrapped model's range."""
        return self._model.value_range

    @property
    def max_batch(self) -> int:
        """Most items in one call of the wrapped model."""
        return self._max_items

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item, in one call of the wrapped model together with what others ask in the meantime.

        Raises:
            ModelError: the wrapped model could not answer this batch.
        """
        if not evidence:
            return []
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # A new asyncio.run: what the closed loop left behind will never be answered.
            self._loop, self._queue, self._queued, self._timer = loop, [], 0, None
            self._running.clear()
        if self._queued + len(evidence) > self._max_items:
            self._send(loop)
        waiting = _Waiting(tuple(evidence), loop.create_future())
        self._queue.append(waiting)
        self._queued += len(evidence)
        if self._queued >= self._max_items:
            self._send(loop)
        elif self._timer is None:
            self._timer = loop.call_later(self._wait, self._send_partial, loop)
        return await waiting.answer

    def _send_partial(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if len(self._running) < self._partial:
            self._send(loop)

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch = [waiting for waiting in self._queue if not waiting.answer.done()]
        self._queue, self._queued = [], 0
        if batch:
            task = loop.create_task(self._answer(batch))
            self._running.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._queue and self._timer is None and self._loop is not None:
            self._send_partial(self._loop)

    async def _answer(self, batch: list[_Waiting], before: Usage | None = None) -> None:
        """Answers each caller of a batch; what was paid `before`, for no answer, is booked on the first one."""
        try:
            scores = await self._model.score([item for waiting in batch for item in waiting.evidence])
            asked = sum(len(waiting.evidence) for waiting in batch)
            if len(scores) != asked:
                raise BadAnswer(f"{type(self._model).__name__} gave {len(scores)} scores for {asked} items.")
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.answer.cancel()
            raise
        except Exception as error:
            if len(batch) > 1 and isinstance(error, BadAnswer | PromptTooLong):
                first, *others = batch
                alone = (self._answer([waiting]) for waiting in others)
                await asyncio.gather(self._answer([first], error.usage), *alone)
                return
            if before is not None and isinstance(error, ModelError):
                error.usage = before + (error.usage or Usage(calls=1))
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        if before is not None:
            scores = [replace(scores[0], usage=scores[0].usage + before), *scores[1:]]
        start = 0
        for waiting in batch:
            end = start + len(waiting.evidence)
            if not waiting.answer.done():
                waiting.answer.set_result(scores[start:end])
            start = end
