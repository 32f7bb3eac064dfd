"""A signature of the search: eight hexadecimal digits that change exactly when a search does."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from table_evaluator import TableEvaluator

from treewright.mcts import PUCT, UCBV, UCT, Forest, ReferenceForest, Snapshot, UCB1Tuned

Kind = type[Forest] | type[ReferenceForest]

WIDEST = 40
CASES: tuple[dict[str, Any], ...] = (
    {"rule": UCT()},
    {"rule": PUCT()},
    {"rule": PUCT(), "in_flight": "virtual_loss"},
    {"rule": UCT(), "ties": "random", "seed": 7},
    {"rule": PUCT(first_play=0.25, reduction=0.5), "ties": "random", "seed": 7},
    {"rule": UCB1Tuned(), "normalise": True},
    {"rule": UCBV(), "backup": "max"},
)


def signature(kind: Kind = Forest, **settings: Any) -> str:
    """Digest of the trees that scripted searches of all cases grow: of each node its parent, depth and visits.

    The searches take four leaves a call from nodes of up to 8 children, some of 20 to 40, with rewards, terminal
    nodes, dead ends and cancelled tickets. Nodes count by their place in the tree, breadth first: ids are the forest's.
    """
    digest = 0
    for case in CASES:
        for snapshot in grown(kind(discount=0.95, **case, **settings)):
            for column in (parents(snapshot), snapshot.depth, snapshot.visits):
                digest = zlib.crc32(column.astype("<i4").tobytes(), digest)
    return f"{digest:08x}"


def grown(forest: Forest | ReferenceForest, trees: int = 5, rounds: int = 24) -> list[Snapshot]:
    """Trees of one scripted search."""
    evaluator = TableEvaluator(WIDEST, seed=1)
    ids = forest.new_trees(trees)
    keys = dict(zip((forest.root(tree) for tree in ids), evaluator.root_keys(trees), strict=True))
    for _ in range(rounds):
        leaves = forest.select_batch(ids, 4)
        own = np.array([keys[node] for node in leaves.node.tolist()], np.uint64)
        priors, values = evaluator(own)
        # Shape, rewards and ends are all read off the keys.
        wide = own >> np.uint64(8) & np.uint64(7) == 0
        counts = np.where(wide, 20 + own % np.uint64(21), own % np.uint64(9)).astype(np.int32)
        counts[leaves.depth == 0] = np.maximum(counts[leaves.depth == 0], 6)  # no tree is over at once
        open_ = ~leaves.terminal
        kept = (np.arange(WIDEST) < counts[:, None])[open_]
        child_keys = evaluator.child_keys(own[open_])[kept]
        children = forest.expand_batch(
            leaves.ticket[open_],
            counts[open_],
            priors[open_][kept],
            rewards=(child_keys % np.uint64(5)).astype(np.float32) / 16,
            terminal=child_keys % np.uint64(16) == 0,
        )
        keys.update(zip(children.tolist(), child_keys, strict=True))
        cancelled = own % np.uint64(7) == 3
        forest.cancel_batch(leaves.ticket[cancelled])
        forest.backup_batch(leaves.ticket[~cancelled], values[~cancelled])
    return [forest.snapshot(tree) for tree in ids]


def parents(snapshot: Snapshot) -> NDArray[np.int64]:
    """The row of each node's parent, -1 of the root."""
    row_of = {node: row for row, node in enumerate(snapshot.node.tolist())}
    return np.array([row_of.get(parent, -1) for parent in snapshot.parent.tolist()])
