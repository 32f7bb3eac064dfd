"""Best-first search over steps."""

from __future__ import annotations

from ..operators import Propose
from ..recipe import Recipe
from ..selection import Frontier


def best_first(width: int = 5, n: int = 5, temperature: float = 1.0, max_depth: int = 32) -> Recipe:
    """Works on the state of the highest value first, wherever in the tree it stands (Koh et al. 2024, algorithm 1).

    A state that nobody has looked at yet counts as much as its parent, as in the paper, where actions wait on the
    frontier with the value of the state that they were proposed in; among equal ones the likeliest is next, where the
    paper takes the first drawn. States are scored by the value model when they are taken from the frontier.

    Args:
        width: children of a node that go on the frontier, the likeliest first (5 in the paper).
        n: proposals an expansion, where the domain does not list its actions.
        temperature: of the proposals.
        max_depth: steps after which a path is cut (5 in the paper).
    """
    return Recipe(
        name="best_first",
        operator=Propose(n, temperature),
        selection=Frontier("best", width=width),
        evaluate="leaf",
        leaves=1,
        max_depth=max_depth,
    )
