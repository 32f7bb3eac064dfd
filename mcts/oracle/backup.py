"""What a value changes: the statistics of every node on its path."""

from __future__ import annotations

import numpy as np

from ..backups import PowerMean
from ..settings import Settings
from .nodes import Node, Ticket, Tree


class Returns:
    """Spreads values over the paths of their tickets."""

    def __init__(self, settings: Settings) -> None:
        self._backup = settings.backup
        self._low = float(np.float32(settings.value_range[0]))
        self._discount = np.float32(settings.discount)

    def spread(self, tree: Tree, ticket: Ticket, value: np.float32) -> None:
        """Completes the visit of a ticket: g = reward + discount * g upward; a link discounts nothing more."""
        ticket.end.raw = value
        base = below = value
        for node in ticket.path():
            if node.target is None:
                base = self._discount * below
            below = node.reward + base
            node.in_flight -= 1
            _record(node, below)
            if node.target is None:
                self.show(node)
                tree.take_in(node.q)

    def show(self, node: Node) -> None:
        """Sets Q of a visited node, unless it is proven."""
        if node.proven:
            return
        if isinstance(self._backup, PowerMean):
            node.q = self._power_mean(self._backup, node)
        else:
            node.q = node.mean if self._backup == "mean" else node.max
        node.share_q()

    def worth(self, node: Node, below: np.float32) -> np.float32:
        """Q of the edge into a node whose state is worth `below`."""
        return np.float32(node.reward + self._discount * below)

    def _power_mean(self, mean: PowerMean, node: Node) -> np.float32:
        own = node.visits - sum(child.visits for child in node.children)
        terms = [] if np.isnan(node.raw) else [(own, float(node.raw))]
        terms += [(child.visits, float(child.q)) for child in node.children]
        terms = [(weight, value) for weight, value in terms if weight > 0]
        if not terms:
            return node.mean
        weights, values = zip(*terms, strict=True)
        return self.worth(node, np.float32(mean.of(self._low, values, weights)))


def _record(node: Node, ret: np.float32) -> None:
    """Adds a return to the statistics (Welford 1962); the visit has just been counted as completed."""
    if node.visits == 1:
        node.mean = node.max = ret
        return
    delta = ret - node.mean
    node.mean = node.mean + delta / np.float32(node.visits)
    node.m2 = node.m2 + delta * (ret - node.mean)
    node.max = max(node.max, ret)
