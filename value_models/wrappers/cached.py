"""Scores kept in memory: what was asked before costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from ..identity import identity
from ..protocols import Evidence, Score, Usage, ValueModel


class Cached:
    """Remembers the last `size` states, and asks about equal ones of a batch once; a remembered answer has no usage.

    It lives as long as the object. What is to outlast a run goes into a search's `cache=FILE`.

    Args:
        model: who scores.
        size: states remembered, at least 1; the least recently asked goes first.
    """

    def __init__(self, model: ValueModel, size: int = 65_536) -> None:
        if size < 1:
            raise ValueError(f"size is a number of states and at least 1, not {size}")
        self._model = model
        self._size = size
        self._known: OrderedDict[Evidence, Score] = OrderedDict()
        self.hits = 0

    @property
    def value_range(self) -> tuple[float, float]:
        """The wrapped model's range."""
        return self._model.value_range

    @property
    def max_batch(self) -> int:
        """The wrapped model's batches."""
        return self._model.max_batch

    async def identity(self) -> str | None:
        """The wrapped model's: its answers are the same."""
        return await identity(self._model)

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item; the wrapped model is asked once about each that is not remembered.

        Raises:
            ModelError: the wrapped model could not answer.
        """
        # Taken now: while the model is asked, another caller may fill the memory and these be forgotten.
        known = {item: self._known[item] for item in evidence if item in self._known}
        fresh = list(dict.fromkeys(item for item in evidence if item not in known))
        told = dict(zip(fresh, await self._model.score(fresh), strict=True)) if fresh else {}
        scores = []
        for item in evidence:
            score = told.pop(item, None)
            if score is None:
                self.hits += 1
                score = known[item]
            scores.append(score)
            known[item] = self._known[item] = replace(score, usage=Usage())
            self._known.move_to_end(item)
        while len(self._known) > self._size:
            self._known.popitem(last=False)
        return scores
