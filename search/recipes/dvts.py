"""DVTS: beam search in subtrees that do not compete."""

from __future__ import annotations

from ..answer import By
from ..operators import Propose
from ..recipe import Recipe
from ..selection import Beam


def dvts(
    subtrees: int = 4,
    width: int = 4,
    temperature: float = 0.8,
    answer: By = "best",
    max_depth: int = 40,
) -> Recipe:
    """Diverse verifier tree search (Beeching, Tunstall & Rush 2024, "Scaling test-time compute with open models").

    For: math, game24, countdown.

    A budget of N beams of width M is split into N / M subtrees. The root's first N steps are parted into as many
    groups; in each group, and from then on in each subtree alone, the state of the highest value v goes on:
    next(subtree) = argmax of v over the M steps drawn from its last state. A subtree whose best state is an end is
    done. Each end is a candidate, the passed-over ones too; the answer is the candidate of the highest value.

    Reported: better than beam search at large budgets on MATH-500 with Llama-3.2-1B and 3B (a blog post's plots); with
    it a 3B model passes Llama-3.1-70B.

    Not as published: the subtrees draw their first steps in one request, and equal ones become one state, so that no
    two subtrees hold the same first step. The code scores a step together with one more that is drawn after it
    (lookahead = 1); here it is scored as it stands.

    Args:
        subtrees: N / M (code: n / beam_width = 4 at n = 16).
        width: M, steps drawn from a state (code: 4).
        temperature: of the draws (code: 0.8).
        answer: "best", as the code's `pred`, or "weighted", its weighted vote.
        max_depth: steps after which a path is cut (code: num_iterations = 40).
    """
    return Recipe(
        name="dvts",
        operator=Propose(width, temperature),
        after={"root": Propose(subtrees * width, temperature)},
        selection=Beam(1, subtrees),
        evaluate="children",
        answer=answer,
        leaves=subtrees,
        max_depth=max_depth,
    )
