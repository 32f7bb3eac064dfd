"""Tree cores under one harness: our two forests and plain Python; bench/peers has the others.

A core opens a run: for an evaluator, a number of trees and one of simulations it returns a function that grows the
trees once and answers the mean depth of the leaves (of no meaning where answers are replayed). What does not depend on
the search, such as memory that the core can use again or compilation, belongs to the opening.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plain_python
from numpy.typing import NDArray
from table_evaluator import TableEvaluator

from treewright.mcts import PUCT, Forest, ReferenceForest

C = PUCT().c
Answer = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint64]]


@dataclass
class Evaluations:
    """Asks the evaluator and keeps its answers, round by round; or gives the kept ones again."""

    evaluator: TableEvaluator
    kept: list[Answer] = field(default_factory=list)
    replay: Iterator[Answer] | None = None

    def __call__(self, keys: NDArray[np.uint64] | None) -> Answer:
        if self.replay is not None:
            return next(self.replay)
        assert keys is not None
        self.kept.append((*self.evaluator(keys), self.evaluator.child_keys(keys)))
        return self.kept[-1]


Run = Callable[[Evaluations], float]
Open = Callable[[TableEvaluator, int, int], Run]


def native(*, lazy: bool = False, **settings: Any) -> Open:
    """The native forest through its I/O buffers, one crossing a round; settings are those of `Forest`.

    `lazy`: a leaf below the root gets its children at its second visit; which these are is recorded like the answers.
    """

    def open_run(evaluator: TableEvaluator, trees: int, simulations: int) -> Run:
        forest = Forest(**settings)
        counts: list[NDArray[np.int32]] = []

        def run(evaluate: Evaluations) -> float:
            ids = forest.new_trees(trees)
            batch = forest.batch(ids, width=evaluator.actions)
            batch.counts[:] = evaluator.actions
            batch.select()
            if evaluate.replay is None:
                counts.clear()
                depth = grow(forest, ids, batch, evaluate, simulations, counts if lazy else None)
                depth /= trees * simulations
            else:
                depth = math.nan
                recorded = iter(counts)
                for priors, values, _ in evaluate.replay:
                    if lazy:
                        batch.counts[:] = next(recorded)
                    batch.priors[:] = priors
                    batch.values[:] = values
                    batch.step()
            forest.release(ids)
            return depth

        return run

    return open_run


def grow(
    forest: Forest,
    ids: NDArray[np.int32],
    batch: Any,
    evaluate: Evaluations,
    simulations: int,
    counts: list[NDArray[np.int32]] | None,
) -> float:
    """Simulations with the evaluator asked each time; the sum of the leaves' depths.

    With `counts` leaves get their children at their second visit, and each round's counts are appended there.
    """
    keys = np.zeros(forest.slots_capacity, np.uint64)
    keys[[forest.root(tree) for tree in ids]] = evaluate.evaluator.root_keys(len(ids))
    visited = np.zeros(len(keys), np.bool_)
    expanded = np.ones(len(ids), np.bool_)
    depths = 0
    for _ in range(simulations):
        depths += int(batch.depth.sum())
        if counts is not None:
            expanded = visited[batch.node] | (batch.depth == 0)
            visited[batch.node] = True
            counts.append(np.where(expanded, evaluate.evaluator.actions, -1).astype(np.int32))
            batch.counts[:] = counts[-1]
        batch.priors[:], batch.values[:], child_keys = evaluate(keys[batch.node])
        batch.step()
        highest = int(batch.children.max())
        if highest >= len(keys):
            keys = np.resize(keys, 2 * highest)
            visited = np.concatenate([visited, np.zeros(len(keys) - len(visited), np.bool_)])
        keys[batch.children[expanded]] = child_keys[expanded]
        visited[batch.children[expanded]] = False  # ids of released trees come again
    return depths


def oracle(evaluator: TableEvaluator, trees: int, simulations: int) -> Run:
    """The NumPy oracle, through the calls that take arrays."""
    forest = ReferenceForest()
    counts = np.full(trees, evaluator.actions, np.int32)

    def run(evaluate: Evaluations) -> float:
        ids = forest.new_trees(trees)
        keys = dict(zip((forest.root(tree) for tree in ids), evaluator.root_keys(trees), strict=True))
        depths = 0
        for _ in range(simulations):
            leaves = forest.select_batch(ids)
            depths += int(leaves.depth.sum())
            asked = None
            if evaluate.replay is None:
                asked = np.array([keys[node] for node in leaves.node.tolist()], np.uint64)
            priors, values, child_keys = evaluate(asked)
            children = forest.expand_batch(leaves.ticket, counts, priors.ravel())
            if evaluate.replay is None:
                keys.update(zip(children.tolist(), child_keys.ravel(), strict=True))
            forest.backup_batch(leaves.ticket, values)
        forest.release(ids)
        return depths / (trees * simulations)

    return run


def objects(evaluator: TableEvaluator, trees: int, simulations: int) -> Run:
    """Plain Python, an object a node."""

    def run(evaluate: Evaluations) -> float:
        roots = [plain_python.Node(None, 1.0, key) for key in evaluator.root_keys(trees).tolist()]
        for _ in range(simulations):
            leaves = [plain_python.select(root, C) for root in roots]
            asked = None
            if evaluate.replay is None:
                asked = np.array([leaf.key for leaf in leaves], np.uint64)
            priors, values, keys = evaluate(asked)
            rows = zip(leaves, priors.tolist(), keys.tolist(), values.tolist(), strict=True)
            for leaf, own_priors, own_keys, value in rows:
                plain_python.expand(leaf, own_priors, own_keys)
                plain_python.back_up(leaf, value)
        return math.nan if evaluate.replay else plain_python.mean_depth(roots)

    return run
