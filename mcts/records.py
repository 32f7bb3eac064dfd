"""What the forest's calls answer: named tuples of arrays, one row a leaf, a child or a node."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Leaves(NamedTuple):
    """The reserved ends of M descents, ordered by tree as given, then by descent.

    Attributes:
        ticket: int64 [M], each a reservation to be consumed by one backup or cancel.
        tree: int32 [M].
        node: int32 [M].
        depth: int32 [M], edges to the root.
        terminal: bool [M], declared terminal when it was made.
        expanded: bool [M], it already has children.
    """

    ticket: NDArray[np.int64]
    tree: NDArray[np.int32]
    node: NDArray[np.int32]
    depth: NDArray[np.int32]
    terminal: NDArray[np.bool_]
    expanded: NDArray[np.bool_]


class RootStats(NamedTuple):
    """A root and its A children, in child order.

    Attributes:
        node: int32 [A].
        visits: int32 [A], completed.
        in_flight: int32 [A].
        q: float32 [A], the urgency where `visits` is 0.
        prior: float32 [A].
        max: float32 [A], best return, NaN where `visits` is 0.
        root_visits: completed visits of the root.
        root_q: Q of the root.
    """

    node: NDArray[np.int32]
    visits: NDArray[np.int32]
    in_flight: NDArray[np.int32]
    q: NDArray[np.float32]
    prior: NDArray[np.float32]
    max: NDArray[np.float32]
    root_visits: int
    root_q: float


class Snapshot(NamedTuple):
    """All N nodes of a tree, breadth first, siblings in child order.

    Attributes:
        node: int32 [N].
        parent: int32 [N], node ids; -1 at the root.
        depth: int32 [N], edges to the root.
        visits: int32 [N], completed.
        in_flight: int32 [N].
        q: float32 [N], what selection reads; the urgency where `visits` is 0.
        prior: float32 [N].
        reward: float32 [N], paid by the edge into the node.
        raw: float32 [N], last value given at the node itself, NaN if none.
        mean: float32 [N], mean return of the edge into the node, NaN if none.
        max: float32 [N], best return, NaN if none.
        m2: float32 [N], sum of squared deviations of the returns from their mean.
        flags: uint8 [N], TERMINAL, PROVEN, EXHAUSTED, COMPLETE and LINK bits of treewright.mcts.fields.
        target: int32 [N], the node that a link stands for; -1 where the node is no link.
        hash: uint64 [N], state hash; 0 if none.
    """

    node: NDArray[np.int32]
    parent: NDArray[np.int32]
    depth: NDArray[np.int32]
    visits: NDArray[np.int32]
    in_flight: NDArray[np.int32]
    q: NDArray[np.float32]
    prior: NDArray[np.float32]
    reward: NDArray[np.float32]
    raw: NDArray[np.float32]
    mean: NDArray[np.float32]
    max: NDArray[np.float32]
    m2: NDArray[np.float32]
    flags: NDArray[np.uint8]
    target: NDArray[np.int32]
    hash: NDArray[np.uint64]
