"""DyLAN: agents in layers, who stop when they agree."""

from __future__ import annotations

from ..answer import Choice
from ..gates import Agreed, Made
from ..picks import Layer, Root
from ..recipe import Recipe
from ..roles import Attempt, Write
from ..stages import Stage, Stages

ROLES = (
    "You are a mathematician: argue from definitions.",
    "You are a programmer: work it out as a computation.",
    "You are an assistant: go step by step.",
    "You are a sceptic: check each step for mistakes.",
)
RATE = (
    "The user shows the answers of other agents. Begin with one line that rates each of them from 1 to 5, in "
    "their order, "
    'such as "Ratings: 5 3 1 1". Then answer the task yourself.'
)
RANK = (
    "The user shows a task and several answers to it. Give the numbers of the two best, the best one "
    "first: such as 3, 1."
)


def dylan(roles: tuple[str, ...] = ROLES, layers: int = 4, keep: int = 2, temperature: float = 0.8) -> Recipe:
    """Layers of agents, each shown the layer before it, until more than two thirds agree (DyLAN, Liu et al. 2024).

    For: math.

    Each role answers, then each is shown all answers of the layer before, rates them and answers anew. The debate ends
    before a layer where more than floor(2/3 n) of the newest n answers are one. From the third layer on a listwise
    ranker keeps the `keep` best answers and only the roles that gave them go on. The answer is the newest layer's
    majority's. An agent's importance, for choosing a team, is had from the finished tree by
    `treewright.search.importance`: backwards from the last layer along the ratings.

    Reported [abstract], GPT-3.5: up to +13.0 on MATH and +13.3 on HumanEval over single runs. The published code tests
    its mask of inactive agents at a shuffled position; here a role goes on exactly where its own answer was kept.

    Args:
        roles: one instruction an agent (code: 4 agents; texts ours).
        layers: at most (code: 3 at least).
        keep: answers kept by the ranker (code: 2).
        temperature: of all draws but the ranking (ours).
    """
    kinds = tuple(f"agent {number}" for number in range(1, len(roles) + 1))
    first, *others = (Attempt(kind, role, 1, temperature) for kind, role in zip(kinds, roles, strict=True))
    rated, *also = (Attempt(kind, f"{role} {RATE}", 1, temperature) for kind, role in zip(kinds, roles, strict=True))
    rank = Stage(Write("ranking", RANK, 1, 0.0, tokens=16), Layer(kinds), when=Made(kinds, 2 * len(kinds)))
    return Recipe(
        name="dylan",
        operator=first,
        selection=Stages(
            (Stage(first, Root(), also=tuple(others)),),
            (rank, Stage(rated, Layer(kinds, "ranking", keep), also=tuple(also))),
            layers - 1,
            Agreed(kinds),
        ),
        evaluate="none",
        answer=Choice("vote", layer=kinds),
        stop_reward=None,
    )
