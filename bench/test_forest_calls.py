"""Single calls of the forest, timed by pytest-benchmark: `pytest bench --benchmark-enable --benchmark-only`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from treewright.mcts import Forest, Leaves

TREES = 256
ACTIONS = 8
SIMULATIONS = 200
ROUNDS = 200

PRIORS = np.random.default_rng(0).random((SIMULATIONS + ROUNDS, TREES, ACTIONS)).astype(np.float32)
VALUES = np.random.default_rng(1).random((SIMULATIONS + ROUNDS, TREES)).astype(np.float32)
COUNTS = np.full(TREES, ACTIONS, np.int32)


class Grown:
    """A forest of trees of some size, and the calls of its next rounds."""

    def __init__(self) -> None:
        self.forest = Forest()
        self.trees = self.forest.new_trees(TREES)
        self.round = 0
        for _ in range(SIMULATIONS):
            self.back_up(self.expanded(self.selected()))

    def selected(self) -> Leaves:
        """A leaf a tree."""
        return self.forest.select_batch(self.trees)

    def expanded(self, leaves: Leaves) -> Leaves:
        """Their children."""
        self.forest.expand_batch(leaves.ticket, COUNTS, PRIORS[self.round].ravel())
        return leaves

    def back_up(self, leaves: Leaves) -> None:
        """Their values."""
        self.forest.backup_batch(leaves.ticket, VALUES[self.round])
        self.round += 1


@pytest.fixture
def grown() -> Grown:
    return Grown()


def timed(
    benchmark: Any, call: Callable[..., object], before: Callable[[], tuple[Any, ...]], rounds: int = ROUNDS
) -> None:
    """Times `call` on what `before` returns, which is not timed."""
    benchmark.pedantic(call, setup=lambda: (before(), {}), rounds=rounds)


def test_select_batch(benchmark: Any, grown: Grown) -> None:
    waiting: list[Leaves] = []

    def finish_round() -> tuple[Any, ...]:
        if waiting:
            grown.back_up(grown.expanded(waiting.pop()))
        return ()

    timed(benchmark, lambda: waiting.append(grown.selected()), finish_round)


def test_expand_batch(benchmark: Any, grown: Grown) -> None:
    waiting: list[Leaves] = []

    def finish_round() -> tuple[Any, ...]:
        if waiting:
            grown.back_up(waiting.pop())
        return (grown.selected(),)

    timed(benchmark, lambda leaves: waiting.append(grown.expanded(leaves)), finish_round)


def test_backup_batch(benchmark: Any, grown: Grown) -> None:
    timed(benchmark, grown.back_up, lambda: (grown.expanded(grown.selected()),))


def test_step(benchmark: Any, grown: Grown) -> None:
    batch = grown.forest.batch(grown.trees, width=ACTIONS)
    batch.counts[:] = ACTIONS
    batch.priors[:] = PRIORS[0]
    batch.values[:] = VALUES[0]
    batch.select()
    timed(benchmark, batch.step, tuple)


def test_reroot(benchmark: Any, grown: Grown) -> None:
    trees = iter(grown.trees.tolist())

    def next_tree() -> tuple[int, int]:
        tree = next(trees)
        stats = grown.forest.root_stats(tree)
        return tree, int(stats.node[stats.visits.argmax()])

    timed(benchmark, grown.forest.reroot, next_tree)


def test_snapshot(benchmark: Any, grown: Grown) -> None:
    benchmark(grown.forest.snapshot, int(grown.trees[0]))


def test_root_stats(benchmark: Any, grown: Grown) -> None:
    benchmark(grown.forest.root_stats, int(grown.trees[0]))


def test_release(benchmark: Any, grown: Grown) -> None:
    trees = iter(grown.trees[:, None])
    timed(benchmark, grown.forest.release, lambda: (next(trees),))


@pytest.mark.parametrize("mmap", [False, True])
def test_load(benchmark: Any, grown: Grown, tmp_path: Path, mmap: bool) -> None:
    grown.forest.save(tmp_path / "forest")
    benchmark(Forest.load, tmp_path / "forest", mmap=mmap)
