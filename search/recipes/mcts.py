"""Monte Carlo tree search with a policy's priors and a value model's estimates."""

from __future__ import annotations

import math
from typing import Literal

from ...mcts import PUCT, UCT
from ..operators import Propose
from ..recipe import Recipe
from ..selection import Descent


def mcts(
    rule: Literal["puct", "uct"] = "puct",
    c: float | None = None,
    evaluate: Literal["leaf", "children"] = "leaf",
    backup: Literal["mean", "max"] = "mean",
    n: int = 4,
    temperature: float = 0.8,
    leaves: int = 8,
    max_depth: int = 32,
) -> Recipe:
    """Monte Carlo tree search.

    For: math, game24, countdown, code, code_repository, web, gym.

    With rule "puct" (Silver et al. 2017, AlphaGo Zero) the child of highest Q(s,a) + c P(s,a) sqrt(N(s)) / (1 + N(s,a))
    is followed; with "uct" (Kocsis & Szepesvari 2006) the one of highest Q(s,a) + c sqrt(ln N(s) / N(s,a)). Visits in
    flight count in N and not in Q (Liu et al. 2020), so that several leaves of one tree can be worked on at once.

    Args:
        rule: the selection formula.
        c: its exploration constant; by default 1.25 for puct (ours) and sqrt(2) for uct (Kocsis & Szepesvari 2006).
        evaluate: "leaf" scores the selected leaf while the policy expands it, one value request an expansion;
            "children" scores every new child (LATS, Zhou et al. 2023), as many as there are.
        backup: q as the mean or the max of the returns through a node.
        n: proposals an expansion, where the domain does not list its actions.
        temperature: of the proposals.
        leaves: leaves of one tree in flight at once.
        max_depth: steps after which a path is cut.
    """
    if rule not in ("puct", "uct"):
        raise ValueError(f"rule is 'puct' or 'uct', not {rule!r}")
    chosen = PUCT(1.25 if c is None else c) if rule == "puct" else UCT(math.sqrt(2) if c is None else c)
    return Recipe(
        name="mcts",
        operator=Propose(n, temperature),
        selection=Descent(chosen),
        evaluate=evaluate,
        backup=backup,
        leaves=leaves,
        max_depth=max_depth,
    )
