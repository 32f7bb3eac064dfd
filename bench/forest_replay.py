"""Offline replay: 10,000 trees grown from evaluations that are all there already, native and an object a node.

    python bench/forest_replay.py native 10000 100    one of the two, in this process; answers a line of JSON

Each runs in a process of its own, so that the highest memory of the process tells what its trees took.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys

import numpy as np
import plain_python
from contest import seconds_of
from cores import C
from marks import Mark
from numpy.typing import NDArray
from table_evaluator import TableEvaluator

from treewright.mcts import Forest, fields

ACTIONS = 8
Evaluated = tuple[NDArray[np.float32], NDArray[np.float32]]


def evaluations(trees: int, simulations: int) -> Evaluated:
    """Priors [S, T, A] and values [S, T] for every round and tree."""
    evaluator = TableEvaluator(ACTIONS)
    priors = np.empty((simulations, trees, ACTIONS), np.float32)
    values = np.empty((simulations, trees), np.float32)
    keys = evaluator.root_keys(trees)
    for simulation in range(simulations):
        priors[simulation], values[simulation] = evaluator(keys)
        keys = evaluator.child_keys(keys)[:, simulation % ACTIONS].copy()
    return priors, values


def replay_native(forest: Forest, given: Evaluated) -> None:
    """One crossing a round."""
    batch = forest.batch(forest.new_trees(given[1].shape[1]), width=ACTIONS)
    batch.counts[:] = ACTIONS
    batch.select()
    for priors, values in zip(*given, strict=True):
        batch.priors[:] = priors
        batch.values[:] = values
        batch.step()


def replay_objects(roots: list[plain_python.Node], given: Evaluated) -> None:
    """A loop over the trees a round."""
    keys = [0] * ACTIONS
    for priors, values in zip(*given, strict=True):
        for root, own, value in zip(roots, priors.tolist(), values.tolist(), strict=True):
            leaf = plain_python.select(root, C)
            plain_python.expand(leaf, own, keys)
            plain_python.back_up(leaf, value)


def highest_memory() -> int:
    """Bytes that this process has held at most."""
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kibibytes * 1024


def here(core: str, trees: int, simulations: int) -> dict[str, float]:
    """Replays in this process: simulations a second, and bytes at the peak beyond those held before."""
    given = evaluations(trees, simulations)
    forest, roots = Forest(), [plain_python.Node(None, 1.0, 0) for _ in range(trees if core == "objects" else 0)]
    before = highest_memory()
    seconds = seconds_of(lambda: replay_native(forest, given) if core == "native" else replay_objects(roots, given))
    return {"rate": trees * simulations / seconds, "bytes": highest_memory() - before}


def elsewhere(core: str, trees: int, simulations: int) -> dict[str, float]:
    """Replays in a new process."""
    command = [sys.executable, __file__, core, str(trees), str(simulations)]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def measure(quick: bool) -> list[Mark]:
    """Prints speed and memory of both, and what a slot of the forest holds."""
    trees, simulations = (1_000, 50) if quick else (10_000, 100)
    nodes = trees * (1 + ACTIONS * simulations)
    print(f"{'':>12} {'trees':>8} {'sims/tree':>10} {'sims/s':>12} {'peak memory':>14} {'bytes a node':>14}")
    for core, name in (("native", "native"), ("objects", "plain Python")):
        found = elsewhere(core, trees, simulations)
        memory = f"{found['bytes'] / 1e6:>11,.0f} MB {found['bytes'] / nodes:>14.0f}"
        print(f"{name:>12} {trees:>8,} {simulations:>10} {found['rate']:>12,.0f} {memory}")
    hot = fields.SLOT.itemsize
    every = sum(column.itemsize for column in (fields.SLOT, fields.RETURNS, fields.PLACE, fields.SLOT_OF))
    print(f"a slot: {hot} bytes hot, {every} with the cold columns")
    return [
        Mark("bytes a slot, read and written by selection", 32, hot, at_most=True),
        Mark("bytes a slot, all columns", 64, every, at_most=True),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("core", choices=("native", "objects"))
    parser.add_argument("trees", type=int)
    parser.add_argument("simulations", type=int)
    options = parser.parse_args()
    print(json.dumps(here(options.core, options.trees, options.simulations)))
