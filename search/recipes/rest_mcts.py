"""ReST-MCTS*: tree search guided by a process reward model, with a look ahead that is mixed into a node's value."""

from __future__ import annotations

import math

from ..operators import Propose
from ..recipe import Recipe
from ..returns import Returns
from ..scored import Scored
from ..simulation import Simulation
from ..terms import BelowMean, Explore


def rest_mcts(
    c: float = 0.7,
    n: int = 3,
    alpha: float = 0.5,
    ahead: int = 3,
    gate: float = 0.9,
    unvisited: float = 1.0,
    temperature: float = 0.7,
    max_depth: int = 32,
) -> Recipe:
    """ReST-MCTS* (Zhang et al. 2024), its search.

    For: math, game24, countdown.

    One iteration descends by argmax of V + c sqrt(2 ln N(s) / N(s,a)), with V + `unvisited` for what was not visited;
    expands the leaf and scores its children; takes the best child and looks ahead greedily, one step drawn at a time,
    at most `ahead` expansions far: V = (1 - alpha) v + alpha max(v'), v' being the values seen ahead, v where there are
    none.
    Going up, V of a node is the mean of its visited children's V, weighted by their visits. An end with a value of at
    least `gate` is the answer at once; else the one of the highest value is, when the budget ends.

    Reported: more accurate than best of N and Tree of Thoughts at equal search budgets, and its traces train better
    models than ReST-EM and self-rewarding (abstract). In the repository's plots it is behind self-consistency on MATH
    below some 20,000 tokens a question with the first value model, and ahead of all others on SciBench.

    Not as published: the code asks a model after each step whether the problem is solved; here the domain knows its
    ends. The code gives any leaf that it comes to with a value of at least `gate` as the answer, finished or not, and
    else the node of the highest V; here only an end is one, as soon as it is made. What was seen ahead stays in the
    tree; where nothing was drawn ahead, the code halves v. An end is visited once. Among equal scores the first made is
    taken, not a random one.

    Args:
        c: weight of exploration, beside sqrt(2) (code: 0.7; its evaluate.py 0.4, its self-training 0.5).
        n: steps drawn from a leaf (code: branch = 3).
        alpha: weight of what was seen ahead (code: 0.5).
        ahead: expansions behind the best child (code: roll_forward_steps = 3; evaluate.py 2, self-training 1).
        gate: value of an end that ends the search (code: end_gate = 0.9; self-training 0.8).
        unvisited: added to V in place of the exploration where N(s,a) = 0 (code: inf = 1; evaluate.py 0.8,
            self-training 0.9).
        temperature: of the draws (code: 0.7).
        max_depth: steps after which a path is cut (ours).
    """
    return Recipe(
        name="rest_mcts",
        operator=Propose(n, temperature),
        selection=Simulation(Scored((BelowMean(), Explore(c * math.sqrt(2), unvisited=unvisited))), ahead, n=1),
        evaluate="children",
        returns=Returns("best", share=alpha),
        stop_value=gate,
        leaves=1,
        max_depth=max_depth,
    )
