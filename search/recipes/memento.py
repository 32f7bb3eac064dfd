"""Memento: a planner that is shown what was planned for tasks like this one, and how that ended."""

from __future__ import annotations

from ..memory import CaseBase, Recall, Retrieval
from ..picks import Each, Root
from ..recipe import Recipe
from ..roles import Attempt, Write
from ..stages import Stage, Stages

PLAN = (
    "Write a plan to solve the task, in a few numbered steps. Learn from the plans for other tasks that worked "
    "and from those that failed. If attempts are shown, plan what they lack. Write no solution."
)


def memento(
    cases: str = "cases.jsonl",
    k: int = 4,
    retrieval: Retrieval = "cosine",
    cycles: int = 3,
    temperature: float = 0.8,
) -> Recipe:
    """Plan, execute, plan again, with a memory of earlier tasks' plans (Memento, Zhou et al. 2025, first as AgentFly).

    For: math, code.

    A case is (task, plan, solved or not). The planner is shown `k` cases, what worked apart from what failed: those
    whose tasks are nearest by cosine, or, learned, those of the highest Q(s, c), the chance that a plan for task s that
    is shown case c succeeds. The executor follows the plan; up to `cycles` times the planner goes on from the attempts.
    A search only reads the file, as it was when the recipe was made. After a run,

        CaseBase("cases.jsonl").learn(results, kind="plan")

    writes both outcomes, and which cases the plan was shown; Q is taught from that by cross-entropy.

    The paper embeds tasks by SimCSE; here by hashed words, or by the embedder that a `CaseBase` is given. What Q is
    made of is ours: a logistic regression on 1, the cosine, whether the case was solved, and ln(1 + words of its plan),
    drawn towards the cosine's order, which it keeps until outcomes are known.

    Reported, GPT-4.1 and o3: GAIA validation 87.88 (Pass@3), test 79.4; SimpleQA 95.0; DeepResearcher 66.6 F1.

    Args:
        cases: the file; one that is not there holds no cases.
        k: cases shown (paper: 4 was best; the code's default is 8).
        retrieval: "cosine" or "learned" (the paper has both).
        cycles: plans at most (paper and code: 3).
        temperature: of all draws (ours).
    """
    plan = Recall(Write("plan", PLAN, 1, temperature), CaseBase(cases, k, retrieval=retrieval).fixed())
    execute = Attempt("attempt", "Follow the plan.", 1, temperature)
    follow = Stage(execute, Each(("plan",), last=True, nearest=1))
    return Recipe(
        name="memento",
        operator=execute,
        selection=Stages(
            (Stage(plan, Root()), follow), (Stage(plan, Root(("plan", "attempt")), tells=True), follow), cycles - 1
        ),
        evaluate="children",
    )
