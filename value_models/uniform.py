"""A ranker and a value model without a model: every candidate and every state is as good as any, at no cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .protocols import Evidence, Prompt, Ranking, Score, Usage


class Uniform:
    """Ranks every candidate of a prompt equally, log(1 / number of candidates): the prior to compare a model's with."""

    identity = "uniform"

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        """Gives each of a prompt's K candidates the log-probability -log(K); costs no tokens and no calls."""
        return [
            Ranking(tuple([-math.log(len(texts))] * len(texts)) if texts else (), Usage(), "uniform")
            for _, texts in zip(prompts, candidates, strict=True)
        ]


class Indifferent:
    """Gives every state the value 0.5: what a search finds by its rewards alone, to compare a value model's with."""

    identity = "indifferent"
    value_range = (0.0, 1.0)
    max_batch = 64

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Gives each state 0.5; costs no tokens and no calls."""
        return [Score(0.5, Usage(), "indifferent") for _ in evidence]
