"""Who is whose child in a snapshot, by rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidInput
from .records import Snapshot
from .snapshots import rows_of

Rows = NDArray[np.int32]


class Family:
    """The kinship of the N rows of a snapshot.

    Attributes:
        parent: int32 [N], row; -1 at the root, which is row 0.
        target: int32 [N], the row that a link stands for, elsewhere the row itself.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        """Raises InvalidInput, which names the row, where a parent or a target is the node of no row."""
        rows = np.arange(len(snapshot.node), dtype=np.int32)
        self.parent = rows_of(snapshot.node, snapshot.parent)
        targets = rows_of(snapshot.node, snapshot.target)
        is_root = self.parent == -1
        _refuse((self.parent == -2) | (is_root != (rows == 0)), "parent", snapshot.parent, "-1 in row 0 alone")
        _refuse(targets == -2, "target", snapshot.target, "-1 where the row is no link")
        self.target = np.where(targets < 0, rows, targets)
        self._by_parent = np.argsort(self.parent, kind="stable").astype(np.int32)
        self._ordered = self.parent[self._by_parent]

    def children(self, row: int) -> Rows:
        """The rows of a row's children, in child order. A link has none: ask for those of its target."""
        first, last = np.searchsorted(self._ordered, [row, row + 1])
        return self._by_parent[first:last]


def _refuse(wrong: NDArray[np.bool_], name: str, ids: Rows, otherwise: str) -> None:
    if wrong.any():
        row = np.flatnonzero(wrong)[0]
        raise InvalidInput(f"snapshot row {row} has {name} {ids[row]}: expected the node of a row, {otherwise}")
