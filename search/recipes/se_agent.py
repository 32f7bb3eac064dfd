"""SE-Agent: a population of whole trajectories, revised, recombined and refined."""

from __future__ import annotations

from typing import Literal

from ..answer import Choice
from ..debate import debate
from ..gates import Settled
from ..picks import Each, Population, Root
from ..recipe import Recipe
from ..roles import Attempt, Write
from ..selection import Selection
from ..stages import Stage, Stages

PLANS = "Write {count} plans to solve the task that differ in their approach, one a line, each in one short sentence."
MUTATE = "Follow the plan, but change one of its decisions."
REFLECT = "Reflect on the attempt that the user shows: what its approach missed, and which other approach would not."
REVISE = "Rewrite the attempt by the reflection on it."
RECOMBINE = (
    "Combine the attempts: take the best part of each.",
    "Better the first attempt by what the others found out.",
    "Restructure the first attempt, with the others as a check.",
)
REFINE = "Refine the attempt: take out what is needless, and make sure that it is complete."
ALTERNATIVE = (
    "The user shows the attempt that failed last. In at most 200 words, advise a strategy that is orthogonal to it: "
    "other assumptions, other places to look, other tools."
)
CROSSOVER = (
    "The user shows the last two attempts. In at most 250 words, advise a strategy that joins what each did well."
)
KIND = ("trajectory",)


def se_agent(
    variant: Literal["population", "linear"] = "population",
    pool: int = 10,
    elites: int = 2,
    diverse: int = 2,
    cycles: int = 3,
    epsilon: float = 0.01,
    temperature: float = 0.8,
) -> Recipe:
    """Trajectories that are revised, recombined and refined (SE-Agent, Lin et al. 2025).

    For: code, math.

    Attempts are worth what the domain pays or the value model says. "population", the paper: half of the pool follows
    plans of different approaches, the other half mutates these; each cycle takes the `elites` best trajectories and the
    `diverse` least alike, reflects on and rewrites each, recombines each with the one least alike to it in three ways
    (crossover, transfer, restructuring), and refines them; it ends after `cycles`, or when one brought less than
    `epsilon`. "linear", the published code: one trajectory after the other, advised to be orthogonal to the last one,
    then to join the last two; no reward or elite, and a model picks the answer among all at the end.

    The paper's reward w1 completion + w2 reasoning + w3 efficiency has weights that no source gives; here it is the
    domain's visible checks, else the value model. The code's filter before the pick (3 to 30 steps, at most 3 repeats)
    is about agents' logs and has no counterpart; nor has its other last step, a summary of the whole pool. Its advice
    goes into the system prompt, here into the notes.

    Reported, SWE-bench Verified, SWE-Agent / SWE-Search / SE-Agent: DeepSeek-V3 31.6 / 39.4 / 54.8, Qwen2.5-72B 18.8 /
    23.4 / 38.8, GPT-4o 22.4 / 32.6 / 40.4, Claude-3.7 40.6 / 47.4 / 61.2.

    Args:
        variant: "population" (paper) or "linear" (code).
        pool: trajectories at the start (paper: 10).
        elites: best ones taken a cycle (ours).
        diverse: further ones, the least alike (ours).
        cycles: at most (ours); of "linear": trajectories by crossover.
        epsilon: the least rise of the best worth that a cycle must bring (ours).
        temperature: of all draws (ours).
    """
    if variant not in ("population", "linear"):
        raise ValueError(f"variant is 'population' or 'linear', not {variant!r}")
    attempt = Attempt("trajectory", n=1, temperature=temperature)
    linear = variant == "linear"
    selection: Selection = (
        _linear(attempt, cycles, temperature)
        if linear
        else _population(attempt, pool, Population(KIND, elites, diverse), cycles, epsilon)
    )
    return Recipe(
        name="se_agent",
        operator=attempt,
        selection=selection,
        evaluate="none" if linear else "children",
        answer=Choice("verdict" if linear else "best"),
        closing=debate(agents=1, rounds=1, finalists=5, temperature=0.0) if linear else (),
        reserve=1 if linear else 0,
    )


def _population(attempt: Attempt, pool: int, taken: Population, cycles: int, epsilon: float) -> Stages:
    plans = max(pool // 2, 1)
    t = attempt.temperature
    mates = Population(KIND, taken.elites, taken.diverse, partners=1)
    cycle = (
        Stage(Write("reflection", REFLECT, 1, t), taken, tells=True),
        Stage(Attempt("trajectory", REVISE, 1, t), Each(("reflection",), last=True, nearest=2)),
        *(Stage(Attempt("trajectory", how, 1, t), mates, tells=True) for how in RECOMBINE),
        Stage(Attempt("trajectory", REFINE, 1, t), taken, tells=True),
    )
    opening = (
        Stage(Write("plan", PLANS.format(count=plans), 1, t, lines=plans), Root()),
        Stage(attempt, Each(("plan",), nearest=1)),
        Stage(Attempt("trajectory", MUTATE, 1, t), Each(("plan",), nearest=1)),
    )
    made = (taken.elites + taken.diverse) * (2 + len(RECOMBINE))
    return Stages(opening, cycle, cycles, Settled(KIND, made, epsilon))


def _linear(attempt: Attempt, cycles: int, temperature: float) -> Stages:
    guided = Stage(attempt, Each(("guidance",), last=True, nearest=1))
    alternative = Write("guidance", ALTERNATIVE, 1, temperature)
    crossover = Write("guidance", CROSSOVER, 1, temperature)
    return Stages(
        (Stage(attempt, Root()), Stage(alternative, Root(KIND, newest=1)), guided),
        (Stage(crossover, Root(KIND, newest=2)), guided),
        cycles,
    )
