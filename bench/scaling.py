"""What a simulation costs as trees grow, and as threads share them.

Three tables: the time of a simulation as 256 trees grow from 100 to 4,000 simulations; the time of a reserved visit and
its backup at a fixed depth in a tree of ever more nodes; and the speed of two threads on 256 trees.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from contest import Contestant, in_turn, seconds_of, times_faster
from cores import native
from marks import Mark
from numpy.typing import NDArray
from table_evaluator import TableEvaluator

from treewright.mcts import Forest

TREES = 256
ACTIONS = 8
DEPTH = 3
VISITS = 256


def growth(quick: bool) -> Mark:
    """Time of a simulation in small and large trees."""
    sizes = (100, 400) if quick else (100, 400, 1000, 4000)
    contestants = [Contestant(f"{size}", native(), TREES, size) for size in sizes]
    in_turn(contestants, TableEvaluator(ACTIONS), 1 if quick else 9)
    print(
        f"{'simulations':>12} {'nodes a tree':>14} {'depth':>8} {'ns a simulation':>16}   ({TREES} trees, tree alone)"
    )
    for contestant in contestants:
        nodes = ACTIONS * contestant.simulations + 1
        print(f"{contestant.name:>12} {nodes:>14,} {contestant.depth:>8.2f} {1e9 / contestant.rate:>16.0f}")
    ratio = times_faster(contestants[0], contestants[-1])
    return Mark(f"time of a simulation, {TREES} x {sizes[-1]} over {TREES} x {sizes[0]}", 2.0, ratio, at_most=True)


def complete_tree(forest: Forest, actions: int) -> NDArray[np.int32]:
    """Grows one tree whose nodes above DEPTH all have `actions` children; the nodes at DEPTH."""
    (tree,) = forest.new_trees(1)
    level = np.array([forest.root(tree)], np.int32)
    for _ in range(DEPTH):
        tickets = forest.reserve_batch(level)
        counts = np.full(len(level), actions, np.int32)
        level = forest.expand_batch(tickets, counts, np.full(len(level) * actions, 1 / actions, np.float32))
        forest.cancel_batch(tickets)
    return level


def visits(forest: Forest, nodes: NDArray[np.int32]) -> float:
    """Nanoseconds of one reserved visit and its backup, in a batch of VISITS."""
    values = np.full(VISITS, 0.5, np.float32)
    return seconds_of(lambda: forest.backup_batch(forest.reserve_batch(nodes), values)) * 1e9 / VISITS


def operations(quick: bool) -> None:
    """Time of a visit at a fixed depth, in trees of ever more nodes."""
    print(f"{'nodes':>12} {'same nodes':>12} {'any nodes':>12}   ns a visit reserved and backed up at depth {DEPTH}")
    random = np.random.default_rng(0)
    for actions in (8, 20, 46) if quick else (8, 20, 46, 100, 160):
        forest = Forest()
        ends = complete_tree(forest, actions)
        same = random.choice(ends, VISITS, replace=False)
        times = [(visits(forest, same), visits(forest, random.choice(ends, VISITS, replace=False))) for _ in range(200)]
        near, far = (statistics.median(column) for column in zip(*times, strict=True))
        nodes = sum(actions**depth for depth in range(DEPTH + 1))
        print(f"{nodes:>12,} {near:>12.0f} {far:>12.0f}")


def threads(quick: bool) -> Mark:
    """Two threads against one."""
    each = 100 if quick else 1000
    contestants = [Contestant(f"{n}", native(threads=n), TREES, each, time.perf_counter) for n in (1, 2)]
    in_turn(contestants, TableEvaluator(ACTIONS), 1 if quick else 7)
    print(f"{'threads':>12} {'sims/s':>12}   ({TREES} trees, tree alone)")
    for contestant in contestants:
        print(f"{contestant.name:>12} {contestant.rate:>12,.0f}")
    return Mark(f"times faster with threads=2, {TREES} trees", 1.7, times_faster(contestants[1], contestants[0]))


def measure(quick: bool) -> list[Mark]:
    """Prints the three tables."""
    marks = [growth(quick)]
    operations(quick)
    return [*marks, threads(quick)]
