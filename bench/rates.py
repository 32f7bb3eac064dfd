"""How many simulations a second: our forests, plain Python and the peers, on the same table evaluator.

Every core grows PUCT trees, one leaf a tree a round, all cores in turn within one process, each on one thread. "tree
alone" replays the evaluator's recorded answers: what the tree itself costs, its Python calls included. A descent costs
by its depth, hence the column. "native, lazy" gives a leaf its children at its second visit, as mctorch-mcts does: its
mark is counted against that row, which makes as few nodes.
"""

from __future__ import annotations

import statistics

import peers
from contest import Contestant, in_turn, seconds_of, times_faster
from cores import native, objects, oracle
from marks import Mark
from table_evaluator import TableEvaluator

ACTIONS = 8
SIMULATIONS = 1000
# Slow cores do less: those that go from tree to tree have fewer trees, mctx fewer simulations in each.
MOST_TREES = {"plain Python": 16, "NumPy oracle": 4}
MOST_SIMULATIONS = {"mctx": 64_000}  # of all trees


def evaluator_rate(evaluator: TableEvaluator, trees: int) -> float:
    """Leaves a second of the evaluator alone, in batches of `trees`."""
    keys = evaluator.root_keys(trees)
    rounds = max(1, 20_000 // trees)

    def ask() -> None:
        nonlocal keys
        for _ in range(rounds):
            evaluator(keys)
            keys = evaluator.child_keys(keys)[:, 0].copy()

    return trees * rounds / seconds_of(ask)


def print_row(contestant: Contestant, ratio: float) -> None:
    """One core at one number of trees."""
    alone = spread = ""
    if contestant.alone:
        alone = f"{contestant.rate:,.0f}"
        spread = f"{1 / max(contestant.alone):,.0f} - {1 / min(contestant.alone):,.0f}"
    print(
        f"{contestant.name:>14} {contestant.trees:>6} {contestant.simulations:>10} "
        f"{1 / statistics.median(contestant.whole):>12,.0f} {alone:>12} {spread:>24} "
        f"{contestant.depth:>6.2f} {ratio:>9.1f}x"
    )


def measure(quick: bool) -> list[Mark]:
    """Prints one table; the marks are those of 64 trees and of one."""
    found, absent = peers.installed()
    evaluator = TableEvaluator(ACTIONS)
    simulations, repeats = (SIMULATIONS // 10, 1) if quick else (SIMULATIONS, 5)
    print(f"{'':>14} {'trees':>6} {'sims/tree':>10} {'sims/s':>12} {'tree alone':>12} {'lowest - highest':>24}", end="")
    print(f" {'depth':>6} {'native is':>10}")
    cores = {
        "native": native(),
        "native, lazy": native(lazy=True),
        **found,
        "plain Python": objects,
        "NumPy oracle": oracle,
    }
    measured: dict[tuple[str, int], Contestant] = {}
    for trees in (1, 64, 256):
        contestants = []
        for name, core in cores.items():
            some = min(trees, MOST_TREES.get(name, trees))
            each = min(simulations, MOST_SIMULATIONS.get(name, trees * simulations) // trees)
            contestants.append(Contestant(name, core, some, each))
        in_turn(contestants, evaluator, repeats)
        for contestant in contestants:
            measured[contestant.name, trees] = contestant
            print_row(contestant, times_faster(contestants[0], contestant))
        print(f"{'evaluator':>14} {trees:>6} {'':>10} {evaluator_rate(evaluator, trees):>12,.0f}")
    for name, reason in absent.items():
        print(f"{name:>14}: absent: {reason}")
    return marks(measured, absent)


def marks(measured: dict[tuple[str, int], Contestant], absent: dict[str, str]) -> list[Mark]:
    """What the table is to show."""
    ours = measured["native", 64]
    asked = [
        Mark("simulations/s of the tree alone, 64 trees", 5e6, ours.rate),
        Mark("simulations/s of the tree alone, 1 tree", 1e6, measured["native", 1].rate),
    ]
    lazy = measured["native, lazy", 64]
    for name, fast, bound in (("gumbel-mcts", ours, 4.0), ("mctorch-mcts", lazy, 1.5), ("plain Python", ours, 100.0)):
        slow = measured.get((name, 64))
        figure = times_faster(fast, slow) if slow else None
        asked.append(Mark(f"{fast.name}: times {name}, 64 trees", bound, figure, why=absent.get(name, "")))
    return asked
