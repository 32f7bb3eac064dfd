"""Figures with their intervals: shares, means, paired differences, pass@k."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Sample = npt.NDArray[np.float64]

ROUNDS = 2000  # of a bootstrap
LEVEL = 0.95  # of an interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its confidence interval, `low` to `high`; in an f-string each is formatted as asked: `{e:.1%}`."""

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        return f"{self.value:{spec}} ({self.low:{spec}} to {self.high:{spec}})"

    def __str__(self) -> str:
        return f"{self:.3f}"


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's exact test of two runs over the same tasks.

    Attributes:
        first, second: tasks that only the first run, only the second run solved.
        p: how likely so uneven a split of these tasks is, or one more uneven, if both runs were equally good.
    """

    first: int
    second: int
    p: float


def wilson(successes: int, trials: int, level: float = LEVEL) -> Estimate:
    """A share of independent trials with Wilson's score interval (Wilson 1927).

    With p = successes / trials, n = trials and z the normal quantile of (1 + level) / 2 the interval is
    (p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n). Unlike the normal interval it stays in [0, 1] and has
    a width where all or none succeeded.

    Args:
        successes: 0 to `trials`.
        trials: at least 0; of none nothing is known: the share is NaN, its interval 0 to 1.
        level: in (0, 1).

    Raises:
        ValueError: more successes than trials, or fewer than none.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials: there must be between 0 and all")
    if trials == 0:
        return Estimate(math.nan, 0.0, 1.0)
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    low = 0.0 if successes == 0 else (middle - spread) / scale  # which is 0 but for rounding
    high = 1.0 if successes == trials else (middle + spread) / scale
    return Estimate(share, low, high)


def bootstrap(
    sample: Sequence[Any] | npt.NDArray[Any],
    statistic: Callable[[Sample], float] | None = None,
    *,
    rounds: int = ROUNDS,
    level: float = LEVEL,
    seed: int = 0,
) -> Estimate:
    """A statistic of a sample with its percentile bootstrap interval (Efron 1979).

    Args:
        sample: numbers, or rows of numbers, that were drawn independently of each other: (N,) or (N, columns). Where
            several belong to one task, give one row a task.
        statistic: of the sample, and of each of its resamples of the same shape; the mean by default. It is NaN where
            it has no meaning (one class alone); such resamples are left out.
        rounds: resamples, with replacement.
        level: in (0, 1).
        seed: equal seeds give equal intervals.

    Raises:
        ValueError: an empty sample.
    """
    given = np.asarray(sample, np.float64)
    if not len(given):
        raise ValueError("an empty sample has no interval; give at least one number")
    rng = np.random.default_rng(seed)
    of = statistic or _mean
    drawn = np.array([of(given[rng.integers(len(given), size=len(given))]) for _ in range(rounds)])
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return Estimate(of(given), math.nan, math.nan)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(of(given), float(low), float(high))


def paired_difference(
    first: Sequence[float], second: Sequence[float], *, rounds: int = ROUNDS, level: float = LEVEL, seed: int = 0
) -> Estimate:
    """How much higher the second one's mean is, over the same tasks in the same order, by the paired bootstrap.

    Tasks are resampled and each keeps both of its numbers, so that what makes a task hard for both cancels out.

    Raises:
        ValueError: they are of different lengths, or empty.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} numbers are no pairs; give both for the same tasks")
    differences = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    return bootstrap(differences, rounds=rounds, level=level, seed=seed)


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """McNemar's test (McNemar 1947) in its exact, two-sided form.

    Of the n tasks that one alone solved, k were solved by the one that solved fewer:
    p = min(1, 2 sum over i = 0..k of C(n, i) / 2^n).

    Raises:
        ValueError: they are of different lengths.
    """
    pairs = list(zip(first, second, strict=True))
    one, other = sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)
    n = one + other
    tail = sum(math.comb(n, i) for i in range(min(one, other) + 1))
    return McNemar(one, other, min(1.0, 2 * tail / 2**n))


def pass_at_k(draws: int, correct: int, k: int) -> float:
    """The chance that at least one of k draws is correct, estimated without bias from `draws` of them, of which
    `correct` are: 1 - C(draws - correct, k) / C(draws, k) (Chen et al. 2021).

    Raises:
        ValueError: k is not between 1 and `draws`, or `correct` not between 0 and `draws`.
    """
    if not 1 <= k <= draws:
        raise ValueError(f"pass@{k} needs at least {k} draws a task and k of at least 1; there are {draws} draws")
    if not 0 <= correct <= draws:
        raise ValueError(f"{correct} correct of {draws} draws: there must be between 0 and all")
    return 1.0 - math.comb(draws - correct, k) / math.comb(draws, k)


def _mean(sample: Sample) -> float:
    return float(sample.mean())
