"""Q and variance as rules see them."""

from __future__ import annotations

import numpy as np

from ..settings import Settings
from .nodes import ZERO, Node, Tree

_HALF = np.float32(0.5)


class Shown:
    """The settings, and one tree's range of Q, that turn stored numbers into shown ones."""

    def __init__(self, settings: Settings, tree: Tree) -> None:
        self._virtual_loss = settings.in_flight == "virtual_loss"
        self._normalise = settings.normalise
        self._tree = tree
        self.low, self.high = np.float32(settings.value_range[0]), np.float32(settings.value_range[1])
        self.discount = np.float32(settings.discount)

    @property
    def width(self) -> np.float32:
        return np.float32(1) if self._normalise else self.high - self.low

    @property
    def middle(self) -> np.float32:
        return _HALF if self._normalise else _HALF * (self.low + self.high)

    def q(self, node: Node) -> np.float32:
        """Q, or with virtual loss the mean of the completed visits at Q and those in flight at the lowest value."""
        q = node.q
        if self._virtual_loss and node.in_flight > 0:
            lost = np.float32(node.in_flight) * self.low
            q = (np.float32(node.visits) * q + lost) / np.float32(node.started)
        return self.normalised(q)

    def normalised(self, q: np.float32) -> np.float32:
        """The place of q in the tree's range; NaN stays NaN."""
        if not self._normalise or np.isnan(q):
            return q
        low, high = self._tree.lowest, self._tree.highest
        if not high > low:
            return _HALF
        return min(max((q - low) / (high - low), ZERO), np.float32(1))

    def variance(self, node: Node) -> np.float32:
        """Variance of the completed returns, over the square of the tree's range if normalised."""
        if node.visits == 0:
            return ZERO
        variance = node.m2 / np.float32(node.visits)
        if not self._normalise:
            return variance
        low, high = self._tree.lowest, self._tree.highest
        if not high > low:
            return ZERO
        square = (high - low) * (high - low)
        return variance / square if square > 0 else ZERO
