"""What a rule is shown of a node in the oracle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..hashing import Draws, splitmix64


@dataclass(frozen=True, slots=True)
class Children:
    """Columns of some children of a node, in child order.

    Attributes:
        index: int32, position among all children of the node.
        q: float32, Q as it is shown: with virtual loss and normalised where the settings say so.
        prior: float32, probability among the siblings.
        reward: float32, paid by the edge into the child.
        started: int32, visits begun.
        visits: int32, visits completed.
        in_flight: int32, visits begun and not completed.
        raw: float32, last value given at the child itself, NaN if none.
        mean: float32, mean return of the edge into the child, NaN before the first.
        max: float32, best return, NaN before the first.
        m2: float32, sum of squared deviations of the returns from their mean.
        variance: float32, m2 / visits, 0 before the first; over the square of the tree's range if normalised.
    """

    index: NDArray[np.int32]
    q: NDArray[np.float32]
    prior: NDArray[np.float32]
    reward: NDArray[np.float32]
    started: NDArray[np.int32]
    visits: NDArray[np.int32]
    in_flight: NDArray[np.int32]
    raw: NDArray[np.float32]
    mean: NDArray[np.float32]
    max: NDArray[np.float32]
    m2: NDArray[np.float32]
    variance: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NodeView(Children):
    """A node at one moment of a descent: its eligible children as columns, all of its children, and its own numbers.

    Attributes:
        everyone: the columns of all children, exhausted ones included.
        parent_started: N(s), visits begun at the node before this descent.
        parent_visits: those of them that are completed.
        parent_in_flight: those that are not.
        parent_q: float32, Q of the node, normalised where the settings say so.
        parent_raw: float32, last value given at the node itself, normalised like `parent_q`; NaN if none.
        depth: edges to the root.
        is_root: whether the node is its tree's root.
        key: of this descent's random numbers.
        tree_key: the same for all descents of the tree.
        low: float32, lowest value of the value range.
        high: float32, highest value.
        width: float32, extent of the shown values: high - low, or 1 where they are normalised.
        middle: float32, middle of the shown values.
        discount: float32.
    """

    everyone: Children
    parent_started: int
    parent_visits: int
    parent_in_flight: int
    parent_q: np.float32
    parent_raw: np.float32
    depth: int
    is_root: bool
    key: int
    tree_key: int
    low: np.float32
    high: np.float32
    width: np.float32
    middle: np.float32
    discount: np.float32

    def draws(self, stream: int) -> Draws:
        """The random numbers of this descent at this node: each stream has its own, whatever else is drawn."""
        return Draws(splitmix64(splitmix64(self.key ^ self.depth) ^ stream))
