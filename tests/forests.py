"""What the forest's tests share: hand-made views of a node, forests grown a step, and a scripted search."""

from __future__ import annotations

from typing import Any

import numpy as np

from treewright.mcts.hashing import splitmix64
from treewright.mcts.rules.view import Children, NodeView

Columns = dict[str, Any]


def children_view(
    parent_started: int = 1,
    *,
    eligible: list[int] | None = None,
    low: float = 0.0,
    high: float = 1.0,
    depth: int = 0,
    root: bool = True,
    parent_raw: float = np.nan,
    parent_q: float = 0.5,
    parent_visits: int = 1,
    discount: float = 1.0,
    key: int = 1,
    **columns: Any,
) -> NodeView:
    """A node whose children have these columns; what is not given is 0 or NaN, and visits are all that were started."""
    size = len(next(iter(columns.values())))
    given: Columns = {
        "index": range(size),
        "q": [0.0] * size,
        "prior": [0.0] * size,
        "reward": [0.0] * size,
        "visits": columns.get("started", [0] * size),
        "started": columns.get("visits", [0] * size),
        "raw": [np.nan] * size,
        "mean": [np.nan] * size,
        "max": [np.nan] * size,
        "m2": [0.0] * size,
        "variance": [0.0] * size,
        **columns,
    }
    given["in_flight"] = np.subtract(given["started"], given["visits"])
    whole = {"index", "visits", "started", "in_flight"}
    everyone = {name: np.array(list(given[name]), np.int32 if name in whole else np.float32) for name in given}
    chosen = np.arange(size) if eligible is None else np.array(eligible)
    return NodeView(
        **{name: values[chosen] for name, values in everyone.items()},
        everyone=Children(**everyone),
        parent_started=parent_started,
        parent_visits=parent_visits,
        parent_in_flight=parent_started - parent_visits,
        parent_q=np.float32(parent_q),
        parent_raw=np.float32(parent_raw),
        depth=depth,
        is_root=root,
        key=key,
        tree_key=key,
        low=np.float32(low),
        high=np.float32(high),
        width=np.float32(high - low),
        middle=np.float32((low + high) / 2),
        discount=np.float32(discount),
    )


def grown(kind: Any, priors: list[float], terminal: list[bool] | None = None, **options: Any) -> tuple[Any, int, Any]:
    """A forest of one tree whose root is expanded and has been evaluated at 0.5; the tree and the root's children."""
    forest = kind(**options)
    tree = int(forest.new_trees(1)[0])
    leaves = forest.select_batch([tree])
    children = forest.expand_batch(leaves.ticket, [len(priors)], priors, terminal=terminal)
    forest.backup_batch(leaves.ticket, [0.5])
    return forest, tree, children


def below(forest: Any, node: int, count: int, value: float | None = None, **columns: Any) -> list[int]:
    """Gives a node children of equal priors, by a visit that is backed up with `value`, or cancelled; their ids."""
    ticket = forest.reserve_batch([node])
    made = forest.expand_batch(ticket, [count], [1.0 / max(count, 1)] * count, **columns)
    finish(forest, ticket, value)
    return [int(child) for child in made]


def visit(forest: Any, node: int, value: float) -> None:
    """One evaluation of a node."""
    finish(forest, forest.reserve_batch([node]), value)


def finish(forest: Any, ticket: Any, value: float | None) -> None:
    if value is None:
        forest.cancel_batch(ticket)
    else:
        forest.backup_batch(ticket, [value])


def row_of(shot: Any, node: int) -> int:
    """The row of a node in a snapshot."""
    return int(np.flatnonzero(shot.node == node)[0])


class Script:
    """Searches one tree with answers that depend on the path alone, so that every forest is told the same.

    A state is what its actions lead to: with `commuting` the order of the actions does not matter, and the states'
    hashes are given. Children have ragged numbers, rewards and ends of the task; a node with children gets one more at
    a time.
    """

    def __init__(self, forest: Any, *, seed: int = 1, rewards: bool = False, commuting: bool = False) -> None:
        self.forest = forest
        self.tree = int(forest.new_trees(1)[0])
        self._rewards, self._commuting = rewards, commuting
        self._state: dict[int, int] = {forest.root(self.tree): splitmix64(seed)}

    def run(self, calls: int, leaves: int = 1) -> None:
        for _ in range(calls):
            found = self.forest.select_batch([self.tree], leaves)
            for ticket, node, terminal, expanded in zip(
                found.ticket, found.node.tolist(), found.terminal, found.expanded, strict=True
            ):
                if expanded:
                    self._widen(ticket, node)
                    continue
                if not terminal:
                    self._expand(ticket, node, 1 + self._state[node] % 4)
                self._back_up(ticket, node)

    def reroot(self, child: int) -> None:
        """Goes on below a child of the root."""
        forest = self.forest
        forest.reroot(self.tree, forest.children(forest.root(self.tree))[child])

    def _widen(self, ticket: int, node: int) -> None:
        if len(self.forest.children(node)) >= 6:
            self.forest.exhaust_batch([ticket])
            return
        (child,) = self._expand(ticket, node, 1)
        self.forest.cancel_batch([ticket])
        real = int(self.forest.target([child])[0])
        self._back_up(self.forest.reserve_batch([child])[0], real)

    def _expand(self, ticket: int, node: int, count: int) -> list[int]:
        begin = len(self.forest.children(node))
        states = [self._below(self._state[node], action) for action in range(begin, begin + count)]
        made = self.forest.expand_batch(
            [ticket],
            [count],
            [(1 + state % 7) / 8 for state in states],
            rewards=[(state >> 8) % 5 / 8 - 0.25 for state in states] if self._rewards else None,
            terminal=[(state >> 16) % 6 == 0 for state in states],
            hashes=states,
        ).tolist()
        self._state.update(zip(made, states, strict=True))
        return made

    def _back_up(self, ticket: int, node: int) -> None:
        self.forest.backup_batch([ticket], [(self._state[node] >> 24) % 17 / 16])

    def _below(self, state: int, action: int) -> int:
        mixed = splitmix64(action + 1)
        return (state + (mixed >> 1)) % (1 << 63) + 1 if self._commuting else splitmix64(state ^ mixed)
