"""Intervals and tests by worked examples and published figures."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from treewright.runs.statistics import Estimate, bootstrap, mcnemar, paired_difference, pass_at_k, wilson


def test_wilson_by_a_worked_example() -> None:
    """8 of 10 at 95%, z = 1.96: (0.8 + 0.19207 -+ 1.96 sqrt(0.016 + 0.009604)) / 1.38415 = 0.49 to 0.943."""
    found = wilson(8, 10)
    assert found.value == 0.8
    assert found.low == pytest.approx((0.8 + 0.192073 - 1.959964 * math.sqrt(0.016 + 0.00960365)) / 1.384146, abs=1e-5)
    assert found.low == pytest.approx(0.4902, abs=5e-5)
    assert found.high == pytest.approx(0.9433, abs=5e-5)


def test_wilson_has_a_width_where_all_or_none_succeeded() -> None:
    """None of n: 0 to z^2 / (n + z^2); all of n is its mirror image."""
    none, every = wilson(0, 20), wilson(20, 20)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(3.841459 / 23.841459)
    assert (every.low, every.high) == (pytest.approx(1 - none.high), 1.0)
    nothing = wilson(0, 0)
    assert math.isnan(nothing.value)
    assert (nothing.low, nothing.high) == (0.0, 1.0)


def test_wilson_refuses_what_is_no_share() -> None:
    with pytest.raises(ValueError, match="3 successes of 2 trials"):
        wilson(3, 2)


def test_the_bootstrap_of_a_coin_is_that_of_the_binomial() -> None:
    """100 tasks, half of them solved: mean 0.5 +- 1.96 * sqrt(0.25 / 100) = 0.402 to 0.598."""
    found = bootstrap([0.0, 1.0] * 50, rounds=20_000)
    assert found.value == 0.5
    assert found.low == pytest.approx(0.402, abs=0.01)
    assert found.high == pytest.approx(0.598, abs=0.01)
    assert bootstrap([1.0] * 7) == Estimate(1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="empty sample"):
        bootstrap([])


def test_the_bootstrap_takes_a_statistic_of_rows_and_leaves_out_where_it_has_no_meaning() -> None:
    """Rows (label, score): the mean score of label 1 is NaN in a resample without such a row, (2/3)^3 of them."""
    rows = [[1.0, 0.5], [0.0, 9.0], [0.0, 9.0]]

    def of_ones(sample: np.ndarray) -> float:  # type: ignore[type-arg]
        ones = sample[sample[:, 0] == 1]
        return float(ones[:, 1].mean()) if len(ones) else math.nan

    assert bootstrap(rows, of_ones, rounds=200) == Estimate(0.5, 0.5, 0.5)
    never = bootstrap(rows[1:], of_ones, rounds=10)
    assert math.isnan(never.value)
    assert math.isnan(never.low)


def test_a_paired_difference_forgets_what_is_hard_for_both() -> None:
    """Half the tasks are hard for both; the second solves 10 of 100 more. By pairs the deviation is
    sqrt((0.1 - 0.01) / 100) = 0.03; unpaired it would be sqrt(2 * 0.25 / 100) = 0.07.
    """
    first = [1.0] * 45 + [0.0] * 55
    second = [1.0] * 55 + [0.0] * 45
    found = paired_difference(first, second, rounds=20_000)
    assert found.value == pytest.approx(0.1)
    assert found.low == pytest.approx(0.1 - 1.96 * 0.03, abs=0.01)
    assert found.high == pytest.approx(0.1 + 1.96 * 0.03, abs=0.01)
    assert paired_difference(first, first) == Estimate(0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="no pairs"):
        paired_difference([1.0], [1.0, 0.0])


def test_mcnemar_by_a_worked_example() -> None:
    """6 tasks one alone solved, 5 by the second: p = 2 (C(6,0) + C(6,1)) / 64 = 0.21875."""
    first = [True] * 3 + [False] * 2 + [True] + [False] * 5
    second = [True] * 3 + [False] * 2 + [False] + [True] * 5
    found = mcnemar(first, second)
    assert (found.first, found.second) == (1, 5)
    assert found.p == 0.21875
    assert mcnemar(second, first).p == found.p
    assert mcnemar([True], [True]).p == 1.0
    assert mcnemar([True, False], [False, True]).p == 1.0, "an even split is as likely as can be"


@pytest.mark.parametrize("correct", range(6))
@pytest.mark.parametrize("k", range(1, 6))
def test_pass_at_k_is_the_share_of_all_ways_to_choose_k_draws(correct: int, k: int) -> None:
    draws = [True] * correct + [False] * (5 - correct)
    ways = list(combinations(draws, k))
    assert pass_at_k(5, correct, k) == pytest.approx(sum(map(any, ways)) / len(ways))


def test_pass_at_k_of_large_numbers_and_of_wrong_ones() -> None:
    assert pass_at_k(2000, 1, 1000) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="pass@8 needs at least 8 draws"):
        pass_at_k(4, 1, 8)
    with pytest.raises(ValueError, match="5 correct of 4 draws"):
        pass_at_k(4, 5, 1)


def test_an_estimate_is_formatted_as_asked() -> None:
    assert f"{Estimate(0.5, 0.25, 0.75):.1%}" == "50.0% (25.0% to 75.0%)"
    assert str(Estimate(0.5, 0.25, 0.75)) == "0.500 (0.250 to 0.750)"
