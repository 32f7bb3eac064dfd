"""Cheap first, dear only where it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..protocols import Evidence, Score, ValueModel
from .wrapper import within


class Cascade:
    """Asks a cheap model about every state, and a dear one about those whose value then decides little.

    A state goes on where the cheap value lies in [low, high], or where the cheap model's uncertainty is above `unsure`;
    of those of one batch, the least decided first, until the budget is used up. Its score is then the dear model's, and
    costs what both cost.

    Args:
        cheap, dear: of one range.
        between: [low, high].
        unsure: a standard deviation; None asks for no uncertainty.
        calls: most states that the dear model is asked about in all; None sets no limit.

    Raises:
        ValueError: different ranges, or a band that is none.
    """

    def __init__(
        self,
        cheap: ValueModel,
        dear: ValueModel,
        between: tuple[float, float] = (0.3, 0.7),
        *,
        unsure: float | None = None,
        calls: int | None = None,
    ) -> None:
        if cheap.value_range != dear.value_range:
            raise ValueError(f"the models' ranges are {cheap.value_range} and {dear.value_range}; one is needed")
        if not between[0] <= between[1]:
            raise ValueError(f"the values that go on are from a lower to a higher one, not {between}")
        self._cheap, self._dear = cheap, dear
        self._between = between
        self._unsure = unsure
        self._left = calls
        self.value_range = cheap.value_range
        self.max_batch = cheap.max_batch
        self.asked = 0

    async def identity(self) -> str | None:
        """Who this is, where no budget makes its answers depend on what was asked before; else None."""
        if self._left is not None:
            return None
        return await within(f"cascade {self._between} {self._unsure}", self._cheap, self._dear)

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item.

        Raises:
            ModelError: a model could not answer.
        """
        scores = await self._cheap.score(evidence)
        going = self._going(scores)
        if not going:
            return scores
        told = await self._dear.score([evidence[at] for at in going])
        for at, score in zip(going, told, strict=True):
            scores[at] = replace(score, usage=scores[at].usage + score.usage)
        return scores

    def _going(self, scores: Sequence[Score]) -> list[int]:
        low, high = self._between
        middle = (low + high) / 2
        going = [
            at
            for at, score in enumerate(scores)
            if low <= score.value <= high
            or (self._unsure is not None and score.uncertainty is not None and score.uncertainty > self._unsure)
        ]
        going.sort(key=lambda at: abs(scores[at].value - middle))
        if self._left is not None:
            going = going[: self._left]
            self._left -= len(going)
        self.asked += len(going)
        return sorted(going)
