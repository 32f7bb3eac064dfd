"""Thompson sampling: each child by a draw from what is believed about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

import numpy as np
from numpy.typing import NDArray

from ..fields import MAX_MAGNITUDE
from .base import ScoredRule
from .posterior import CHILD_STREAM, LOWEST_WEIGHT, NOTHING, Belief, Evidence, range_of, sample
from .view import Children, NodeView


@dataclass(frozen=True, slots=True)
class Thompson(ScoredRule):
    """Thompson sampling (Thompson 1933; in trees Bai, Wu & Chen 2013): a child as often as it is believed best.

    score(s,a) = a draw from the posterior of the mean return of a, from its completed visits alone; see
    `treewright.mcts.rules.posterior.sample` for both posteriors. Visits in flight and priors are not used: descents of
    one call differ because each draws anew.

    Attributes:
        posterior: "gaussian", for returns of any spread, or "beta", for returns within the value range.
        weight: how many visits the belief before the first one counts as, in [0.001, 1e9].

    Raises:
        InvalidInput: another posterior, or a weight out of range.
    """

    KIND: ClassVar[str] = "thompson"
    CHOICES: ClassVar[Mapping[str, tuple[str, ...]]] = {"posterior": get_args(Belief)}
    posterior: Belief = "gaussian"
    weight: float = 1.0

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_number("weight", LOWEST_WEIGHT, MAX_MAGNITUDE)

    def scores(self, view: NodeView) -> NDArray[np.float32]:
        """Scores of the eligible children [k]."""
        low, width = range_of(view)
        return np.array(
            [
                sample(
                    self.posterior, self.weight, low, width, evidence(view, position), view.draws(CHILD_STREAM + index)
                )
                for position, index in enumerate(view.index.tolist())
            ],
            np.float32,
        )


def evidence(children: Children, position: int) -> Evidence:
    """What was seen of one child."""
    if children.visits[position] == 0:
        return NOTHING
    return Evidence(float(children.visits[position]), float(children.mean[position]), float(children.m2[position]))
