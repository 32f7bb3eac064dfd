"""WebPilot: a plan, a nested search for each of its subtasks, and a plan that follows what came of it."""

from __future__ import annotations

from ..channel import FromAbove, FromBelow, ToChild, ToSiblings
from ..faces import Face
from ..operators import Propose
from ..planning import PLAN, Plan, Subgoals
from ..recipe import Recipe
from ..roles import Write
from ..scored import Scored
from ..terms import Mean, Prior

SIMULATION = "simulation"
SIMULATE = (
    "Say which action you would take next, what would be seen after it, and whether that would bring the first subgoal "
    "of the plan nearer: one line each. It is only imagined; nothing is carried out."
)


def webpilot(
    w_puct: float = 5.0,
    w_eff: float = 0.5,
    w_fut: float = 0.5,
    nodes: int = 10,
    branches: int = 3,
    depth: int = 5,
    done: float = 0.9,
    simulate: bool = True,
    temperature: float = 0.3,
    max_depth: int = 32,
) -> Recipe:
    """WebPilot (Zhang et al. 2024).

    For: web, miniwob.

    The task is planned as subtasks. Each subtask is searched on its own from where the last one ended: one action an
    expansion, at most `branches` at a node, `depth` steps deep and `nodes` states in all; down by argmax of Q(s,a) +
    w_puct P(s,a) sqrt(N(s)) / (1 + N(s,a)), with Q the maximum below and, at first, the node's own S_total = w_eff
    S_eff + w_fut S_fut: how well the last action did, and how promising the state is. At a state that does not complete
    its subtask, one step ahead is simulated in words before any is taken there. A prompt shows the plan, what was said
    of the state itself (child reflection), that simulation (simulation reflection) and what came of the state's earlier
    children (sibling reflection). When a subtask is done, or its search is over, the rest is planned anew from its best
    state.

    Reported: WebArena, GPT-4o: 37.2 % (SteP 33.5, LM-TS 19.2); MiniWoB++: 95.6 %. Without the planner it loses most.

    Not as published, as far as it is known: the exact form of its PUCT and the weights were not found, so both are the
    plain ones, and S_total lies in [0, 1] where each part of the paper's counts to 10; P is the policy's probability,
    where its own is filtered by a model; a subtask is done by S_total alone, where a controller judges it there; the
    paper simulates each new state, here only those that are gone on from are, and the words are ours; no extractor
    answers what a subtask asks for; the page is what the domain shows.

    Args:
        w_puct: weight of exploration (paper: 5).
        w_eff: weight of the action's effect (ours).
        w_fut: weight of the state's promise (ours).
        nodes: states a subtask (paper: 10).
        branches: children of a node (paper: 3).
        depth: steps below a subtask's start (paper: 5).
        done: S_total from which a subtask counts as done (ours).
        simulate: whether states are simulated (paper); each time is a request and counts as an expansion.
        temperature: of the proposals (paper: 0.3).
        max_depth: steps after which a path is cut (ours).
    """
    inner = Scored((Mean(), Prior(w_puct)), most=branches, depth=depth)
    simulator = Write(SIMULATION, SIMULATE, 1, temperature) if simulate else None
    return Recipe(
        name="webpilot",
        operator=Propose(1, temperature, ranked=False),
        selection=Subgoals(inner, Plan(), simulator, nodes, done),
        evaluate="children",
        backup="max",
        faces=(
            Face("Did the last action do what the first subgoal of the plan needs?", w_eff),
            Face("Can the first subgoal of the plan be reached from here?", w_fut),
        ),
        shows=(FromAbove(PLAN), ToChild(), FromBelow(SIMULATION), ToSiblings(branches)),
        leaves=1,
        max_depth=max_depth,
    )
