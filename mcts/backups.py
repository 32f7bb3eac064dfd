"""What Q becomes of the returns: their mean, the highest of them, or a power mean of what lies below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .errors import InvalidInput


@dataclass(frozen=True, slots=True)
class PowerMean:
    """Power-mean backup (Dam, Klink, D'Eramo, Peters & Pajarinen 2019, "Generalized mean estimation in MCTS").

    With y(v) = max(v - low, 0), weights w of the values v below a node (the number of its own evaluations for the value
    last given at it, the completed visits of each child for the child's Q), and t the highest y:

    V = low + t * (sum of w * (y / t)^p / sum of w)^(1/p); Q = reward + discount * V.

    p = 1 is the mean, and the higher p the closer V is to the best child. Double inside, float32 at the end.

    Attributes:
        p: in [1, 1000].

    Raises:
        InvalidInput: p is out of range.
    """

    p: float

    def __post_init__(self) -> None:
        if not 1.0 <= self.p <= 1000.0:
            raise InvalidInput(f"PowerMean(p={self.p}): expected a number in [1, 1000]")

    def of(self, low: float, values: Sequence[float], weights: Sequence[int]) -> float:
        """V of values with positive weights, at least one of them."""
        heights = [max(value - low, 0.0) for value in values]
        top = max(heights)
        if top == 0.0:
            return low
        total = 0.0
        powers = 0.0
        for height, weight in zip(heights, weights, strict=True):
            total += weight
            powers += weight * math.pow(height / top, self.p)
        return low + top * math.pow(powers / total, 1.0 / self.p)


Backup = Literal["mean", "max"] | PowerMean
