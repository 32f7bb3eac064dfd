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
    cut: float = -1.0,
    agreement: float = 0.0,
    reflections: int = 3,
    temperature: float = 1.0,
    max_depth: int = 7,
) -> Recipe:
    """Language agent tree search (Zhou et al. 2023).

    For: game24, countdown, math, code, web.

    One iteration descends by argmax of V + c sqrt(ln N(s) / N(s,a)), what was not visited first; expands the leaf and
    scores its children; goes on from the best child, at most `rollout` expansions far, to the best child each time, and
    stops at the first end; and updates the running mean of every node of the way: V = (V (N - 1) + r) / N. A failed end
    brings -1, and so does a way that was cut. Whenever an end fails with an answer that no other failed end had, the
    model reflects on it, up to three times a tree; all later proposals are shown the reflections. With `agreement` the
    paper's value: (1 - agreement) LM(s) + agreement SC(s), SC being the share of the proposals that led to s.

    Reported: HumanEval, GPT-4: 92.7 % pass@1 (94.4 % in the paper's first version); GPT-3.5: WebShop 75.9 on average,
    Game of 24 44 %, HotPotQA 63 % where the environment says whether an answer is right.

    Not copied: in its programming version the reward looks at the hidden tests; a rollout's states are thrown away
    after they were paid for (here they stay in the tree); the selection divides a mean by the visits once more, and
    in HotPotQA and programming takes the value alone for what was not visited; the values of a leaf's children are
    dealt out as if ends came last, wherever they stand; only the failed end itself, which no descent comes to again, is
    given -1, and the nodes above it 0 (`failed=0` is that).

    Not as published: paper and code show the reflections to the value model too. Where a domain leaves rewards open
    (math), an end brings its value, and nothing is known to have failed.

    Args:
        c: weight of exploration (code: sqrt(2); paper's w, and the code for programming: 1).
        n: proposals an expansion, where the domain does not list its actions (paper and code: 5; the paper's iterations
            are 50 in HotPotQA, 30 in WebShop and Game of 24, 8 in programming).
        rollout: expansions behind the best child (ours; code: on to the tree's depth 4 in HotPotQA, 15 expansions in
            WebShop; paper: on to an end).
        failed: what a failed end brings to its way (ours; see above).
        cut: what a way that was cut brings (code: -1; -0.5 in WebShop).
        agreement: 1 - lambda (paper: 0.5 in HotPotQA and Game of 24, 0.2 in programming and WebShop); 0 is the code,
            which has no such term.
        reflections: a tree (code: fewer than 4).
        temperature: of the proposals (code: 1.0).
        max_depth: steps after which a path is cut (code: 7 in HotPotQA, 15 in WebShop; paper: 5 in Game of 24).
    """
    return Recipe(
        name="lats",
        operator=Propose(n, temperature),
        selection=Reflecting(Simulation(Descent(UCT(c)), rollout, ends="first"), Reflect(), reflections),
        evaluate="children",
        returns=Returns("end", failed=failed, cut=cut),
        agreement=agreement,
        shows=(ToTree(REFLECTION, reflections),),
        leaves=1,
        max_depth=max_depth,
    )
