"""A scripted search that meets everything a tree can hold, and the comparison of what two forests made of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from treewright.mcts import Snapshot


def grow(forest: Any, rounds: int = 40, most: int = 9) -> Snapshot:
    """A search of two trees with ragged nodes, rewards, ends, cancelled tickets and states that come again."""
    trees = forest.new_trees(2)
    for number in range(rounds):
        leaves = forest.select_batch(trees, 3)
        rows = np.arange(len(leaves.ticket))
        mixed = (leaves.depth * 7 + rows * 3 + number * 5) % 11
        counts = np.where(leaves.terminal | leaves.expanded, 0, mixed % (most + 1))
        total = int(counts.sum())
        draw = np.random.default_rng(number)
        expandable = ~(leaves.terminal | leaves.expanded)
        forest.expand_batch(
            leaves.ticket[expandable],
            counts[expandable],
            draw.integers(1, 9, total) / 8,
            rewards=draw.integers(0, 5, total) / 16,
            terminal=draw.random(total) < 0.1,
            hashes=draw.integers(0, 60, total).astype(np.uint64),
        )
        forest.cancel_batch(leaves.ticket[mixed == 3])
        forest.backup_batch(leaves.ticket[mixed != 3], mixed[mixed != 3] / 11)
    return forest.snapshot(int(trees[1]))


def same_tree(ours: Snapshot, theirs: Snapshot) -> None:
    """Equal to the last bit, the numbers of the nodes apart."""
    for name in set(Snapshot._fields) - {"node", "parent", "target"}:
        assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes(), name
    row_of = [{int(node): row for row, node in enumerate(shot.node)} | {-1: -1} for shot in (ours, theirs)]
    for name in ("parent", "target"):
        assert [row_of[0][node] for node in getattr(ours, name).tolist()] == [
            row_of[1][node] for node in getattr(theirs, name).tolist()
        ]
