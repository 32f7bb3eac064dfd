"""The rules and options that forests are tested with, and which of them go together."""

from __future__ import annotations

import inspect
import math
from typing import Any

from compiled_rules import compiled
from hypothesis import strategies as st

from treewright.mcts import (
    PUCT,
    UCBV,
    UCT,
    AdaptiveBranching,
    BestFirst,
    Gumbel,
    InvalidInput,
    PowerMean,
    Settings,
    SoftmaxMix,
    Thompson,
    UCB1Tuned,
    Widening,
)


def curious(q, visits, in_flight, prior, raw, best, variance, children, parent_started, parent_raw, depth, uniform):
    """A rule of one's own that looks at nearly everything."""
    bonus = prior * math.sqrt(parent_started) / (1 + visits + 2 * in_flight) + 0.1 * math.sqrt(variance)
    return q + 0.2 * (best - raw) * parent_raw + bonus / children - 0.01 * depth + 0.25 * uniform


def moody(q, started, mean, reward, index, parent_visits, parent_in_flight, parent_q, uniform):
    """A rule of one's own that sometimes has no answer."""
    if uniform < 0.01:
        return math.nan
    return q + (mean - reward - parent_q) / (1 + started + index) + 0.01 * (parent_visits + parent_in_flight)


FORMULAS = [
    UCT(),
    UCT(0.0),
    UCB1Tuned(),
    UCBV(),
    UCBV(0.5, 0.1),
    PUCT(),
    PUCT(0.5),
    PUCT(0.5, first_play=0.25),
    PUCT(1.0, reduction=0.3),
    Gumbel(8, 4),
    Gumbel(40, 3, 1.0, 0.1),
    Thompson(),
    Thompson("beta", 0.05),
    AdaptiveBranching(),
    AdaptiveBranching("beta", 0.5),
    SoftmaxMix(),
    SoftmaxMix(0.05, 0.0),
    SoftmaxMix(scope="tree"),
    BestFirst(),
    BestFirst(-0.125, 0.25, -0.5, 3),
    curious,
    moody,
]
RULES = st.sampled_from(FORMULAS).map(lambda each: compiled(each) if inspect.isfunction(each) else each)
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "backup": st.sampled_from(["mean", "max", PowerMean(1.0), PowerMean(3.5), PowerMean(700.0)]),
    "in_flight": st.sampled_from(["wu_uct", "virtual_loss"]),
    "ties": st.sampled_from(["lowest", "random"]),
    "discount": st.sampled_from([1.0, 0.9]),
    "value_range": st.sampled_from([(0.0, 1.0), (-1.0, 1.0)]),
    "widening": st.sampled_from([None, None, Widening(), Widening(2.0, 0.25)]),
    "skip_exhausted": st.sampled_from([True, True, False]),
    "solver": st.booleans(),
    "normalise": st.booleans(),
    "transpositions": st.booleans(),
    "seed": st.integers(0, 2**64 - 1),
    "threads": st.sampled_from([1, 1, 3]),
}
# What gives way where options contradict each other.
MILDER = {"solver": False, "normalise": False, "widening": None, "backup": "mean", "ties": "lowest"}


def allowed(options: dict[str, Any]) -> dict[str, Any]:
    """The options with as few of them made milder as lets a forest be made of them."""
    given = dict(options)
    for name, milder in [(None, None), *MILDER.items()]:
        if name is not None:
            given = {**given, name: milder}
        try:
            Settings(**given)
        except InvalidInput:
            continue
        return given
    raise AssertionError(given)
