"""What a custom rule may ask for: the names of its parameters, and how each is read in the forest and in the oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..rules.view import NodeView

# Stream of a child's `uniform` among the random numbers of a descent at a node: this plus the index of the child.
UNIFORM_STREAM: Final = 2**32


class Name(NamedTuple):
    """A parameter that a rule may have.

    Attributes:
        meaning: one line, with range or unit.
        kernel: the expression that reads it in the forest, of the variables of kernel.py's `read`.
        integer: whether it is int64; else it is float64.
    """

    meaning: str
    kernel: str
    integer: bool = False


NAMES: Final[dict[str, Name]] = {
    "q": Name("the child's Q as it is shown: with virtual loss, normalised, where the forest says so", "shown"),
    "visits": Name("completed visits of the child", "visits", integer=True),
    "in_flight": Name("visits of the child that are still out", "int64(in_flight)", integer=True),
    "started": Name("visits + in_flight", "int64(started)", integer=True),
    "prior": Name("the policy's probability of the child among its siblings", "float64(prior)"),
    "reward": Name("paid by the edge into the child", "float64(reward)"),
    "raw": Name("last value given at the child itself; q if none", "known(raw, visits, shown)"),
    "mean": Name("mean return of the child; q if none", "known(mean, visits, shown)"),
    "best": Name("best return of the child; q if none", "known(best, visits, shown)"),
    "variance": Name(
        "variance of the child's returns, on the scale of q; 0 before the first",
        "float64(m2 / float32(visits) / range_squared) if visits > 0 else 0.0",
    ),
    "index": Name("position of the child among all of its siblings, from 0", "i", integer=True),
    "uniform": Name("a random number in (0, 1), of the seed, tree, descent, depth and child alone", "uniform(key, i)"),
    "children": Name("how many children the node has", "int64(count)", integer=True),
    "parent_visits": Name(
        "completed visits of the node", "int64(parent_started) - int64(parent_in_flight)", integer=True
    ),
    "parent_in_flight": Name("visits of the node that are still out", "int64(parent_in_flight)", integer=True),
    "parent_started": Name("both together, before this descent", "int64(parent_started)", integer=True),
    "parent_q": Name("the node's Q as it is shown", "float64(parent_q)"),
    "parent_raw": Name(
        "last value given at the node itself, on the scale of q; parent_q if none",
        "known(parent_raw, 1, float64(parent_q))",
    ),
    "depth": Name("edges from the root to the node", "int64(depth)", integer=True),
}


def arguments(names: tuple[str, ...], view: NodeView) -> list[tuple[Any, ...]]:
    """What the oracle calls a rule with, for each of the k eligible children in order."""
    rows = len(view.q)
    columns = []
    for name in names:
        column = np.asarray(_IN_ORACLE[name](view) if name in _IN_ORACLE else getattr(view, name))
        columns.append(np.broadcast_to(column.astype(np.int64 if NAMES[name].integer else np.float64), rows))
    return [tuple(column[row] for column in columns) for row in range(rows)]


def _or_q(column: NDArray[np.float32], view: NodeView) -> NDArray[np.float32]:
    return np.where(np.isnan(column) | (view.visits == 0), view.q, column)


# Names that are not fields of the view as they stand.
_IN_ORACLE: Final[dict[str, Callable[[NodeView], Any]]] = {
    "raw": lambda view: _or_q(view.raw, view),
    "mean": lambda view: _or_q(view.mean, view),
    "best": lambda view: _or_q(view.max, view),
    "uniform": lambda view: [view.draws(UNIFORM_STREAM + int(index)).next() for index in view.index],
    "children": lambda view: len(view.everyone.index),
    "parent_raw": lambda view: view.parent_q if np.isnan(view.parent_raw) else view.parent_raw,
}
