"""CodeTree: strategies, a program for each, and reflections that mend what fails."""

from __future__ import annotations

from typing import Literal

from ..operators import Advise, Operator, Propose, WriteChecks
from ..recipe import Recipe
from ..selection import Frontier


def codetree(
    width: int = 3,
    depth: int = 3,
    critic: bool = True,
    order: Literal["depth", "breadth"] = "depth",
    temperature: float = 0.0,
    own_checks: bool = False,
) -> Recipe:
    """Strategies -> program -> reflections -> program, for domains with visible checks (CodeTree, Li et al. 2025).

    For: code.

    The root gets up to `width` strategies, as many as the policy lists; each gets one program when its turn comes; a
    program that fails visible checks gets up to `width` reflections, each of which gets one mended program.

    With visible checks passed to the fraction f and the critic's score s in [0, 1], a program's value is
    0.75 f + 0.25 s: the paper's f + 5 s / 15, scaled to [0, 1]. A branch is given up at `depth` programs below each
    other, where a program's value is below its predecessor's, or where both are equal and it stands deeper than 5 s. A
    first program always gets its reflections; the published code gives it up where f and s are both 0.

    The search ends at the first program that passes all visible checks; the paper's critic may still refuse it, and is
    two there, one on the tests' results and one on the strategy. The answer is the best program so far; the published
    code returns the latest failing one, even where a better one was refused. Its 20 programs (10 on its command line)
    are a budget's to set.

    Reported: GPT-4o: HumanEval 94.5, HumanEval+ 86.0, MBPP 98.7, MBPP+ 80.7, CodeContests 43.0 (resampling 32.7,
    Reflexion 41.8), breadth first better than depth first; with Llama-3.1-8B plain resampling wins most.

    Args:
        width: strategies, and reflections a program, at most (3 in the paper's breadth- and depth-first baselines).
        depth: programs below each other, at most (3 there).
        critic: whether the value model scores programs that fail.
        order: "depth" works on the newest first, as the published code does, "breadth" on the oldest.
        temperature: of all draws (0 in the published code).
        own_checks: let the policy write checks of its own first, and do without where it writes none ("no_checks").
    """
    trust = 0.25 if critic else 0.0
    advise = Advise(width, temperature)
    step = Propose(1, temperature)
    openings: dict[str, Operator] = {"root": WriteChecks(1), "checks": advise} if own_checks else {"root": advise}
    return Recipe(
        name="codetree",
        operator=step,
        selection=Frontier(order, depth, trust),
        evaluate="children" if critic else "none",
        trust=trust,
        leaves=1,
        after={**openings, "step": advise},
    )
