"""What a snapshot must be to become a tree again, checked once for both implementations."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arguments import column
from .errors import InvalidInput, LimitExceeded
from .fields import (
    COMPLETE,
    EXHAUSTED,
    LINK,
    MAX_CHILDREN,
    MAX_DEPTH,
    MAX_MAGNITUDE,
    MAX_SLOTS,
    MAX_STARTED,
    PROVEN,
    TERMINAL,
)
from .records import Snapshot
from .settings import Settings

# A return is at most MAX_DEPTH + 1 rewards and a value; a second moment at most MAX_STARTED of its squares.
_MAX_RETURN: Final = (MAX_DEPTH + 2) * MAX_MAGNITUDE
_MAX_M2: Final = MAX_STARTED * _MAX_RETURN**2
_NO_ROW: Final = -1
# So many visits may come on top in a forest that checks its roots alone.
MAX_VISITS: Final = MAX_STARTED // 2

Faults = NDArray[np.bool_]


class Rows(NamedTuple):
    """A snapshot with row numbers in place of node ids: row 0 is the root, siblings are consecutive rows in order.

    Attributes:
        parent: int32 [N], row; -1 at the root.
        depth: int32 [N].
        visits: int32 [N].
        q, prior, reward, raw, mean, max, m2: float32 [N].
        flags: uint8 [N].
        target: int32 [N], row that a link stands for; -1 where the row is no link.
        hash: uint64 [N]; 0 if none, and everywhere if the forest keeps no hashes.
    """

    parent: NDArray[np.int32]
    depth: NDArray[np.int32]
    visits: NDArray[np.int32]
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


def checked(snapshot: Snapshot, settings: Settings) -> Rows:
    """The rows of a snapshot that a forest of these settings can take in.

    Raises:
        InvalidInput: no snapshot, or a row that no such forest can hold; names the first such row.
        LimitExceeded: more rows than slots.
    """
    if not isinstance(snapshot, Snapshot):
        raise InvalidInput(f"snapshot is a {type(snapshot).__name__}: expected a Snapshot, as snapshot(tree) gives it")
    given = _columns(snapshot)
    if given.node.size == 0:
        raise InvalidInput("snapshot has no rows: expected a root at least")
    if given.node.size > MAX_SLOTS:
        raise LimitExceeded(f"snapshot has {given.node.size} rows: the limit is {MAX_SLOTS}")
    parent, target = rows_of(given.node, given.parent), rows_of(given.node, given.target)
    _check_order(given, parent)
    count = np.bincount(parent[1:], minlength=parent.size)
    _check_counts(given, count)
    _check_numbers(given, settings)
    _check_flags(given, count, settings)
    _check_links(given, parent, target, settings)
    hashes = given.hash if settings.hashes else np.zeros_like(given.hash)
    kept = (given.depth, given.visits, *given[5:13])
    return Rows(parent, *kept, target, hashes)


def _columns(snapshot: Snapshot) -> Snapshot:
    length = None
    columns: list[NDArray[Any]] = []
    for name, scalar in SCALARS.items():
        columns.append(column(f"snapshot.{name}", getattr(snapshot, name), scalar, length))
        length = len(columns[0])
    return Snapshot._make(columns)


SCALARS: Final[dict[str, type[np.generic]]] = {
    **dict.fromkeys(Snapshot._fields[:5], np.int32),
    **dict.fromkeys(Snapshot._fields[5:12], np.float32),
    "flags": np.uint8,
    "target": np.int32,
    "hash": np.uint64,
}


def rows_of(nodes: NDArray[np.int32], ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """The rows [M] that the node ids [M] have among the `nodes` [N] of a snapshot; -1 stays -1, an unknown id is -2.

    Raises:
        InvalidInput: a node twice.
    """
    order = np.argsort(nodes, kind="stable").astype(np.int32)
    ordered = nodes[order]
    twice = np.flatnonzero(ordered[1:] == ordered[:-1])
    if twice.size:
        row = int(order[twice[0] + 1])
        raise InvalidInput(f"snapshot row {row} is node {nodes[row]}, like an earlier row: expected distinct nodes")
    place = np.minimum(np.searchsorted(ordered, ids), len(nodes) - 1)
    found = np.where(ordered[place] == ids, order[place], -2)
    return np.where(ids == _NO_ROW, _NO_ROW, found).astype(np.int32)


def _check_order(given: Snapshot, parent: NDArray[np.int32]) -> None:
    rows = np.arange(len(parent))
    _refuse((parent == _NO_ROW) != (rows == 0), "parent", given.parent, "the root alone, in row 0, has parent -1")
    before = (parent >= 0) & (parent < rows) | (rows == 0)
    _refuse(~before, "parent", given.parent, "the node of an earlier row")
    jumps = np.zeros(len(parent), np.bool_)
    jumps[1:] = parent[1:] < np.maximum.accumulate(parent[:-1])
    _refuse(jumps, "parent", given.parent, "breadth first, siblings side by side")
    _refuse(given.depth[:1] != 0, "depth", given.depth, "0 at the root")
    shallow = np.zeros(len(parent), np.bool_)
    shallow[1:] = given.depth[1:] <= given.depth[parent[1:]]
    _refuse(shallow | (given.depth > MAX_DEPTH), "depth", given.depth, f"more than its parent's, at most {MAX_DEPTH}")


def _check_counts(given: Snapshot, count: NDArray[np.intp]) -> None:
    _refuse(count > MAX_CHILDREN, "number of children", count, f"at most {MAX_CHILDREN}")
    inside = (given.visits >= 0) & (given.visits <= MAX_VISITS)
    _refuse(~inside, "visits", given.visits, f"an integer in [0, {MAX_VISITS}]")
    _refuse(given.in_flight != 0, "in_flight", given.in_flight, "0: visits in flight cannot be taken along")


def _check_numbers(given: Snapshot, settings: Settings) -> None:
    low, high = np.float32(settings.value_range[0]), np.float32(settings.value_range[1])
    unvisited = given.visits == 0
    for name, lowest, highest in (
        ("q", -_MAX_RETURN, _MAX_RETURN),
        ("prior", 0.0, MAX_MAGNITUDE),
        ("reward", -MAX_MAGNITUDE, MAX_MAGNITUDE),
        ("m2", 0.0, _MAX_M2),
    ):
        numbers = getattr(given, name)
        inside = (numbers >= lowest) & (numbers <= highest)
        _refuse(~inside, name, numbers, f"a number in [{lowest:g}, {highest:g}]")
    for name in ("mean", "max"):
        numbers = getattr(given, name)
        inside = np.where(unvisited, np.isnan(numbers), np.abs(numbers) <= _MAX_RETURN)
        _refuse(~inside, name, numbers, f"NaN where visits is 0, else at most {_MAX_RETURN:g} in magnitude")
    inside = np.isnan(given.raw) | ~unvisited & (given.raw >= low) & (given.raw <= high)
    _refuse(~inside, "raw", given.raw, f"a number in [{low:g}, {high:g}], or NaN, and NaN where visits is 0")


def _check_flags(given: Snapshot, count: NDArray[np.intp], settings: Settings) -> None:
    flags = given.flags
    known = TERMINAL | PROVEN | EXHAUSTED | COMPLETE | LINK
    _refuse((flags & ~np.uint8(known)) != 0, "flags", flags, f"bits of {known} alone")
    _refuse((flags & (TERMINAL | LINK) != 0) & (count > 0), "flags", flags, "no children of a terminal node or a link")
    proven = flags & PROVEN != 0
    _refuse(proven & (flags & EXHAUSTED == 0), "flags", flags, "EXHAUSTED wherever PROVEN")
    _refuse(proven & (not settings.solver), "flags", flags, "nothing PROVEN: this forest has no solver")


def _check_links(given: Snapshot, parent: NDArray[np.int32], target: NDArray[np.int32], settings: Settings) -> None:
    is_link = given.flags & LINK != 0
    _refuse(is_link & (not settings.transpositions), "flags", given.flags, "no LINK: this forest has no transpositions")
    _refuse(is_link != (given.target != _NO_ROW), "target", given.target, "a node at a link, -1 elsewhere")
    _refuse(target == -2, "target", given.target, "the node of a row")
    _refuse(is_link & (given.hash == 0), "hash", given.hash, "a hash at a link")
    rows = np.flatnonzero(is_link)
    faults = np.zeros(len(target), np.bool_)
    faults[rows] = is_link[target[rows]] | (given.depth[target[rows]] <= given.depth[parent[rows]])
    _refuse(faults, "target", given.target, "no link, and deeper than the link's parent")
    shared = TERMINAL | PROVEN | EXHAUSTED
    faults[rows] = (given.flags[rows] ^ given.flags[target[rows]]) & shared != 0
    _refuse(faults, "flags", given.flags, "TERMINAL, PROVEN and EXHAUSTED of a link as of its target")
    faults[rows] = given.hash[rows] != given.hash[target[rows]]
    _refuse(faults, "hash", given.hash, "that of the link's target")


def _refuse(faults: Faults, name: str, values: NDArray[Any], expected: str) -> None:
    found = np.flatnonzero(faults)
    if found.size:
        row = int(found[0])
        raise InvalidInput(f"snapshot row {row} has {name} {values[row]}: expected {expected}")
