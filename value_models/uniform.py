"""A ranker without a model: every candidate is equally likely, at no cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .protocols import Prompt, Ranking, Usage


class Uniform:
    """Ranks every candidate of a prompt equally, log(1 / number of candidates): the prior to compare a model's with."""

    identity = "uniform"

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        """Gives each of a prompt's K candidates the log-probability -log(K); costs no tokens and no calls."""
        return [
            Ranking(tuple([-math.log(len(texts))] * len(texts)) if texts else (), Usage(), "uniform")
            for _, texts in zip(prompts, candidates, strict=True)
        ]
