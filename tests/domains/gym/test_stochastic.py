"""Environments that draw as they go: found by the probe, sampled by search, graded on other draws."""

from __future__ import annotations

import pytest

pytest.importorskip("gymnasium", reason="needs treewright[gym]")

import gym_environments  # noqa: F401

from treewright.domains import Task
from treewright.domains.gym import Gym, Specification

WINDY = Task("", "test/Windy-v0 seed=0")


@pytest.mark.parametrize(
    ("text", "stochastic"),
    [
        ("FrozenLake-v1 is_slippery=True", True),
        ("FrozenLake-v1 is_slippery=False", False),
        ("Taxi-v4", False),
        ("test/Windy-v0", True),
        ("test/Corridor-v0", False),
    ],
)
def test_the_probe_finds_chance(text: str, *, stochastic: bool) -> None:
    assert Gym().prepared(Specification.read(text)).stochastic is stochastic
    assert Gym(stochastic=True).prepared(Specification.read(text)).stochastic is True


@pytest.mark.parametrize("restore", ["fork", "replay"])
def test_a_state_holds_samples_that_part(restore: str) -> None:
    domain = Gym(restore=restore, samples=16)  # type: ignore[arg-type]
    state = domain.reset(WINDY)
    for _ in range(4):
        state = domain.step(state, "1").state
    ended = sum(sample.ended for sample in state.samples)
    assert len(state.samples) == 16
    assert 0 <= ended < 16, "four steps against the wind rarely reach the end"
    assert len({sample.point.digest for sample in state.samples}) > 1


def test_an_end_pays_the_mean_of_the_samples() -> None:
    domain = Gym(samples=10, pay="return")
    state = domain.reset(Task("", "Blackjack-v1 seed=3"))
    step = domain.step(state, "stick")
    assert step.terminated
    wins = sum(sample.total for sample in step.state.samples) / 10
    assert step.reward == pytest.approx((wins + 1) / 2)


def test_grade_uses_draws_that_search_did_not_see() -> None:
    domain = Gym()
    verdict = domain.grade(WINDY, ", ".join(["1"] * 8))
    assert verdict.correct is None, "the environment names no return that would be enough"
    assert "over 100 fresh episodes" in verdict.detail
    # Eight steps, four of which must count: 1 - 93/256 of the episodes come through.
    goals = int(verdict.detail.rpartition(", ")[2].split()[0])
    assert 45 <= goals <= 80
    assert domain.grade(WINDY, "1").detail.endswith(" 0 at the goal")
    # A slippery lake names one, which no fixed sequence of steps reaches.
    assert domain.grade(Task("", "FrozenLake-v1"), "down, down, right").correct is False


def test_playouts_draw_anew() -> None:
    domain = Gym(samples=1)
    state = domain.reset(WINDY)
    values = {domain.playouts(state, 4, 20, seed) for seed in range(8)}
    assert len(values) > 1
    assert domain.playouts(state, 4, 20, 3) == domain.playouts(state, 4, 20, 3)
