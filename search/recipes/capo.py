"""CaPo: a plan that is discussed before it is followed, and adapted as it goes."""

from __future__ import annotations

from ..operators import Propose
from ..recipe import Recipe
from ..roles import Write
from ..transitions import Transition, Transitions

PROPOSE = "Propose a meta-plan for the whole task: its parts, in order, and who or what each needs."
EVALUATE = "Evaluate the meta-plan: what is missing, wasteful or out of order? Propose none of your own."
SETTLE = "Write the meta-plan again, by what was said of it."
ADAPT = "The user shows the meta-plan and how far the task is. Write the plan for what is left, adapted to it."
TALK = ("proposal", "evaluation")


def capo(every: int = 5, temperature: float = 0.8, max_depth: int = 64) -> Recipe:
    """A meta-plan by discussion, then steps that follow it, and a new one every `every` steps (CaPo, Liu et al. 2024).

    For: gym, web.

    One voice proposes a meta-plan, another evaluates it, the first one settles it; steps follow, the likeliest each
    time; after `every` steps the plan is adapted to the progress. When a way has ended short of the goal, another
    begins, until the budget ends.

    Reported [abstract only]: better than earlier cooperative agents on TDW-MAT and C-WAH. There several embodied agents
    discuss; here the voices are one policy's, and `max_depth` counts texts as steps.

    Args:
        every: steps between two plans (ours; the paper adapts at new progress).
        temperature: of all draws (ours).
        max_depth: steps and texts after which a way is cut (ours).
    """
    step = Propose(1, temperature)
    return Recipe(
        name="capo",
        operator=step,
        selection=Transitions(
            (
                Transition("root", Write("proposal", PROPOSE, 1, temperature)),
                Transition("proposal", Write("evaluation", EVALUATE, 1, temperature), shows=TALK),
                Transition("evaluation", Write("plan", SETTLE, 1, temperature), shows=TALK),
                Transition("plan", step, shows=("plan",), nearest=1),
                Transition("step", Write("plan", ADAPT, 1, temperature), every=every, shows=("plan",), nearest=1),
                Transition("step", step, shows=("plan",), nearest=1),
            )
        ),
        evaluate="none",
        leaves=1,
        max_depth=max_depth,
    )
