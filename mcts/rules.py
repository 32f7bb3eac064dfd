"""Selection rules: which child a descent goes to. The highest score wins.

N(s) is the number of visits started at the node before this descent, N(s,a) that of the child: visits in flight are
counted in N and not in Q (WU-UCT: Liu et al. 2020, "Watch the Unobserved"). All arithmetic is float32, in the order
written; csrc/rules.hpp does the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidInput
from .fields import MAX_MAGNITUDE


@dataclass(frozen=True, slots=True)
class UCT:
    """Upper confidence bounds applied to trees (Kocsis & Szepesvari 2006).

    score(s,a) = Q(s,a) + c * sqrt(ln(max(N(s), 1)) / N(s,a)), and +infinity where N(s,a) = 0.

    Attributes:
        c: weight of exploration in units of the value, in [0, 1e9].

    Raises:
        InvalidInput: c is out of range.
    """

    c: float = math.sqrt(2.0)

    def __post_init__(self) -> None:
        _check_constant("UCT", self.c)

    def scores(
        self, q: NDArray[np.float32], prior: NDArray[np.float32], started: NDArray[np.int32], parent_started: int
    ) -> NDArray[np.float32]:
        """Scores of A children: q, prior, started [A]; parent_started is N(s). The prior is not used."""
        del prior
        log = np.float32(math.log(max(parent_started, 1)))
        visits = started.astype(np.float32)
        unvisited = started == 0
        visits[unvisited] = 1.0
        scores: NDArray[np.float32] = q + np.float32(self.c) * np.sqrt(log / visits)
        scores[unvisited] = np.inf
        return scores


@dataclass(frozen=True, slots=True)
class PUCT:
    """Predictor upper confidence bounds (Silver et al. 2017, "Mastering the game of Go without human knowledge").

    score(s,a) = Q(s,a) + c * sqrt(max(N(s), 1)) * P(s,a) / (1 + N(s,a)).

    Attributes:
        c: weight of exploration in units of the value, in [0, 1e9].

    Raises:
        InvalidInput: c is out of range.
    """

    c: float = 1.25

    def __post_init__(self) -> None:
        _check_constant("PUCT", self.c)

    def scores(
        self, q: NDArray[np.float32], prior: NDArray[np.float32], started: NDArray[np.int32], parent_started: int
    ) -> NDArray[np.float32]:
        """Scores of A children: q, prior, started [A]; parent_started is N(s)."""
        weight = np.float32(self.c) * np.sqrt(np.float32(max(parent_started, 1)))
        scores: NDArray[np.float32] = q + weight * prior / (np.float32(1.0) + started.astype(np.float32))
        return scores


Rule = UCT | PUCT


def _check_constant(rule: str, c: float) -> None:
    if not 0.0 <= c <= MAX_MAGNITUDE:
        raise InvalidInput(f"{rule}(c={c}): expected a number in [0, {MAX_MAGNITUDE:g}]")
