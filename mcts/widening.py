"""Progressive widening: how many children a node should have by now."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Widening:
    """Progressive widening (Coulom 2007; Chaslot et al. 2008; Couetoux et al. 2011).

    A descent ends at a node with children, for more of them, while children + tickets out on it < c * max(N, 1)^a,
    where N is the number of visits started at the node before this descent. Double.

    Attributes:
        c: in [0.000001, 1e9].
        a: in [0, 1].

    Raises:
        InvalidInput: a number out of range.
    """

    c: float = 1.0
    a: float = 0.5

    def __post_init__(self) -> None:
        if not 1e-6 <= self.c <= 1e9:
            raise InvalidInput(f"Widening(c={self.c}): expected a number in [1e-06, 1e+09]")
        if not 0.0 <= self.a <= 1.0:
            raise InvalidInput(f"Widening(a={self.a}): expected a number in [0, 1]")

    def wants(self, children: int, held: int, started: int) -> bool:
        """Whether a node with so many children and tickets out, visited so often, should get more."""
        return children + held < self.c * math.pow(max(started, 1), self.a)
