"""MAgICoRe: easy tasks are voted on, hard ones reviewed and refined."""

from __future__ import annotations

from ..answer import Choice
from ..gates import Hard
from ..picks import Each, Root
from ..recipe import Recipe
from ..roles import Attempt, Write
from ..stages import Stage, Stages

REVIEW = (
    "You review solutions. The user shows a solution with its score and, where there are any, the scores of its steps, "
    "from 0 to 1; a step below 0.6 is likely wrong. Say which steps are wrong, why, and how to mend them. Write no "
    "solution of your own."
)
REFINE = (
    "The user shows a solution and a review of it. Write the whole solution again, with what the review says mended."
)
SAMPLES = ("sample",)
ALL = ("sample", "refined")


def magicore(
    samples: int = 40, rounds: int = 3, mean: float = 0.5, spread: float = 0.25, temperature: float = 0.8
) -> Recipe:
    """Samples; in hard tasks rounds of review and refinement; a weighted vote (MAgICoRe, Chen et al. 2024).

    For: math.

    A value model scores the solutions. A task is hard where the mean standardised value of the samples with the most
    frequent answer is below 0 and the confidence 2 (1 - sigmoid(entropy of the weighted vote)) is below .5
    (`treewright.search.gates.Hard`; the paper's are two, by each of its reward models, of which one suffices). An easy
    task is answered by the vote weighed by value. In a hard one the `samples` best solutions of all so far are
    reviewed, by what the value model said of them and of their steps (`Score.parts`, from a process reward model; from
    0 to 1, in the paper's prompts from 0 to 10), and refined, `rounds` times; the best `samples` of old and new vote.

    Reported [abstract], Llama-3-8B and GPT-3.5 on five sets: one round beats self-consistency, best of k and
    Self-Refine by 3.4, 3.2 and 4.0 points with under half of their samples. There the value is an outcome reward
    model's plus the product of a process reward model's steps. The published code standardises over the whole data set,
    which a search does not have: give `mean` and `spread` of an earlier run. Its later rounds show the first round's
    solutions again; here each round shows its own.

    Args:
        samples: solutions drawn, and kept from round to round (paper: 40).
        rounds: of review and refinement (paper: 3).
        mean: of the values of samples in an earlier run (ours).
        spread: their standard deviation (ours).
        temperature: of all draws (paper: 0.8).
    """
    sample = Attempt("sample", n=samples, temperature=temperature)
    review = Write("review", REVIEW, 1, temperature)
    hard = Hard(SAMPLES, mean, spread)
    return Recipe(
        name="magicore",
        operator=sample,
        selection=Stages(
            (Stage(sample, Root()),),
            (
                Stage(review, Each(ALL, keep=samples, nearest=1), tells=True, when=hard),
                Stage(Attempt("refined", REFINE, 1, temperature), Each(("review",), last=True, nearest=2), when=hard),
            ),
            rounds,
        ),
        evaluate="children",
        answer=Choice("weighted", top=samples),
        stop_reward=None,
    )
