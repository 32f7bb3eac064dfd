"""What showing a case is worth; the numbers were worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from treewright.search.case_value import UNTAUGHT, features, q_values, taught


def pairs(*rows: tuple[float, float, float]) -> np.ndarray:
    """Features of (likeness, good, words)."""
    likeness, good, words = np.array(rows, float).reshape(-1, 3).T
    return features(likeness, good, words)


def test_q_is_the_logistic_of_the_weighted_features() -> None:
    """The sum is -1 + 2 * .5 + 1 + .5 ln 4 = 1 + ln 2; Q = 1 / (1 + e^-1 / 2)."""
    x = pairs((0.5, 1, 3))
    assert x.tolist() == [[1, 0.5, 1, pytest.approx(math.log(4))]]
    assert q_values(x, np.array([-1, 2, 1, 0.5])) == pytest.approx(1 / (1 + math.exp(-1) / 2))


def test_q_comes_to_the_shares_of_what_succeeded() -> None:
    """A solved case helped 3 times of 4, a failed one once; next to no penalty leaves the shares."""
    x = pairs(*[(0.5, 1, 9)] * 4, *[(0.5, 0, 9)] * 4)
    weights = taught(x, np.array([1, 1, 1, 0, 1, 0, 0, 0]), penalty=1e-7)
    assert q_values(x[[0, 4]], weights) == pytest.approx([0.75, 0.25], abs=1e-5)


def test_the_penalty_draws_towards_the_cosine() -> None:
    """One success where all features but the constant are 0: 1 - Q = penalty w0, which w0 = ln 3, Q = 3/4 solves."""
    weights = taught(pairs((0, 0, 0)), np.array([1.0]), penalty=0.25 / math.log(3))
    assert weights == pytest.approx([math.log(3), 1, 0, 0])


def test_without_outcomes_the_order_is_the_cosines() -> None:
    assert taught(pairs(), np.zeros(0)).tolist() == UNTAUGHT.tolist()
    assert q_values(pairs((0.2, 1, 5), (0.3, 0, 50)), UNTAUGHT) == pytest.approx(1 / (1 + np.exp([-0.2, -0.3])))
