"""LATS: language agent tree search, with rollouts by value and reflections shared by the whole tree."""

from __future__ import annotations

import math

from ...mcts import UCT
from ..channel import ToTree
from ..operators import REFLECTION, Propose
from ..recipe import Recipe
from ..reflect import Reflect, Reflecting
from ..returns import Returns
from ..selection import Descent
from ..simulation import Simulation


def lats(
    c: float = math.sqrt(2),
    n: int = 5,
    rollout: int = 4,
    failed: float = -1.0,
    agreement: float = 0.0,
    reflections: int = 3,
    temperature: float = 1.0,
    max_depth: int = 7,
) -> Recipe:
    """Language agent tree search (Zhou et al. 2023).

    For: game24, countdown, math, code, web.

    One iteration descends by argmax of V + sqrt(2 ln N(s) / N(s,a)), what was not visited first; expands the leaf and
    scores its children; goes on from the best child, at most `rollout` expansions far, to the best child each time, and
    stops at the first end; and updates the running mean of every node of the way: V = (V (N - 1) + r) / N. A failed end
    brings -1, and so does a way that was cut. Whenever an end fails with an answer that no other failed end had, the
    model reflects on it, up to three times a tree; all later proposals are shown the reflections. With `agreement` the
    paper's value: (1 - agreement) LM(s) + agreement SC(s), SC being the share of the proposals that led to s.

    Reported: HumanEval, GPT-4: 92.7 % pass@1; WebShop, GPT-3.5: 75.9 on average (abstract).

    Not copied: in its programming version the reward looks at the hidden tests; a rollout's states are thrown away
    after they were paid for (here they stay in the tree); the selection divides a mean by the visits once more; only
    the failed end itself is given -1, and the nodes above it 0 (`failed=0` is that). Where a domain leaves
    rewards open (math), an end brings its value, and nothing is known to have failed.

    Args:
        c: weight of exploration, sqrt(2) (paper w = 1 in sqrt(2 ln N / n); code).
        n: proposals an expansion, where the domain does not list its actions (paper: 5; 30 iterations).
        rollout: expansions behind the best child (code: 4).
        failed: what a failed end, or a way that was cut, brings (code: -1).
        agreement: 1 - lambda of the paper, 0.5 for HotPotQA there; 0 is the code, which has no such term.
        reflections: a tree (code: fewer than 4).
        temperature: of the proposals (code: 1.0).
        max_depth: steps after which a path is cut (code: 7).
    """
    return Recipe(
        name="lats",
        operator=Propose(n, temperature),
        selection=Reflecting(Simulation(Descent(UCT(c)), rollout, ends="first"), Reflect(), reflections),
        evaluate="children",
        returns=Returns("end", failed=failed, cut=failed),
        agreement=agreement,
        shows=(ToTree(REFLECTION, reflections),),
        leaves=1,
        max_depth=max_depth,
    )
