"""A recipe from another package: solutions, a doubt about each, and a vote of what was written after it."""

from treewright.search import Attempt, Choice, Each, Recipe, Stage, Stages, Write

DOUBT = "Doubt the solution that the user shows: name its weakest step in one sentence."
AGAIN = "Write the whole solution again, with the doubt settled."


def second_opinion(n: int = 3, temperature: float = 0.7) -> Recipe:
    """`n` solutions, a doubt about each, and a new solution for each doubt; the majority of the new ones is given.

    Args:
        n: solutions.
        temperature: of all draws.
    """
    solve, doubt = Attempt("solution", n=n, temperature=temperature), Write("doubt", DOUBT, 1, temperature)
    again = Attempt("settled", AGAIN, 1, temperature)
    stages = (Stage(solve), Stage(doubt, Each(("solution",))), Stage(again, Each(("doubt",))))
    return Recipe("second_opinion", solve, Stages(stages), "none", answer=Choice("vote", kinds=("settled", "solution")))
