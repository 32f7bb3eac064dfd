"""Beam search over steps."""

from __future__ import annotations

from ..operators import Propose
from ..recipe import Recipe
from ..selection import Beam


def beam(width: int = 4, n: int = 4, temperature: float = 0.8, max_depth: int = 32) -> Recipe:
    """Keeps the `width` best states of a level by the value model and expands each of them, level by level.

    For: math, game24, countdown.

    This is Tree of Thoughts' breadth-first search (Yao et al. 2023, algorithm 1) with the paper's b as `width` and k
    as `n`.

    Args:
        width: states kept a level.
        n: proposals an expansion, where the domain does not list its actions.
        temperature: of the proposals.
        max_depth: steps after which a path is cut.
    """
    return Recipe(
        name="beam",
        operator=Propose(n, temperature),
        selection=Beam(width),
        evaluate="children",
        leaves=width,
        max_depth=max_depth,
    )
