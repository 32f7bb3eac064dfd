"""AgentOccam: one way, on which the agent itself begins subgoals and gives them up."""

from __future__ import annotations

from ..commands import Act, Directed, ToPlans
from ..recipe import Recipe


def agent_occam(judge: bool = False, n: int = 3, temperature: float = 0.5, max_depth: int = 20) -> Recipe:
    """AgentOccam (Yang et al. 2024).

    For: web, miniwob, gym.

    Beside the domain's actions the agent may write "branch [ID] [INTENT]", which begins a subgoal where it stands, and
    "prune [ID] [REASON]", which gives up all that was done since that subgoal began: the next step starts from there,
    what was pruned is no longer on the way that prompts show, and the reason is. With `judge`, several proposals are
    drawn and the one of the highest value is followed.

    Reported: WebArena, GPT-4-turbo: 9.8 points over the best before it, 26.6 over plain agents (abstract).

    Not as published: the domain's observation is taken as it is; theirs is cut to what the plan needs, with the last
    three interactions, and its action space is reduced to click, type, stop, note and go back.

    Args:
        judge: let the value model pick (its judge variant).
        n: proposals to pick from, with `judge` (ours: the actor lists as many as it sees).
        temperature: of the draws (ours).
        max_depth: steps and commands after which a way is cut (code: 20).
    """
    return Recipe(
        name="agent_occam",
        operator=Act(n if judge else 1, temperature),
        selection=Directed(judge),
        evaluate="children" if judge else "ends",
        shows=(ToPlans(),),
        leaves=1,
        max_depth=max_depth,
    )
