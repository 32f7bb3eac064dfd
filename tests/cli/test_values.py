"""The commands around value models: which `--value` names, trust, train-value, improve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from treewright.cli import options
from treewright.cli.main import app
from treewright.domains.math import countdown_tasks
from treewright.search import Budget, mcts, run_async, search
from treewright.search.errors import SearchError, UnknownName
from treewright.value_models import VLLM, Evidence, ScriptedValue, Uniform
from treewright.value_models.errors import WrongHead
from treewright.value_models.pooled import ProcessReward, RewardModel

Run = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *args: CliRunner().invoke(app, list(args))


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    async def results() -> int:
        stream = search(
            countdown_tasks(4), domain="countdown", policy=Uniform(), value=ScriptedValue(), recipe=mcts(),
            budget=Budget(expansions=24), run=tmp_path / "recorded",
        )  # fmt: skip
        return len([result async for result in stream])

    assert run_async(results()) == 4
    return "recorded"


@pytest.mark.parametrize(
    ("name", "kind"), [("label", VLLM), ("judge", VLLM), ("reward", RewardModel), ("steps", ProcessReward)]
)
def test_a_name_makes_a_value_model(name: str, kind: type) -> None:
    policy, value = options.models("http://a:1", None, name)
    assert isinstance(value, kind)
    assert (policy is value) == (kind is VLLM)
    policy, value = options.models("http://a:1", None, name, value_url="http://b:2")
    assert policy is not value


def test_none_is_a_value_model_that_knows_nothing() -> None:
    policy, value = options.models("http://a:1", None, "none", "uniform")
    (first, again) = run_async(value.score([Evidence("t", "a", "q"), Evidence("t", "b", "q")]))
    assert (first.value, first.usage.tokens) == (again.value, 0) == (0.5, 0)
    assert isinstance(policy, Uniform)


def test_names_that_are_none() -> None:
    with pytest.raises(UnknownName, match=r"no 'juge' among the values for --value.*judge"):
        options.models("http://a:1", None, "juge")
    with pytest.raises(SearchError, match="head:DIR names the directory"):
        options.models("http://a:1", None, "head")
    with pytest.raises(WrongHead, match="treewright train-value makes one"):
        options.models("http://a:1", None, "head:nowhere")
    with pytest.raises(SearchError, match="--value-url ftp://x"):
        options.models("http://a:1", None, "reward", value_url="ftp://x")


def test_trust_shows_the_model_beside_a_coin_and_a_length(run: Run, recorded: str) -> None:
    shown = run("trust", recorded, "--rounds", "100")
    assert shown.exit_code == 0, shown.output
    for words in ("scripted-0", "(a coin)", "(text length)", "AUROC", "reliability", "siblings' order"):
        assert words in shown.output
    assert "reliability" not in run("trust", recorded, "--rounds", "100", "--no-details").output


def test_trust_has_nothing_to_say_without_known_ends(run: Run, tmp_path: Path) -> None:
    async def results() -> int:
        stream = search(
            countdown_tasks(1), domain="countdown", policy=Uniform(), value=ScriptedValue(), recipe=mcts(),
            budget=Budget(expansions=1), run=tmp_path / "short",
        )  # fmt: skip
        return len([result async for result in stream])

    assert run_async(results()) == 1
    told = run("trust", "short")
    assert told.exit_code == 2
    assert "no score of a state below which an end is known" in told.output
    assert run("train-value", "short", "--out", "head").exit_code == 2


def test_a_loop_needs_tasks_to_measure_on(run: Run) -> None:
    told = run("improve", "game24", "--learn", "1400", "--held-out", "1")
    assert told.exit_code == 2
    assert "game24 tasks were asked for" in told.output
