"""Many snapshots as one table, in which a parent is a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidInput
from ..records import Snapshot
from ..snapshots import rows_of


class TreeRows(NamedTuple):
    """The rows of T trees one after the other, N in all.

    Attributes:
        parent: int32 [N], row of the parent, always an earlier one; -1 at the roots.
        start: int64 [T + 1]: tree t has the rows start[t] to start[t + 1] - 1, the first of which is its root.
        columns: the snapshots' columns [N], with the node ids that each forest gave.
    """

    parent: NDArray[np.int32]
    start: NDArray[np.int64]
    columns: Snapshot


def rows(snapshots: Iterable[Snapshot]) -> TreeRows:
    """The snapshots, of one forest or of several, as one table.

    A link is a row without children, with the statistics of its own edge.

    Raises:
        InvalidInput: no snapshot, or one whose rows are not in an order in which parents come first.
    """
    shots = list(snapshots)
    if not shots:
        raise InvalidInput("snapshots is empty: expected at least one")
    start = np.cumsum([0, *(len(shot.node) for shot in shots)])
    parents = []
    for number, (shot, first) in enumerate(zip(shots, start[:-1], strict=True)):
        parent = rows_of(shot.node, shot.parent)
        late = np.flatnonzero((parent == -2) | (parent >= np.arange(len(parent))))
        if late.size:
            row = late[0]
            raise InvalidInput(
                f"snapshots[{number}] row {row} has parent {shot.parent[row]}: expected the node of an earlier row"
            )
        parents.append(np.where(parent < 0, -1, parent + first).astype(np.int32))
    columns = Snapshot._make(np.concatenate(column) for column in zip(*shots, strict=True))
    return TreeRows(np.concatenate(parents), start, columns)
