"""How far values can be trusted, as numbers: of values in [0, 1] beside what became of the states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Bin:
    """States whose values lie in one interval.

    Attributes:
        low, high: the interval; the last one has its upper end.
        states: how many.
        value: their mean value.
        good: the share of good ones.
    """

    low: float
    high: float
    states: int
    value: float
    good: float


def auroc(values: Numbers, labels: Numbers) -> float:
    """The chance that a good state is valued above a bad one, ties counted half (Mann & Whitney 1947).

    NaN where all are of one kind. Of the values 0.9, 0.4, 0.4 of good, bad, good states, the good ones win 1 and 1/2
    of 2 pairs: 0.75.
    """
    labels = labels.astype(bool)  # 0 and 1 would be taken for places
    good, bad = values[labels], np.sort(values[~labels])
    if not len(good) or not len(bad):
        return math.nan
    wins = np.searchsorted(bad, good, "left").sum() + np.searchsorted(bad, good, "right").sum()
    return float(wins / (2.0 * len(good) * len(bad)))


def auroc_within(values: Numbers, labels: Numbers, groups: Numbers) -> float:
    """The chance that a good state is valued above a bad one of the same group, over all such pairs, ties counted half.

    NaN where no group has both kinds.
    """
    wins = pairs = 0.0
    labels = labels.astype(bool)
    for group in np.unique(groups):
        at = groups == group
        count = float(labels[at].sum()) * float((~labels[at]).sum())
        if count:
            wins += count * auroc(values[at], labels[at])
            pairs += count
    return wins / pairs if pairs else math.nan


def reliability(values: Numbers, labels: Numbers, bins: int = 10) -> list[Bin]:
    """The states by value, in bins of equal width; empty ones are left out."""
    where = np.minimum((values * bins).astype(int), bins - 1)
    return [
        Bin(at / bins, (at + 1) / bins, int(inside.sum()), float(values[inside].mean()), float(labels[inside].mean()))
        for at in np.unique(where).tolist()
        for inside in [where == at]
    ]


def calibration_error(values: Numbers, labels: Numbers, bins: int = 10) -> float:
    """Expected calibration error: the sum over bins of n_k / N |mean value - share of good ones| (Naeini et al. 2015).

    Of the values 0.2, 0.2, 0.9 of bad, good, good states it is 2/3 * 0.3 + 1/3 * 0.1 = 0.2333.
    """
    return sum(one.states * abs(one.value - one.good) for one in reliability(values, labels, bins)) / len(values)


def precision_recall(values: Numbers, labels: Numbers, threshold: float) -> tuple[float, float]:
    """The share of good ones among states at or above the threshold, and the share of good ones that are there.

    NaN where there are no such states, or no good ones.
    """
    taken, labels = values >= threshold, labels.astype(bool)
    found = float((taken & labels).sum())
    return (
        found / float(taken.sum()) if taken.any() else math.nan,
        found / float(labels.sum()) if labels.any() else math.nan,
    )


def rank_correlation(values: Numbers, worth: Numbers) -> float:
    """Kendall's tau-b of two rankings (Kendall 1945).

    That is (concordant - discordant pairs) / sqrt(pairs untied in one * pairs untied in the other). Of 1, 2, 3 beside
    1, 3, 2 it is (2 - 1) / 3; NaN where one of them has no order.
    """
    upper = np.triu_indices(len(values), 1)
    one = np.sign(values[:, None] - values[None, :])[upper]
    other = np.sign(worth[:, None] - worth[None, :])[upper]
    untied = math.sqrt(float((one != 0).sum()) * float((other != 0).sum()))
    return float((one * other).sum()) / untied if untied else math.nan
