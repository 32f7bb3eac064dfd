"""Gumbel: sequential halving at the root, the improved policy below it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..fields import MAX_CHILDREN, MAX_MAGNITUDE, MAX_STARTED
from ..hashing import splitmix64, uniform
from .base import ScoredRule
from .view import NodeView


@dataclass(frozen=True, slots=True)
class Gumbel(ScoredRule):
    """Policy improvement by planning with Gumbel (Danihelka, Guez, Schrittwieser & Silver 2022).

    With logit(a) = ln P(s,a), pi(a) = P(s,a) / sum of P, completed visits N(a), started visits S(a):

    v_mix = (v + sum of N / sum of pi(a) where N(a) > 0 * sum of pi(a) Q(a) where N(a) > 0) / (1 + sum of N), where v is
    the value last given at s (its Q if none was); v alone while N or that pi is 0.
    completed(a) = Q(a) where N(a) > 0, else v_mix; sigma(a) = (c_visit + max N) * c_scale * completed(a).

    At the root the child that sequential halving considers now: of those with S(a) = considered_visits(...) the highest
    g(a) + logit(a) + sigma(a), g(a) a Gumbel(0) number drawn once a tree; if none has that many, of those with the
    fewest visits. Elsewhere the highest pi'(a) - S(a) / (1 + sum of S), where pi' = softmax(logit + sigma) and S are
    those of the eligible children: visits approach pi' without noise. Double inside, float32 at the end.

    Attributes:
        simulations: visits that the root will get, in [1, 2^31 - 1]: what sequential halving divides.
        considered: children of the root that are considered at first, in [1, 65535].
        c_visit: in [0, 1e9].
        c_scale: in [0, 1e9].

    Raises:
        InvalidInput: a constant is out of range.
    """

    KIND: ClassVar[str] = "gumbel"
    simulations: int
    considered: int = 16
    c_visit: float = 50.0
    c_scale: float = 1.0

    def __post_init__(self) -> None:
        self._check_integer("simulations", 1, MAX_STARTED)
        self._check_integer("considered", 1, MAX_CHILDREN)
        self._check_number("c_visit", 0.0, MAX_MAGNITUDE)
        self._check_number("c_scale", 0.0, MAX_MAGNITUDE)

    def candidates(self, view: NodeView) -> NDArray[np.bool_]:
        """At the root the children [k] that sequential halving considers now."""
        if not view.is_root:
            return np.ones(len(view.index), np.bool_)
        started = int(view.everyone.started.sum(dtype=np.int64))
        wanted = considered_visits(min(self.considered, len(view.index)), self.simulations, started)
        if wanted not in view.started:
            wanted = int(view.started.min())
        wanted_now: NDArray[np.bool_] = view.started == wanted
        return wanted_now

    def scores(self, view: NodeView) -> NDArray[np.float32]:
        """Scores of the eligible children [k]."""
        improved = self._improved(view)[view.index]
        return _with_noise(view, improved) if view.is_root else _below(view, improved)

    def _improved(self, view: NodeView) -> NDArray[np.float64]:
        """The sums logit + sigma of all children."""
        everyone = view.everyone
        value = _own_value(view)
        return improved_logits(everyone.prior, everyone.q, everyone.visits, value, self.c_visit, self.c_scale)


def improved_logits(
    prior: NDArray[np.float32],
    q: NDArray[np.float32],
    visits: NDArray[np.int32],
    value: float,
    c_visit: float,
    c_scale: float,
) -> NDArray[np.float64]:
    """The sums logit + sigma of `Gumbel` for all children [A] of a node whose own value is `value`."""
    mixed = _mixed_value(prior, q, visits, value)
    completed = np.where(visits > 0, q.astype(np.float64), mixed)
    return _logits(prior) + (c_visit + int(visits.max())) * c_scale * completed


def softmax(logits: NDArray[np.float64]) -> list[float]:
    """The probabilities that the logits [A] stand for; all equal where all are minus infinity."""
    top = logits.max()
    weights = [1.0 if top == -math.inf else math.exp(x - top) for x in logits]
    total = _sum(weights)
    return [weight / total for weight in weights]


def considered_visits(considered: int, simulations: int, simulation: int) -> int:
    """The visits that a child must have to be considered at this simulation, 0 the first.

    Sequential halving (Karnin, Koren & Somekh 2013) as a schedule: `considered` children get equally many visits, then
    the better half of them, until two are left; each of the ceil(log2(considered)) phases gets about equally many
    visits.
    """
    return next(islice(_schedule(considered, simulations), simulation, None))


def _schedule(considered: int, simulations: int) -> Iterator[int]:
    if considered <= 1:
        yield from count()
    phases = (considered - 1).bit_length()
    left, visits = considered, 0
    while True:
        rounds = max(1, simulations // (phases * left))
        for _ in range(rounds):
            yield from [visits] * left
            visits += 1
        left = max(2, left // 2)


def _with_noise(view: NodeView, improved: NDArray[np.float64]) -> NDArray[np.float32]:
    key = splitmix64(view.tree_key)
    noise = [-math.log(-math.log(uniform(splitmix64(key ^ index)))) for index in view.index.tolist()]
    return (np.array(noise) + improved).astype(np.float32)


def _below(view: NodeView, improved: NDArray[np.float64]) -> NDArray[np.float32]:
    started = 1.0 + _sum(view.started.tolist())
    policy = softmax(improved)
    return np.array([p - s / started for p, s in zip(policy, view.started.tolist(), strict=True)], np.float32)


def _mixed_value(prior: NDArray[np.float32], q: NDArray[np.float32], visits: NDArray[np.int32], value: float) -> float:
    """v_mix: the node's own value, mixed with the Q of its visited children weighted by their priors."""
    total = _sum(prior.tolist())
    mass = weighted = 0.0
    for p, mean, n in zip(prior.tolist(), q.tolist(), visits.tolist(), strict=True):
        if n > 0:
            share = p / total if total > 0.0 else 1.0 / len(prior)
            mass += share
            weighted += share * mean
    all_visits = int(visits.sum(dtype=np.int64))
    return value if mass == 0.0 else (value + all_visits / mass * weighted) / (1.0 + all_visits)


def _own_value(view: NodeView) -> float:
    if view.parent_visits == 0:
        return float(view.middle)
    return float(view.parent_q if np.isnan(view.parent_raw) else view.parent_raw)


def _logits(prior: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.array([math.log(p) if p > 0.0 else -math.inf for p in prior.tolist()])


def _sum(numbers: list[float]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total
