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

    Reported (a blog post's plots, MATH-500, Llama-3.2-1B and 3B): better than beam search at large N on the easier
    problems; beam search is better at small N, and on the hardest ones. That a 3B model passes Llama-3.1-70B there is
    said of the best strategy for each difficulty, not of this one alone.

    Not as published: the subtrees draw their first steps in one request, and equal ones become one state, so that no
    two subtrees hold the same first step. The code's candidates are the M texts that each subtree drew last, finished
    or not; an end that was passed over before them is none. A step is scored as it stands, as in the post's runs; the
    code's default, one more step drawn before the score, was a mistake until May 2025 (its issue 53).

    Args:
        subtrees: N / M (post: N = 4, 16, 64 and 256; 4 stands for N = 16).
        width: M, steps drawn from a state (post and code: 4).
        temperature: of the draws (post and code: 0.8).
        answer: "best", as the code's `pred`, or "weighted", its weighted vote.
        max_depth: steps after which a path is cut (post and code: 40).
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
