"""Priors and values from a table, looked up by a hash of the path to a leaf: the same answers for every tree core."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROWS_LOG2 = 12
MIX = 0xBF58476D1CE4E5B9


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64's finaliser, element by element."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(MIX)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


class TableEvaluator:
    """Scripted priors and values; integer arithmetic and exact divisions, so equal on every machine.

    A leaf is known by its key, uint64: `root_keys` for the roots, `child_keys` for the children of given keys.

    Attributes:
        actions: A, children of every node.
        priors: float32 [rows, A], each row sums to 1.
        values: float32 [rows], in [0, 1).
        codes: uint64 [A], what makes the key of a child from that of its parent.
    """

    def __init__(self, actions: int, seed: int = 0) -> None:
        rows = 1 << ROWS_LOG2
        draws = mixed(np.arange(1, rows * (actions + 1) + 1, dtype=np.uint64) + np.uint64(seed << 32))
        weights = (draws[: rows * actions] % np.uint64(64) + np.uint64(1)).reshape(rows, actions)
        self.actions = actions
        self.priors = weights.astype(np.float32) / weights.sum(axis=1, keepdims=True).astype(np.float32)
        self.values = (draws[rows * actions :] % np.uint64(1024)).astype(np.float32) / np.float32(1024)
        self.codes = mixed(np.arange(1, actions + 1, dtype=np.uint64))

    def root_keys(self, trees: int) -> NDArray[np.uint64]:
        """Keys of the roots [trees], all different."""
        return mixed(np.arange(1, trees + 1, dtype=np.uint64) << np.uint64(20))

    def child_keys(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Keys [M, A] of the children of the nodes with the given keys [M]."""
        crossed = (keys[:, None] ^ self.codes) * np.uint64(MIX)
        return crossed ^ (crossed >> np.uint64(29))

    def __call__(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Priors [M, A] and values [M] of leaves with the given keys [M]."""
        rows = (keys >> np.uint64(64 - ROWS_LOG2)).astype(np.intp)
        return self.priors[rows], self.values[rows]
