"""REBASE: draws shared out among the states of a level by their rewards."""

from __future__ import annotations

from ..answer import By
from ..operators import Propose
from ..recipe import Recipe
from ..shares import Balanced


def rebase(
    width: int = 16,
    balance: float = 0.1,
    temperature: float = 1.0,
    answer: By = "weighted",
    leaves: int = 8,
    max_depth: int = 25,
) -> Recipe:
    """Reward balanced search (Wu et al. 2024, "Inference scaling laws").

    For: math, countdown.

    The root gets `width` draws. On each further level the states, from the highest reward R down, get
    ceil(B exp(R_i / T_b) / sum of exp(R_j / T_b)) draws each, B being what is left of them and the sum going over the
    states not served yet; each end takes one from the width of all further levels. The answer is the vote of the ends,
    weighted by their rewards.

    Reported (MATH500, weighted vote): Llemma-7B 46.8 % with 32 draws, against 45.5 % for 256 independent ones and
    46.7 % for 64 of Llemma-34B's. The abstract has it ahead of Llemma-34B under all tested strategies; in the paper's
    table 1 Llemma-34B with REBASE comes to 49.2 %.

    This is the code's way to share out; the paper rounds B exp(R_i / T_b) / sum of all exp(R_j / T_b) for each state at
    once, which may come to more draws than B, or to fewer.

    Not as published: proposals that lead to one state are scored once and count as often as they were drawn; the code
    scores each. Where a domain lists its actions, the model draws all the same.

    Args:
        width: draws a level (code: 16; paper: powers of 2).
        balance: T_b (paper: 0.1; 0.2 in the code's example).
        temperature: of the draws (paper and code: 1.0).
        answer: "weighted", or "best" or "vote", which the paper and the code try too.
        leaves: states of a level in work at once (ours).
        max_depth: levels (code: 25).
    """
    return Recipe(
        name="rebase",
        operator=Propose(1, temperature, ranked=False),
        selection=Balanced(width, balance),
        evaluate="children",
        answer=answer,
        leaves=leaves,
        max_depth=max_depth,
    )
