"""Sweeps: the choices of constants, the bootstrap by a worked example, and the curve of a real replay."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from treewright.runs.suites import load_suite
from treewright.runs.sweep import Range, at_random, grid, sweep
from treewright.search import Budget, Replay, UnknownName, mcts, search
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue


def test_a_grid_has_every_combination() -> None:
    assert grid({"c": [0.5, 1.0], "rule": ["puct", "uct"]}) == [
        {"c": 0.5, "rule": "puct"},
        {"c": 0.5, "rule": "uct"},
        {"c": 1.0, "rule": "puct"},
        {"c": 1.0, "rule": "uct"},
    ]
    assert grid({}) == [{}]


def test_random_choices_repeat_by_seed_and_keep_to_their_range() -> None:
    given = {"c": Range(0.1, 10.0), "rule": ["puct", "uct"]}
    one, again, other = at_random(given, 50, 1), at_random(given, 50, 1), at_random(given, 50, 2)
    assert one == again != other
    assert all(0.1 <= choice["c"] <= 10.0 for choice in one)
    assert {choice["rule"] for choice in one} == {"puct", "uct"}
    assert 15 < sum(choice["c"] < 1.0 for choice in one) < 35, "log-uniform: as many below 1 as above"
    with pytest.raises(ValueError, match="from a lower to a higher number"):
        Range(2.0, 1.0)


def test_a_sweep_gives_each_setting_a_curve(tmp_path: Path) -> None:
    suite = load_suite("game24", limit=6)

    async def run() -> None:
        stream = search(
            suite.tasks, domain="game24", policy=ScriptedPolicy(), value=ScriptedValue(), recipe=mcts(leaves=1),
            budget=Budget(expansions=64), run=tmp_path,
        )  # fmt: skip
        async for _ in stream:
            pass

    asyncio.run(run())
    replay = Replay(tmp_path)
    constants = [{"c": 1.25, "leaves": 1}, {"c": 4.0, "leaves": 1}]
    settings = list(sweep(replay, "mcts", constants, [4, 64], rounds=200))
    assert [setting.constants["c"] for setting in settings] == [1.25, 4.0]
    own = settings[0].curve
    assert [point.expansions for point in own] == [4, 64]
    assert [point.miss_rate for point in own] == [0.0, 0.0], "the run's own constants"
    assert 0.0 <= own[0].accuracy.value <= own[1].accuracy.value <= 1.0
    assert own[1].accuracy.low <= own[1].accuracy.value <= own[1].accuracy.high
    assert 0.0 < settings[1].curve[1].miss_rate < 1.0
    with pytest.raises(UnknownName, match="did you mean 'c'"):
        list(sweep(replay, "mcts", [{"cc": 1}], [4]))
