"""AgentSwift: designs recombined, mutated and refined, sieved by a surrogate before one is tried."""

from __future__ import annotations

from ..picks import Each, Mixed, Root
from ..recipe import Recipe
from ..roles import Attempt, Write
from ..stages import Stage, Stages

DESIGN = "Write a design for solving the task: workflow, what to remember, which tools, how to plan. Write no solution."
RECOMBINE = "The user shows how designs and attempts did. Write one new design that joins the best parts of several."
MUTATE = "Write the design again with one part replaced by something that has not been tried."
REFINE = "Write the design again with its weakest part made better, by what the attempts' results say."
FOLLOW = "Follow the design."


def agentswift(
    candidates: int = 3,
    iterations: int = 60,
    alpha: float = 0.2,
    beta: float = 0.3,
    mix: float = 0.3,
    temperature: float = 0.8,
) -> Recipe:
    """Designs: mixed-probability selection, three operators in a row, a surrogate's sieve (AgentSwift, Li et al. 2025).

    For: code.

    The result of the visible checks is the real score s; the value model is the surrogate, and its estimate of a design
    the prediction p. Each iteration draws one tried design by

        P(i) = mix / n + (1 - mix) softmax_i(alpha ((1 - beta) s_i + beta |s_i - p_i| - s_max)),

    recombines, then mutates, then refines it; each step writes `candidates` designs, of which the surrogate's favourite
    goes on, and only the last one is tried. A visit of the try is backed up to all designs above it; the paper backs
    the surrogate's error up as well.

    Reported, GPT-4o-mini: ALFWorld .806 (AgentSquare .701, AFlow .619), SciWorld .509, MATH .628, WebShop .562. There a
    design is a whole agent, tried on a validation set, and the surrogate a 7B model fine-tuned on 220 tried designs
    (R2 .81 to .83); here a design is a text for one task, and the surrogate whatever value model is given.

    Args:
        candidates: designs a step (ours; the paper's N is not known).
        iterations: designs tried (paper: a budget of 60).
        alpha: sharpness (ours, after AFlow's code; the paper's is not known).
        beta: weight of the surrogate's error (ours; not known).
        mix: weight of the uniform part (ours, after AFlow's code; not known).
        temperature: of all draws (ours).
    """
    design = Write("design", DESIGN, candidates, temperature)
    follow = Attempt("agent", FOLLOW, 1, temperature)
    tried = Mixed(("agent",), alpha, beta, mix, partners=2)
    steps = [Write(kind, what, candidates, temperature) for kind, what in _STEPS]
    return Recipe(
        name="agentswift",
        operator=follow,
        selection=Stages(
            (Stage(design, Root()), Stage(follow, Each(("design",), nearest=1, keep=1))),
            (
                Stage(steps[0], tried, tells=True),
                Stage(steps[1], Each(("recombined",), last=True, keep=1, nearest=2)),
                Stage(steps[2], Each(("mutated",), last=True, keep=1, nearest=2), tells=True),
                Stage(follow, Each(("design",), last=True, keep=1, nearest=1)),
            ),
            iterations - 1,
        ),
        evaluate="children",
        scored=("design", "recombined", "mutated", "agent"),
    )


_STEPS = (("recombined", RECOMBINE), ("mutated", MUTATE), ("design", REFINE))
