"""What a rule written in Python costs: PUCT by `@rule` against the built-in PUCT, on the same searches."""

from __future__ import annotations

import math

from contest import Contestant, in_turn, times_faster
from cores import C, native
from marks import Mark
from table_evaluator import TableEvaluator

from treewright.mcts import PUCT, rule

TREES = 64
ACTIONS = 8


@rule
def restated(q: float, prior: float, started: int, parent_started: int) -> float:
    """PUCT, as its docstring has it."""
    return q + C * math.sqrt(max(parent_started, 1)) * prior / (1 + started)


def measure(quick: bool) -> list[Mark]:
    """Prints both rates."""
    rules = {"built-in PUCT": PUCT(C), "@rule PUCT": restated}
    contestants = [
        Contestant(name, native(rule=chosen), TREES, 100 if quick else 1000) for name, chosen in rules.items()
    ]
    in_turn(contestants, TableEvaluator(ACTIONS), 1 if quick else 7)
    print(f"{'rule':>14} {'sims/s':>12} {'depth':>8}   ({TREES} trees, tree alone)")
    for contestant in contestants:
        print(f"{contestant.name:>14} {contestant.rate:>12,.0f} {contestant.depth:>8.2f}")
    return [Mark("time of a custom PUCT over the built-in one", 1.5, times_faster(*contestants), at_most=True)]
