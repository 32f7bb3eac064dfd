"""Upper confidence bounds: how good a child may still be, given how often it was visited.

L = ln(max(N(s), 1)), where N(s) is the number of visits started at the node before this descent and N(s,a) that of the
child: visits in flight are counted in N and not in Q (WU-UCT: Liu et al. 2020, "Watch the Unobserved"). All arithmetic
is float32 in the order written, the logarithm alone is the C library's in double; csrc/rules does the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..fields import MAX_MAGNITUDE
from .base import ScoredRule
from .view import NodeView


@dataclass(frozen=True, slots=True)
class UCT(ScoredRule):
    """Upper confidence bounds applied to trees (Kocsis & Szepesvari 2006).

    score(s,a) = Q(s,a) + c * sqrt(L / N(s,a)), and +infinity where N(s,a) = 0.

    Attributes:
        c: weight of exploration in units of the value, in [0, 1e9].

    Raises:
        InvalidInput: c is out of range.
    """

    KIND: ClassVar[str] = "uct"
    c: float = math.sqrt(2.0)

    def __post_init__(self) -> None:
        self._check_number("c", 0.0, MAX_MAGNITUDE)

    def scores(self, view: NodeView) -> NDArray[np.float32]:
        """Scores of the eligible children [k]; the prior is not used."""
        n = _at_least_one(view.started)
        return _unstarted_first(view, view.q + np.float32(self.c) * np.sqrt(_log_visits(view) / n))


@dataclass(frozen=True, slots=True)
class UCB1Tuned(ScoredRule):
    """Upper confidence bounds tuned by the variance of the returns (Auer, Cesa-Bianchi & Fischer 2002, section 4).

    score(s,a) = Q(s,a) + c * sqrt((L / N(s,a)) * min(w^2 / 4, V(s,a) + w^2 * sqrt(2 * L / N(s,a)))), and +infinity
    where
    N(s,a) = 0. V is the variance of the completed returns, w the width of the value range: w^2 / 4 is the largest
    variance that returns in it can have. The paper's formula is that of w = 1, c = 1.

    Attributes:
        c: weight of exploration, in [0, 1e9].

    Raises:
        InvalidInput: c is out of range.
    """

    KIND: ClassVar[str] = "ucb1_tuned"
    c: float = 1.0

    def __post_init__(self) -> None:
        self._check_number("c", 0.0, MAX_MAGNITUDE)

    def scores(self, view: NodeView) -> NDArray[np.float32]:
        """Scores of the eligible children [k]; the prior is not used."""
        square = view.width * view.width
        a = _log_visits(view) / _at_least_one(view.started)
        bound = view.variance + square * np.sqrt(np.float32(2) * a)
        tuned = np.minimum(square * np.float32(0.25), bound)
        return _unstarted_first(view, view.q + np.float32(self.c) * np.sqrt(a * tuned))


@dataclass(frozen=True, slots=True)
class UCBV(ScoredRule):
    """Upper confidence bounds from the empirical Bernstein bound (Audibert, Munos & Szepesvari 2009).

    score(s,a) = Q(s,a) + sqrt(2 * V(s,a) * zeta * L / N(s,a)) + c * 3 * w * zeta * L / N(s,a), and +infinity where
    N(s,a) = 0. V is the variance of the completed returns, w the width of the value range.

    Attributes:
        zeta: weight of the exploration function zeta * L, in [0, 1e9]; the paper's regret bound wants more than 1.
        c: weight of the range's term, in [0, 1e9]; 1 in the paper.

    Raises:
        InvalidInput: a constant is out of range.
    """

    KIND: ClassVar[str] = "ucb_v"
    zeta: float = 1.2
    c: float = 1.0

    def __post_init__(self) -> None:
        self._check_number("zeta", 0.0, MAX_MAGNITUDE)
        self._check_number("c", 0.0, MAX_MAGNITUDE)

    def scores(self, view: NodeView) -> NDArray[np.float32]:
        """Scores of the eligible children [k]; the prior is not used."""
        e = np.float32(self.zeta) * _log_visits(view) / _at_least_one(view.started)
        spread = np.float32(self.c) * np.float32(3) * view.width
        return _unstarted_first(view, view.q + np.sqrt(np.float32(2) * view.variance * e) + spread * e)


def _log_visits(view: NodeView) -> np.float32:
    return np.float32(math.log(max(view.parent_started, 1)))


def _at_least_one(started: NDArray[np.int32]) -> NDArray[np.float32]:
    return np.maximum(started, 1).astype(np.float32)


def _unstarted_first(view: NodeView, scores: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(view.started == 0, np.float32(np.inf), scores)
