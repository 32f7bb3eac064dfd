"""The commands with scripted models in place of a server; tests/cli/test_server.py has the real one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from treewright.cli.main import app
from treewright.search import RunReader
from treewright.value_models import ScriptedPolicy, ScriptedValue

TASK = "Use 4, 7, 8, 8 and + - * / to make 24."
Run = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty directory; models are scripted, with whole solutions among the texts."""
    monkeypatch.chdir(tmp_path)
    texts = ["Answer: (7 - 8 / 8) * 4", "Answer: 8 + 8 + 4 + 7"]
    monkeypatch.setattr("treewright.cli.options.models", lambda *_: (ScriptedPolicy(texts=texts), ScriptedValue()))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *args: CliRunner().invoke(app, list(args))


def test_solve_draws_the_tree_and_says_the_answer(run: Run) -> None:
    result = run("solve", TASK, "--domain", "game24", "--budget", "200", "--depth", "1")
    assert result.exit_code == 0, result.output
    assert f"* {TASK}  [n=" in result.output
    assert re.search(r"answer: .* \(correct, value 1.000\)", result.output)
    assert "stopped: solved" in result.output


def test_run_compares_at_equal_tokens_and_show_reads_it_back(run: Run, tmp_path: Path) -> None:
    result = run("run", "game24", "--search", "mcts,best_of_n", "--budget", "4,8", "--limit", "3", "--out", "runs")
    assert result.exit_code == 0, result.output
    directories = sorted((tmp_path / "runs").iterdir())
    assert len(directories) == 4
    assert all(directory.name in result.output for directory in directories)
    budgets = {path.name.split("-game24-")[1]: RunReader(path).meta()["budget"] for path in directories}
    assert budgets["mcts-4"]["expansions"] == 4
    for size in (4, 8):
        reader = next(RunReader(path) for path in directories if path.name.endswith(f"-mcts-{size}"))
        spent = sum(reader.result(task).cost.policy_tokens for task in reader.tasks())
        assert budgets[f"best_of_n-{size}"]["policy_tokens"] == math.ceil(spent / 3)

    mcts = next(path for path in directories if path.name.endswith("mcts-8"))
    listed = run("show", str(mcts))
    assert listed.output.count("\n") == 3 + 1
    assert re.search(r"^solved \d/3: [\d.]+% \([\d.]+% to [\d.]+%\)$", listed.output, re.MULTILINE)
    shown = run("show", str(mcts), "game24-0-0", "--depth", "1")
    assert shown.exit_code == 0, shown.output
    assert "[n=" in shown.output
    assert "cost: " in shown.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["solve", TASK, "--domain", "game42"], "did you mean 'game24'"),
        (["solve", TASK, "--domain", "game24", "--search", "mtcs"], "did you mean 'mcts'"),
        (["solve", TASK, "--domain", "game24", "--set", "cc=1"], "did you mean 'c'"),
        (["solve", TASK, "--domain", "game24", "--set", "c"], "--set takes NAME=VALUE, not 'c'"),
        (["solve", TASK, "--domain", "game24", "--budget", "0"], "expansions"),
        (["solve", "What is love?", "--domain", "game24"], "What is love?"),
        (["run", "game25"], "did you mean 'game24'"),
        (["run", "gsm8k"], "give it with --data FILE"),
        (["run", "game24", "--budget", "16,x"], "--budget takes positive whole numbers by comma"),
        (["run", "game24", "--search", "mcts,nothing"], "no 'nothing' among the recipes"),
        (["show", "nowhere"], "nowhere is no run directory"),
    ],
)
def test_errors_are_one_line_that_teaches(run: Run, args: list[str], message: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


def test_constants_reach_the_recipe(run: Run, tmp_path: Path) -> None:
    result = run(
        "solve", TASK, "--domain", "game24", "--set", "rule=uct", "--set", "c=0.5", "--out", "r", "--budget", "2"
    )
    assert result.exit_code == 0, result.output
    assert RunReader(tmp_path / "r").meta()["recipe"]["selection"]["rule"] == {"type": "UCT", "c": 0.5}
