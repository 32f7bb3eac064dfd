"""MALT: generator, verifier and refiner, a level of the tree each."""

from __future__ import annotations

from ..answer import Choice
from ..picks import Each, Root
from ..recipe import Recipe
from ..roles import Attempt, Write
from ..stages import Stage, Stages

VERIFY = (
    "You check solutions. Go through the solution that the user shows, step by step; say where it goes wrong and why, "
    "or that it is right. Write no solution of your own."
)
REFINE = "The user shows a solution and what a reviewer says of it. Write the whole solution again, made right."


def malt(branch: int = 3, refine: int = 1, verify: int = 1, temperature: float = 0.7) -> Recipe:
    """`branch` solutions, of each `verify` reviews, of each `refine` refined solutions; the majority of these is given.

    For: math, code.

    After MALT (Motwani et al. 2024). The paper answers by three ways generator -> verifier -> refiner and their vote:
    the default. Its training data come from a tree of 3 x 3 x 3: `verify=3, refine=3`, 27 leaves; there V(review) is
    the mean worth of the solutions refined by it and V(solution) the mean of its reviews' V
    (`treewright.search.levels.expectation`), and nodes above or below the threshold .5 make the pairs of each role. The
    value model scores the refined solutions alone, where there is one and the domain does not pay.

    Reported, Llama-3.1-8B, each role trained on such trees: MATH 49.5 to 57.25, GSM8K 84.25 to 90.5, CSQA 74.5 to 81.5.
    Untrained roles, as here, are the paper's starting point and not its result.

    Args:
        branch: solutions (paper: 3).
        refine: refined solutions a review (paper: 1 to answer, 3 to train).
        verify: reviews a solution (paper: 1 to answer, 3 to train).
        temperature: of all draws (ours).
    """
    generate = Attempt("solution", n=branch, temperature=temperature)
    review = Write("review", VERIFY, verify, temperature)
    refined = Attempt("refined", REFINE, refine, temperature)
    return Recipe(
        name="malt",
        operator=generate,
        selection=Stages(
            (Stage(generate, Root()), Stage(review, Each(("solution",))), Stage(refined, Each(("review",))))
        ),
        evaluate="children",
        scored=("refined",),
        answer=Choice("vote", kinds=("refined", "solution")),
        stop_reward=None,
    )
