"""Tree of Thoughts: breadth first with a few states kept, or depth first with hopeless ones cut."""

from __future__ import annotations

from typing import Literal

from ..operators import Propose
from ..recipe import Recipe
from ..selection import Beam, Frontier


def tot(
    order: Literal["breadth", "depth"] = "breadth",
    b: int = 5,
    k: int = 5,
    floor: float = 0.25,
    temperature: float = 0.7,
    max_depth: int = 32,
) -> Recipe:
    """Tree of Thoughts (Yao et al. 2023, algorithms 1 and 2).

    For: game24, countdown, math.

    Breadth first: S_t = the b states of the highest V among all children of S_{t-1}. Depth first: the children of a
    state are gone through from the highest V down, each with all that is below it before the next; one with
    V(s) <= v_th is pruned with its subtree.

    Reported: Game of 24, GPT-4: 74 % with b = 5 (69 % when its authors ran it again, says the code's README), 45 % with
    b = 1, against 4 % for chain of thought; mini crosswords by depth-first search: 60 % of the words, 20 % of the
    games.

    Not as published: V comes from the recipe's value model; in Game of 24 GPT-4 is asked three times whether a state is
    sure, likely (paper: maybe) or impossible, for which the code adds 20, 1 and 0.001. In the paper's crosswords V only
    prunes; the order is that of the confidence that proposals come with, and the code tries three of a state. They stop
    after 100 steps, and the deepest state is the answer; here the budget stops, and only an end is one.

    Args:
        order: "breadth" or "depth".
        b: states kept a level, breadth first (paper: 5).
        k: thoughts drawn from a state, where the domain does not list its actions (paper: 5 in creative writing; in
            Game of 24 the model lists as many as it sees).
        floor: v_th, depth first (paper: where the model calls a clue impossible; the number is ours).
        temperature: of the draws (code: 0.7; 1.0 in creative writing).
        max_depth: steps after which a path is cut (ours; paper: 3 in Game of 24, 10 in crosswords, where the domains
            end).
    """
    if order not in ("breadth", "depth"):
        raise ValueError(f"order is 'breadth' or 'depth', not {order!r}")
    breadth = order == "breadth"
    return Recipe(
        name="tot",
        operator=Propose(k, temperature),
        selection=Beam(b) if breadth else Frontier("depth", max_rounds=None, floor=floor, ranked=True),
        evaluate="children",
        leaves=b if breadth else 1,
        max_depth=max_depth,
    )
