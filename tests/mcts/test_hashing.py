"""Counter-based numbers: their values are fixed, and they are distributed as they should be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from treewright.mcts.hashing import Draws, descent_key, splitmix64, uniform

MANY = 4000


def test_splitmix64_is_the_published_generator() -> None:
    # The first numbers of splitmix64 seeded with 1234567, as published with the generator (Vigna 2015).
    state, found = 1234567, []
    for _ in range(3):
        found.append(splitmix64(state))
        state += 0x9E3779B97F4A7C15
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_keys_differ_by_seed_tree_generation_and_descent() -> None:
    keys = {descent_key(s, t, g, d) for s in range(3) for t in range(3) for g in range(3) for d in range(3)}
    assert len(keys) == 81


def test_uniform_numbers_lie_strictly_between_0_and_1() -> None:
    assert uniform(0) == 2.0**-53
    assert uniform(2**64 - 1) == 1.0 - 2.0**-53
    draws = Draws(7)
    numbers = np.array([draws.next() for _ in range(MANY)])
    assert abs(numbers.mean() - 0.5) < 4 / math.sqrt(12 * MANY)
    assert np.histogram(numbers, 10, (0.0, 1.0))[0].min() > MANY / 10 * 0.8


def test_a_key_draws_the_same_again() -> None:
    first, again, other = Draws(3), Draws(3), Draws(4)
    numbers = [first.next() for _ in range(5)]
    assert numbers == [again.next() for _ in range(5)]
    assert numbers != [other.next() for _ in range(5)]


def test_normal_numbers() -> None:
    numbers = np.array([Draws(splitmix64(key)).normal() for key in range(MANY)])
    assert abs(numbers.mean()) < 4 / math.sqrt(MANY)
    assert abs(numbers.var() - 1) < 4 * math.sqrt(2 / MANY)
    assert abs((numbers**3).mean()) < 4 * math.sqrt(15 / MANY)
    assert abs(np.mean(numbers < -1.0) - 0.1586553) < 4 * math.sqrt(0.1586553 * 0.8413447 / MANY)


@pytest.mark.parametrize("shape", [0.05, 0.5, 1.0, 2.5, 40.0])
def test_gamma_numbers(shape: float) -> None:
    numbers = np.array([Draws(splitmix64(key)).gamma(shape) for key in range(MANY)])
    assert (numbers >= 0).all()
    # Mean and variance of gamma(a) are a; its fourth central moment is 3a^2 + 6a.
    assert abs(numbers.mean() - shape) < 4 * math.sqrt(shape / MANY)
    assert abs(numbers.var() - shape) < 5 * math.sqrt((2 * shape**2 + 6 * shape) / MANY)
    # P(x < 1): gamma(1) is exponential, gamma(2.5) from the series of the incomplete gamma function.
    expected = {1.0: 1 - math.exp(-1), 0.5: math.erf(1.0)}.get(shape)
    if expected is not None:
        assert abs(np.mean(numbers < 1.0) - expected) < 4 * math.sqrt(expected * (1 - expected) / MANY)
