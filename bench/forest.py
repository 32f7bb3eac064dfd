"""Simulations a second of the native forest, of its NumPy oracle and of plain Python; and a signature of the search.

    python bench/forest.py              the table (a minute)
    python bench/forest.py --quick      a smoke run
    python bench/forest.py --signature  only the signature: it changes exactly when the search does

Every core runs PUCT on the same table evaluator, one leaf a tree a call, all cores in turn within one process. "tree
alone" replays the evaluator's recorded answers: what the tree itself costs, its Python calls included.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import plain_python
from numpy.typing import NDArray
from table_evaluator import TableEvaluator

from treewright.mcts import PUCT, UCT, Forest, ReferenceForest

ACTIONS = 8
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


def grow_forest(kind: type[Forest] | type[ReferenceForest]) -> Callable[[int, int, Evaluations], None]:
    """Runs of one of the two forests; like Python's heap, it is used again from run to run."""
    forest = kind()

    def run(trees: int, simulations: int, evaluate: Evaluations) -> None:
        ids = forest.new_trees(trees)
        counts = np.full(trees, ACTIONS, np.int32)
        keys = np.empty(trees * (ACTIONS * simulations + 1), np.uint64)
        keys[[forest.root(tree) for tree in ids]] = evaluate.evaluator.root_keys(trees)
        known = evaluate.replay is not None
        for _ in range(simulations):
            leaves = forest.select_batch(ids)
            priors, values, child_keys = evaluate(None if known else keys[leaves.node])
            children = forest.expand_batch(leaves.ticket, counts, priors)
            if not known:
                keys[children] = child_keys
            forest.backup_batch(leaves.ticket, values)
        forest.release(ids)

    return run


def grow_objects(trees: int, simulations: int, evaluate: Evaluations) -> None:
    """A run of plain Python."""
    roots = [plain_python.Node(None, 1.0, key) for key in evaluate.evaluator.root_keys(trees).tolist()]
    for _ in range(simulations):
        leaves = [plain_python.select(root, PUCT().c) for root in roots]
        known = evaluate.replay is not None
        priors, values, keys = evaluate(None if known else np.array([leaf.key for leaf in leaves], np.uint64))
        prior_list, key_list = priors.tolist(), keys.tolist()
        for row, (leaf, value) in enumerate(zip(leaves, values.tolist(), strict=True)):
            columns = slice(row * ACTIONS, (row + 1) * ACTIONS)
            plain_python.expand(leaf, prior_list[columns], key_list[columns])
            plain_python.back_up(leaf, value)


@dataclass
class Core:
    """A tree core under measurement; `share` of the simulations is what it is given to do."""

    name: str
    run: Callable[[int, int, Evaluations], None]
    share: float = 1.0
    whole: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    simulations: int = 0

    def measure(self, trees: int, simulations: int, evaluator: TableEvaluator) -> None:
        """One more run with the evaluator and one without, in simulations a second."""
        self.simulations = max(10, round(simulations * self.share))
        evaluations = Evaluations(evaluator)
        for rates in (self.whole, self.alone):
            begin = time.perf_counter()
            self.run(trees, self.simulations, evaluations)
            rates.append(trees * self.simulations / (time.perf_counter() - begin))
            evaluations.replay = iter(evaluations.kept)


def evaluator_rate(evaluator: TableEvaluator, trees: int) -> float:
    """Leaves a second of the evaluator alone, in batches of `trees`."""
    keys = evaluator.root_keys(trees)
    rounds = max(1, 20_000 // trees)
    begin = time.perf_counter()
    for _ in range(rounds):
        evaluator(keys)
        keys = evaluator.child_keys(keys)[::ACTIONS]
    return trees * rounds / (time.perf_counter() - begin)


def table(simulations: int, repeats: int) -> None:
    """Measures all cores and prints one table."""
    evaluator = TableEvaluator(ACTIONS)
    print(f"{'':>14} {'trees':>6} {'sims/tree':>10} {'sims/s':>12} {'sims/s, tree alone':>20} {'lowest - highest':>26}")
    for trees in (1, 64, 256):
        cores = [
            Core("native", grow_forest(Forest)),
            Core("plain Python", grow_objects, min(1.0, 64 / trees)),
            Core("NumPy oracle", grow_forest(ReferenceForest), min(1.0, 4 / trees)),
        ]
        for _ in range(repeats):
            for core in cores:
                core.measure(trees, simulations, evaluator)
        for core in cores:
            spread = f"{min(core.alone):,.0f} - {max(core.alone):,.0f}"
            whole, alone = statistics.median(core.whole), statistics.median(core.alone)
            print(f"{core.name:>14} {trees:>6} {core.simulations:>10} {whole:>12,.0f} {alone:>20,.0f} {spread:>26}")
        print(f"{'evaluator':>14} {trees:>6} {'':>10} {evaluator_rate(evaluator, trees):>12,.0f}")


def signature(kind: type[Forest] | type[ReferenceForest] = Forest) -> str:
    """Eight hexadecimal digits of all node ids, depths and visit counts of a scripted search."""
    evaluator = TableEvaluator(ACTIONS, seed=1)
    digest = 0
    for rule in (UCT(), PUCT()):
        forest = kind(rule=rule, ties="random", seed=7, discount=0.95)
        trees = forest.new_trees(8)
        keys = np.zeros(100_000, np.uint64)
        keys[[forest.root(tree) for tree in trees]] = evaluator.root_keys(len(trees))
        for _ in range(40):
            leaves = forest.select_batch(trees, 4)
            own = keys[leaves.node]
            priors, values = evaluator(own)
            # Ragged, with rewards and ends: all of them read off the keys.
            counts = (own % np.uint64(ACTIONS + 1)).astype(np.int32) * ~leaves.terminal
            kept = (np.arange(ACTIONS) < counts[:, None]).ravel()
            child_keys = evaluator.child_keys(own)[kept]
            expandable = ~leaves.terminal
            children = forest.expand_batch(
                leaves.ticket[expandable],
                counts[expandable],
                priors[kept],
                rewards=(child_keys % np.uint64(5)).astype(np.float32) / 16,
                terminal=child_keys % np.uint64(16) == 0,
            )
            keys[children] = child_keys
            cancelled = own % np.uint64(7) == 3
            forest.cancel_batch(leaves.ticket[cancelled])
            forest.backup_batch(leaves.ticket[~cancelled], values[~cancelled])
        for tree in trees:
            shot = forest.snapshot(tree)
            for column in (shot.node, shot.depth, shot.visits):
                digest = zlib.crc32(column.astype("<i4").tobytes(), digest)
    return f"{digest:08x}"


def machine() -> str:
    """The processor, its cores and how busy they were when the bench began."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")] or [platform.machine()]
    load = os.getloadavg()[0]
    return f"{names[0]}, {os.cpu_count()} cores (load {load:.1f}), Python {platform.python_version()}"


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the simulations, one repeat")
    parser.add_argument("--signature", action="store_true", help="print the signature alone")
    options = parser.parse_args()
    if options.signature:
        print(signature())
        return
    print(machine())
    table(100 if options.quick else 1000, 1 if options.quick else 5)
    print(f"signature {signature()}")


if __name__ == "__main__":
    main()
