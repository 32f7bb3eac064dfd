"""Adaptive branching: whether a new child or one of those that are there is more promising."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .posterior import (
    DEEPER_STREAM,
    NEW_CHILD_STREAM,
    NOTHING,
    Evidence,
    range_of,
    sample,
)
from .thompson import Thompson, evidence
from .view import NodeView


@dataclass(frozen=True, slots=True)
class AdaptiveBranching(Thompson):
    """Adaptive branching Monte Carlo tree search with aggregation (AB-MCTS-A: Inoue et al. 2025).

    At a node with children two arms are drawn by Thompson sampling. The arm of a new child has seen, of each child, the
    return of its own first value: reward + discount * raw. The arm of going deeper has seen all other returns of the
    children: n = sum of n_i less those, and mean and spread from the sums less theirs. If the draw of the new child is
    at least the other, or no child is eligible, the descent ends here and the caller adds one child; otherwise it goes
    to the child with the highest draw of its own, as `Thompson` does.

    A caller that is sent to a node with children makes one child, cancels the ticket, reserves the child and backs it
    up.

    Attributes:
        posterior: "gaussian", for returns of any spread, or "beta", for returns within the value range.
        weight: how many visits the belief before the first one counts as, in [0.001, 1e9].

    Raises:
        InvalidInput: another posterior, or a weight out of range.
    """

    KIND: ClassVar[str] = "adaptive_branching"

    @property
    def widens(self) -> bool:
        """A node may always get another child."""
        return True

    def wants_child(self, view: NodeView) -> bool:
        """Whether the descent ends at this node, which may have more children, for a new one."""
        low, width = range_of(view)
        made, deeper = arms(view)
        new = sample(self.posterior, self.weight, low, width, made, view.draws(NEW_CHILD_STREAM))
        old = sample(self.posterior, self.weight, low, width, deeper, view.draws(DEEPER_STREAM))
        return new >= old


def arms(view: NodeView) -> tuple[Evidence, Evidence]:
    """What was seen of the arm of a new child and of the arm of going deeper."""
    children = view.everyone
    made_n = made_sum = made_squares = 0.0
    all_n = all_sum = all_squares = 0.0
    for position in range(len(children.index)):
        seen = evidence(children, position)
        if seen is NOTHING:
            continue
        all_n += seen.n
        all_sum += seen.n * seen.mean
        all_squares += seen.m2 + seen.n * seen.mean * seen.mean
        if np.isnan(children.raw[position]):
            continue
        first = float(children.reward[position] + view.discount * children.raw[position])
        made_n += 1.0
        made_sum += first
        made_squares += first * first
    return (
        _evidence(made_n, made_sum, made_squares),
        _evidence(all_n - made_n, all_sum - made_sum, all_squares - made_squares),
    )


def _evidence(n: float, total: float, squares: float) -> Evidence:
    if n <= 0.0:
        return NOTHING
    return Evidence(n, total / n, max(0.0, squares - total * total / n))
