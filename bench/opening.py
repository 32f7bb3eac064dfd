"""How long it takes to save a forest of two million slots, and to open it again."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import numpy as np
from contest import seconds_of
from marks import Mark
from table_evaluator import TableEvaluator

from treewright.mcts import Forest

SLOTS = 2_000_000
TREES = 256
ACTIONS = 8


def grown(slots: int) -> Forest:
    """A forest of trees that fill so many slots."""
    evaluator = TableEvaluator(ACTIONS)
    forest = Forest()
    batch = forest.batch(forest.new_trees(TREES), width=ACTIONS)
    batch.counts[:] = ACTIONS
    batch.select()
    keys = evaluator.root_keys(TREES)
    while forest.slots_used < slots:
        batch.priors[:], batch.values[:] = evaluator(keys)
        batch.step()
        keys = evaluator.child_keys(keys)[np.arange(TREES), batch.depth % ACTIONS]
    forest.cancel_batch(batch.ticket)
    return forest


def measure(quick: bool) -> list[Mark]:
    """Prints milliseconds; the mark is that of a memory map."""
    forest = grown(SLOTS // 10 if quick else SLOTS)
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "forest"
        calls = {
            "save": lambda: forest.save(target),
            "load": lambda: Forest.load(target),
            "load(mmap=True)": lambda: Forest.load(target, mmap=True),
        }
        milliseconds = {
            name: statistics.median(seconds_of(call) * 1e3 for _ in range(2 if quick else 7))
            for name, call in calls.items()
        }
        megabytes = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    print(f"a forest of {forest.slots_used:,} slots, {megabytes:,.0f} MB; the file is in the system's cache")
    for name, figure in milliseconds.items():
        print(f"{name:>16} {figure:>10,.1f} ms")
    return [
        Mark(f"ms to open {forest.slots_used:,} slots, mmap=True", 20, milliseconds["load(mmap=True)"], at_most=True)
    ]
