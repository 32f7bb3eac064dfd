"""What each step was worth, by the ways in which training data are made from trees.

All functions take `parent` [N], the row of each row's parent (-1 at roots), where parents come before their children:
`rows` makes it. They answer float64 [N], NaN where there is nothing to say.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arguments import column
from ..errors import InvalidInput
from .kernels import Floats, Rows, add_downward, add_to_parent, add_upward, best_upward, group_moments, highest_child


class SubtreeBest(NamedTuple):
    """The best of each row's subtree.

    Attributes:
        value: float64 [N], highest value at or below the row, NaN if none.
        row: int32 [N], the first row that has it, -1 if none.
    """

    value: Floats
    row: Rows


class VisitTargets(NamedTuple):
    """What a policy and a value model may learn from visit counts.

    Attributes:
        policy: float64 [N], share of the row among its siblings; NaN at roots and where no sibling was visited.
        value: float64 [N], mean Q of the row's children by visits; NaN where no child was visited.
    """

    policy: Floats
    value: Floats


def step_values(
    parent: ArrayLike, reward: ArrayLike, multiplicity: ArrayLike | None = None, *, hard: bool = False
) -> Floats:
    """Monte Carlo step labels from the rewards of completions (Math-Shepherd: Wang et al. 2024).

    soft: value(s) = sum over completions d at or below s of m(d) r(d) / sum of m(d), the share of them that are
    correct where rewards are 0 and 1. hard: the highest r(d) with m(d) > 0, that is whether any is correct.

    The paper samples completions from each step on purpose; here they are those that the search has made, more of them
    where it looked more often.

    Args:
        parent: [N].
        reward: [N], of the completion that ends at the row, NaN at rows where none does.
        multiplicity: [N], how many samples ended so, at least 0; 1 each by default.
        hard: which of the two labels.

    Returns:
        [N], NaN where no completion is at or below the row.

    Raises:
        InvalidInput: lengths that differ, a parent that is no earlier row, a multiplicity below 0 or no number.
    """
    above = _parents(parent)
    given = column("reward", reward, np.float64, len(above))
    samples = np.ones(len(above)) if multiplicity is None else _weights("multiplicity", multiplicity, len(above))
    ends = ~np.isnan(given) & (samples > 0)
    if hard:
        return _best(above, np.where(ends, given, np.nan)).value
    total, count = np.where(ends, given * samples, 0.0), np.where(ends, samples, 0.0)
    add_upward(above, total)
    add_upward(above, count)
    return _divided(total, count)


def sibling_advantage(parent: ArrayLike, value: ArrayLike, *, scale: bool = False) -> Floats:
    """How much better a row is than its siblings (the group-relative advantage of GRPO: Shao et al. 2024).

    A(i) = v(i) - mean(v), with scale=True divided by std(v), over the group of all children of i's parent that have a
    value, i included; std is the square root of the mean squared deviation. Where all of them are equal, A = 0.

    Args:
        parent: [N].
        value: [N], NaN where there is none.
        scale: whether to divide by the standard deviation.

    Returns:
        [N], NaN at roots and where there is no value.

    Raises:
        InvalidInput: lengths that differ, or a parent that is no earlier row.
    """
    above = _parents(parent)
    given = column("value", value, np.float64, len(above))
    count, mean, m2 = group_moments(above, given)
    advantage = np.where(above >= 0, given - mean[above], np.nan)
    if not scale:
        return advantage
    spread = np.sqrt(_divided(m2, count))[above]
    return np.where(spread == 0.0, advantage, _divided(advantage, spread))


def subtree_best(parent: ArrayLike, value: ArrayLike) -> SubtreeBest:
    """The highest value at or below each row, and the row that has it: of equal ones the first.

    Args:
        parent: [N].
        value: [N], NaN where there is none.

    Raises:
        InvalidInput: lengths that differ, or a parent that is no earlier row.
    """
    above = _parents(parent)
    return _best(above, column("value", value, np.float64, len(above)))


def path_mean(parent: ArrayLike, value: ArrayLike, *, include_root: bool = False) -> Floats:
    """The mean of the values on the path from the root to each row, of those that there are.

    Args:
        parent: [N].
        value: [N], NaN where there is none: it is left out of the mean.
        include_root: whether the root's value, which no step has led to, counts.

    Returns:
        [N], NaN where no value is on the path.

    Raises:
        InvalidInput: lengths that differ, or a parent that is no earlier row.
    """
    above = _parents(parent)
    given = column("value", value, np.float64, len(above))
    counted = ~np.isnan(given) & (include_root | (above >= 0))
    total, count = np.where(counted, given, 0.0), counted.astype(np.float64)
    add_downward(above, total)
    add_downward(above, count)
    return _divided(total, count)


def visit_targets(parent: ArrayLike, visits: ArrayLike, q: ArrayLike, *, temperature: float = 1.0) -> VisitTargets:
    """Training targets from visit counts (AlphaGo Zero: Silver et al. 2017).

    policy(i) = N(i)^(1/t) / sum over i's siblings b, i included, of N(b)^(1/t);
    value(s) = sum over s's children c of N(c) Q(c) / sum of N(c).

    Args:
        parent: [N].
        visits: [N], completed, at least 0.
        q: [N], of which those of unvisited rows do not count.
        temperature: t > 0; towards 0 the most visited sibling gets it all.

    Raises:
        InvalidInput: lengths that differ, a parent that is no earlier row, negative visits, a temperature not above 0.
    """
    above = _parents(parent)
    if not 0.0 < temperature < np.inf:
        raise InvalidInput(f"temperature is {temperature}: expected a number above 0")
    counts = _weights("visits", column("visits", visits, np.int64, len(above)), len(above))
    given = column("q", q, np.float64, len(above))
    # As a share of the most visited sibling a power of N cannot overflow.
    most = highest_child(above, counts)[above]
    with np.errstate(invalid="ignore", divide="ignore"):
        power = np.where((above >= 0) & (most > 0), (counts / most) ** (1.0 / temperature), 0.0)
    policy = _divided(np.where(above >= 0, power, np.nan), add_to_parent(above, power)[above])
    weighted = add_to_parent(above, np.where(counts > 0, counts * given, 0.0))
    return VisitTargets(policy, _divided(weighted, add_to_parent(above, counts)))


def _parents(parent: ArrayLike) -> Rows:
    above = column("parent", parent, np.int32)
    wrong = np.flatnonzero((above < -1) | (above >= np.arange(len(above))))
    if wrong.size:
        raise InvalidInput(f"parent[{wrong[0]}] is {above[wrong[0]]}: expected an earlier row, or -1 at a root")
    return above


def _weights(name: str, given: ArrayLike, length: int) -> Floats:
    weights = column(name, given, np.float64, length)
    wrong = np.flatnonzero(~((weights >= 0) & (weights < np.inf)))
    if wrong.size:
        raise InvalidInput(f"{name}[{wrong[0]}] is {weights[wrong[0]]:g}: expected a number of at least 0")
    return weights


def _best(above: Rows, value: Floats) -> SubtreeBest:
    best = value.copy()
    where = np.where(np.isnan(value), -1, np.arange(len(value))).astype(np.int32)
    best_upward(above, best, where)
    return SubtreeBest(best, where)


def _divided(number: Floats, by: NDArray[np.float64]) -> Floats:
    """The quotients, NaN where the divisor is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(by == 0.0, np.nan, number / by)
