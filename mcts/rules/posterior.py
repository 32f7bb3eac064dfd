"""What is believed about an arm's mean return, and how to draw from it. In double, as in csrc/random.hpp."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from ..hashing import Draws
from .view import NodeView

Belief = Literal["gaussian", "beta"]

# Streams of random numbers of one descent at one node: a child's is CHILD_STREAM + its index.
CHILD_STREAM = 1 << 32
NEW_CHILD_STREAM = 1 << 33
DEEPER_STREAM = NEW_CHILD_STREAM + 1
NODE_STREAM = 1 << 34

LOWEST_WEIGHT = 1e-3


class Evidence(NamedTuple):
    """Returns of an arm: number, mean and sum of squared deviations from it; all 0 for none."""

    n: float
    mean: float
    m2: float


NOTHING = Evidence(0.0, 0.0, 0.0)


def sample(belief: Belief, weight: float, low: float, width: float, seen: Evidence, draws: Draws) -> float:
    """A draw from the posterior of an arm's mean return, given what was seen and `weight` visits' worth of prior.

    "gaussian": the normal-gamma posterior (Bai, Wu & Chen 2013) with prior mean mu0 = low + width / 2, l0 = weight,
    a0 = 1, b0 = (width / 4)^2: tau = gamma(a0 + n/2) / (b0 + m2/2 + l0 * n * (mean - mu0)^2 / (2 * (l0 + n))),
    theta = (l0 * mu0 + n * mean) / (l0 + n) + normal() / sqrt((l0 + n) * tau).

    "beta": with x = (mean - low) / width cut to [0, 1], A = weight + n * x, B = weight + n * (1 - x):
    theta = low + width * gamma(A) / (gamma(A) + gamma(B)).
    """
    if belief == "beta":
        x = min(max((seen.mean - low) / width, 0.0), 1.0)
        a = weight + seen.n * x
        b = weight + seen.n * (1.0 - x)
        wins = draws.gamma(a)
        losses = draws.gamma(b)
        if wins + losses == 0.0:  # both too small for a double
            return low + width * a / (a + b)
        return low + width * wins / (wins + losses)
    mu0 = low + 0.5 * width
    known = weight + seen.n
    mu = (weight * mu0 + seen.n * seen.mean) / known
    off = seen.mean - mu0
    rate = (width / 4.0) * (width / 4.0) + seen.m2 / 2.0 + weight * seen.n * off * off / (2.0 * known)
    tau = draws.gamma(1.0 + seen.n / 2.0) / rate
    return mu + draws.normal() / math.sqrt(known * tau)


def range_of(view: NodeView) -> tuple[float, float]:
    """Lowest value and width of the value range: the samples are of returns as they are, never normalised."""
    return float(view.low), float(view.high - view.low)
