"""The commands around value models: which `--value` names, trust, train-value, improve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from treewright.cli import options
from treewright.cli.main import app
from treewright.cli.trusting import table_of
from treewright.domains.math import countdown_tasks
from treewright.runs.outcomes import Judged
from treewright.runs.trust import trust
from treewright.search import Budget, mcts, run_async, search
from treewright.search.errors import SearchError, UnknownName
from treewright.value_models import VLLM, Evidence, Score, ScriptedValue, Uniform, Usage
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


def test_trust_is_whole_on_a_narrow_terminal(run: Run, recorded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("trust", recorded, "--rounds", "100", "--no-details").output
    assert "…" not in shown
    assert "calibration error" in shown


def test_names_of_models_are_no_markup() -> None:
    judged = [
        Judged("t", n, -1, 0, Evidence("t", "s", "q"), Score(n / 4, Usage(), "/models/[/b] judge"), n > 1, 0.0)
        for n in range(4)
    ]
    console = Console(record=True, width=200)
    console.print(table_of(trust(judged, rounds=10), "four states"))
    assert "/models/[/b] judge" in console.export_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train-value", "{run}", "--out", "{run}", "--features", "http://localhost:1/v1"), "is there already"),
        (("train-value", "{run}", "--out", "h", "--features", "ftp://x"), "--features ftp://x: Model server address"),
        (("improve", "game24", "--learn", "10", "--held-out", "2", "--features", "ftp://x"), "--features ftp://x"),
        (("improve", "game24", "--learn", "10", "--held-out", "2", "--start", "hed"), "no 'hed' among the values"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_paid_for(
    run: Run, recorded: str, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    pytest.importorskip("sklearn")
    for module in ("training", "improving"):
        monkeypatch.setattr(f"treewright.cli.{module}.Server", pytest.fail)
    told = run(*(text.format(run=recorded) for text in arguments))
    assert told.exit_code == 2, told.output
    assert words in told.output
    assert not Path("h").exists()


def test_learning_without_scikit_learn_is_refused_at_once(
    run: Run, recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("treewright.value_models.learned.training.find_spec", lambda _: None)
    for arguments in (
        ("train-value", recorded, "--out", "h"),
        ("improve", "game24", "--learn", "10", "--held-out", "2"),
    ):
        told = run(*arguments)
        assert told.exit_code == 2
        assert "pip install treewright[learn]" in told.output


def test_a_loop_needs_tasks_to_measure_on(run: Run) -> None:
    told = run("improve", "game24", "--learn", "1400", "--held-out", "1")
    assert told.exit_code == 2
    assert "game24 tasks were asked for" in told.output
