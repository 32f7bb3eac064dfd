"""PUCT: exploration guided by the policy's priors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..fields import MAX_MAGNITUDE
from .base import ScoredRule
from .view import NodeView


@dataclass(frozen=True, slots=True)
class PUCT(ScoredRule):
    """Predictor upper confidence bounds (Silver et al. 2017, "Mastering the game of Go without human knowledge").

    score(s,a) = Q'(s,a) + c * sqrt(max(N(s), 1)) * P(s,a) / (1 + N(s,a)).

    Q' is Q of a child that has a completed visit. Before the first it is the first-play urgency: the urgency that the
    child was made with, or `first_play` if that is given; less `reduction` * sqrt(sum of P over the children that have
    a completed visit), as Leela Chess Zero and KataGo do. All arithmetic is float32 in the order written.

    Attributes:
        c: weight of exploration in units of the value, in [0, 1e9].
        first_play: Q' of children without a completed visit, at most 1e9 in magnitude; None: the urgency.
        reduction: weight of what they lose, in [0, 1e9].

    Raises:
        InvalidInput: a constant is out of range.
    """

    KIND: ClassVar[str] = "puct"
    c: float = 1.25
    first_play: float | None = None
    reduction: float = 0.0

    def __post_init__(self) -> None:
        self._check_number("c", 0.0, MAX_MAGNITUDE)
        if self.first_play is not None:
            self._check_number("first_play", -MAX_MAGNITUDE, MAX_MAGNITUDE)
        self._check_number("reduction", 0.0, MAX_MAGNITUDE)

    def scores(self, view: NodeView) -> NDArray[np.float32]:
        """Scores of the eligible children [k]."""
        weight = np.float32(self.c) * np.sqrt(np.float32(max(view.parent_started, 1)))
        scores: NDArray[np.float32] = self._shown(view) + weight * view.prior / (
            np.float32(1) + view.started.astype(np.float32)
        )
        return scores

    def _shown(self, view: NodeView) -> NDArray[np.float32]:
        """Q' of the eligible children."""
        unvisited = view.visits == 0
        q = view.q
        if self.first_play is not None:
            q = np.where(unvisited, np.float32(self.first_play), q)
        if self.reduction > 0.0:
            visited = np.float32(0)
            for prior in view.everyone.prior[view.everyone.visits > 0]:
                visited += prior
            q = np.where(unvisited, q - np.float32(self.reduction) * np.sqrt(visited), q)
        return q
