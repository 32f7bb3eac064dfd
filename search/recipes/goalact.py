"""GoalAct: a plan that is written anew before every step."""

from __future__ import annotations

from ..channel import FromAbove
from ..operators import Propose
from ..planning import PLAN, Plan
from ..recipe import Recipe
from ..selection import Walk


def goalact(subgoals: int = 5, retries: int = 5, temperature: float = 0.0, max_depth: int = 20) -> Recipe:
    """GoalAct (Chen et al. 2025).

    For: web, gym, math.

    Before every step the whole plan is written anew from what was done; the step is asked for under that plan, and only
    its first subgoal is acted on. There is one way, and no tree. A step that is none is asked for again.

    Reported: +12.22 % average success on LegalAgentBench (abstract).

    Not as published: the kind of a step (search, code, write, end) is the domain's business, so each of its actions is
    one kind. The code asks again for an action that it has taken before; among moves and clicks that may be the right
    one, so it is taken here.

    Args:
        subgoals: of a plan (ours).
        retries: times that a step is asked for again (code: 5 for code).
        temperature: of the draws (ours).
        max_depth: plans and steps together, after which the way is cut (code: 10 steps).
    """
    return Recipe(
        name="goalact",
        operator=Propose(1, temperature, ranked=False),
        after={"root": Plan(subgoals, temperature), "step": Plan(subgoals, temperature)},
        selection=Walk(0.0, retries=retries),
        evaluate="ends",
        shows=(FromAbove(PLAN),),
        leaves=1,
        max_depth=max_depth,
    )
