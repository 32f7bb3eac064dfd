"""PoAct: the way of reasoning is chosen anew in each state."""

from __future__ import annotations

from ..operators import Propose
from ..recipe import Recipe
from ..roles import Write
from ..transitions import Transition, Transitions

CHOOSE = (
    "Choose how to go on from here, in one word: PLAN where the way is not clear, THINK where the next step needs "
    "thought, ACT where it is plain."
)
PLAN = "Plan the next steps, in a few lines."
THINK = "Think about the next step alone, in a few sentences."


def poact(temperature: float = 0.8, max_depth: int = 64) -> Recipe:
    """A policy of reasoning is chosen in each state: plan, think, or act at once (PoAct, Yuan et al. 2025).

    For: gym, web.

    The domain says which actions each state has. A controller names the policy; its text, where it writes one, is shown
    to the step that follows.

    Reported [abstract only]: +20 % on LegalAgentBench. The three policies and all texts are ours.

    Args:
        temperature: of all draws but the choice (ours).
        max_depth: steps and texts after which a way is cut (ours).
    """
    step = Propose(1, temperature)
    choose = Write("policy", CHOOSE, 1, 0.0, tokens=8)
    return Recipe(
        name="poact",
        operator=step,
        selection=Transitions(
            (
                Transition("root", choose),
                Transition("step", choose),
                Transition("policy", Write("thought", PLAN, 1, temperature), says="plan"),
                Transition("policy", Write("thought", THINK, 1, temperature), says="think"),
                Transition("policy", step),
                Transition("thought", step, shows=("thought",), nearest=1),
            )
        ),
        evaluate="none",
        leaves=1,
        max_depth=max_depth,
    )
