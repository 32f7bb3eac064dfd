"""Tasks sorted by how hard they look, each with the value model that it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..concurrency import LoopLock, together
from ..protocols import Evidence, Score, Usage, ValueModel
from .wrapper import within


class DifficultyGate:
    """Asks once a task how easy it is, and has its states scored by a cheap model or by a dear one.

    The judge of ease is shown the task alone, with `question`. What that costs is booked on the task's first state.

    Args:
        ease: how easy a task is: high is easy.
        easy, hard: who scores the states of easy tasks and of hard ones; of one range.
        threshold: from this ease on a task is easy.
        question: Yes means easy.

    Raises:
        ValueError: `easy` and `hard` have different ranges.
    """

    def __init__(
        self,
        ease: ValueModel,
        easy: ValueModel,
        hard: ValueModel,
        threshold: float = 0.5,
        question: str = "Is this task easy?",
    ) -> None:
        if easy.value_range != hard.value_range:
            raise ValueError(f"the models' ranges are {easy.value_range} and {hard.value_range}; one is needed")
        self._ease, self._easy, self._hard = ease, easy, hard
        self._threshold = threshold
        self._question = question
        self._known: dict[str, bool] = {}
        self._asking = LoopLock()
        self.value_range = easy.value_range
        self.max_batch = min(easy.max_batch, hard.max_batch)

    async def identity(self) -> str | None:
        """Who this is; None where a model does not say."""
        return await within(f"by ease {self._threshold} {self._question}", self._ease, self._easy, self._hard)

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item.

        Raises:
            ModelError: a model could not answer.
        """
        paid = await self._sort({item.task for item in evidence})
        easy = [at for at, item in enumerate(evidence) if self._known[item.task]]
        hard = [at for at, item in enumerate(evidence) if not self._known[item.task]]
        parts = [(model, rows) for model, rows in ((self._easy, easy), (self._hard, hard)) if rows]
        told = await together([model.score([evidence[at] for at in rows]) for model, rows in parts])
        scores = {
            at: score
            for (_, rows), found in zip(parts, told, strict=True)
            for at, score in zip(rows, found, strict=True)
        }
        return [
            replace(scores[at], usage=scores[at].usage + paid.pop(item.task, Usage()))
            for at, item in enumerate(evidence)
        ]

    async def _sort(self, tasks: set[str]) -> dict[str, Usage]:
        """Finds out how easy the tasks are that are new, and what that cost."""
        async with self._asking():
            fresh = sorted(tasks - self._known.keys())
            if not fresh:
                return {}
            told = await self._ease.score([Evidence(task, "", self._question) for task in fresh])
            self._known |= {task: score.value >= self._threshold for task, score in zip(fresh, told, strict=True)}
            return {task: score.usage for task, score in zip(fresh, told, strict=True)}
