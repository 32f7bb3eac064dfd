"""A value without a model: how well random play ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import blake2b

from ...value_models.protocols import Evidence, Score, Usage
from .domain import Gym


class Rollout:
    """Values a state of `Gym` by the mean worth of random continuations (Kocsis & Szepesvari 2006).

    The draws depend on `seed` and the state alone, so that equal searches get equal values. It costs no tokens; each
    state is a call.

    Args:
        domain: the one that is searched; another one of the same settings does as well.
        count: continuations a state.
        depth: steps of one continuation at most.
        seed: another seed is another value model.
    """

    value_range = (0.0, 1.0)
    max_batch = 1

    def __init__(self, domain: Gym | None = None, count: int = 16, depth: int = 100, seed: int = 0) -> None:
        if count < 1 or depth < 1:
            raise ValueError(f"count and depth are at least 1; they are {count} and {depth}")
        self._domain = domain or Gym()
        self._count = count
        self._depth = depth
        self._seed = seed
        self.identity = f"rollout-{count}-{depth}-{seed}"

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Plays on from each state, in a thread.

        Raises:
            DomainError: the evidence is none of the domain's.
        """
        return [await asyncio.to_thread(self._score, item) for item in evidence]

    def _score(self, item: Evidence) -> Score:
        state = self._domain.state_of(item.task, item.state)
        digest = blake2b(f"{self._seed}\0{item.task}\0{'/'.join(state.actions)}".encode(), digest_size=7).digest()
        value = self._domain.playouts(state, self._count, self._depth, int.from_bytes(digest, "big"))
        return Score(value, Usage(calls=1), self.identity)
