"""Particle filtering over steps."""

from __future__ import annotations

from ..answer import By
from ..operators import Propose
from ..recipe import Recipe
from ..shares import Resampled


def particle(
    particles: int = 4,
    softmax_temperature: float = 1.0,
    resample_ends: bool = True,
    temperature: float = 0.8,
    answer: By = "best",
    leaves: int = 8,
    max_depth: int = 40,
) -> Recipe:
    """Particle filtering (Puri et al. 2025, "Rollout roulette").

    For: math, countdown.

    Each of n particles makes one step. Then n of them are drawn with replacement with probability
    softmax(logit(r_i) / T), r_i being the process reward of particle i's last step, and those that have not come to an
    end make the next step. The answer is the end of the highest reward.

    Reported (MATH500, 32 particles, scored by Qwen2.5-Math-PRM-7B): Qwen2.5-Math-1.5B-Instruct 84.6 %, beside GPT-4o's
    76.2 %, which it passes with 4 particles already; Qwen2.5-Math-7B-Instruct 87.7 %, beside o1-preview's 87.0 %. It
    scales 4 to 16 times better than deterministic search (abstract).

    This is the code, which asks for r_i with all steps so far as one text. The paper multiplies the rewards of the
    steps by default, draws by the softmax of that product, and takes the answer that an outcome reward model scores
    highest; it finds one reward for the whole text to scale best.

    Not here: particle Gibbs, which repeats the filter with one path kept, and parallel tempering. A particle whose
    proposal was no step is lost, and the next resampling makes up for it. One that is cut is no answer; the code takes
    it for one.

    Args:
        particles: n (code: 4; paper: 1 to 128).
        softmax_temperature: T (code: 1.0).
        resample_ends: whether particles at an end are drawn again (code: resample_inactive, on in all published runs).
        temperature: of the steps' draws (paper and code: 0.8).
        answer: "best" (code), or another of the ways to choose.
        leaves: states in work at once (ours).
        max_depth: steps after which a path is cut (code: 40).
    """
    return Recipe(
        name="particle",
        operator=Propose(1, temperature, ranked=False),
        selection=Resampled(particles, softmax_temperature, resample_ends),
        evaluate="children",
        answer=answer,
        leaves=leaves,
        max_depth=max_depth,
    )
