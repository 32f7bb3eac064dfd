"""Rollouts: independent ways through a domain, step by step, the best one given."""

from __future__ import annotations

from ..operators import Propose
from ..recipe import Recipe
from ..selection import Walk


def rollouts(temperature: float = 1.0, n: int = 1, max_depth: int = 32) -> Recipe:
    """Goes one way after the other until the budget ends, each step drawn by the policy, and gives the best end.

    For: web, gym, math, game24.

    It is best of n for domains that must be looked at after each step, where a whole solution cannot be written ahead.
    With temperature 0 it is the greedy agent: one way, always the likeliest step.

    Args:
        temperature: of the choice among the actions that a domain lists, by prior to the power of 1 / temperature; and
            of the draw, where it does not list them.
        n: proposals an expansion, where the domain does not list its actions.
        max_depth: steps after which a way is cut.
    """
    return Recipe(
        name="rollouts" if temperature > 0 else "greedy",
        operator=Propose(n, temperature),
        selection=Walk(temperature),
        evaluate="leaf",
        leaves=1,
        max_depth=max_depth,
    )
