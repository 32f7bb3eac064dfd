"""The command line on web tasks, with scripted models and the real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from treewright.cli.main import app
from treewright.domains.web import NoBrowser, find_chromium
from treewright.search import RunReader
from treewright.value_models import ScriptedPolicy, ScriptedValue

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Run = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty directory, with scripted models."""
    try:
        find_chromium()
    except NoBrowser as error:
        pytest.skip(str(error))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("treewright.cli.options.models", lambda *_: (ScriptedPolicy(), ScriptedValue()))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *args: CliRunner().invoke(app, list(args))


def test_miniwob_is_run_by_several_recipes_and_the_browsers_work_is_told(run: Run) -> None:
    result = run("run", "miniwob", "--search", "mcts,best_first,best_of_n", "--limit", "2", "--budget", "4")
    assert result.exit_code == 0, result.output
    assert "best_first" in result.output
    assert result.output.count("browser: pages reached") == 3
    first = next(directory for directory in Path("results").iterdir() if directory.name.endswith("-mcts-4"))
    assert sorted(RunReader(first).tasks()) == ["click-test-0", "click-test-2-0"]


def test_a_finished_run_is_read_back_without_a_browser(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("run", "miniwob", "--limit", "2", "--budget", "4").exit_code == 0
    (directory,) = Path("results").iterdir()
    monkeypatch.setenv("TREEWRIGHT_CHROMIUM", "/none")
    result = run("resume", str(directory))
    assert result.exit_code == 0, result.output


def test_an_oracles_reward_is_named_beside_every_figure_and_kept_for_resume(run: Run) -> None:
    oracle = ("--domain-set", "oracle_reward=True")
    result = run("run", "miniwob", "--limit", "1", "--budget", "6", *oracle)
    assert result.exit_code == 0, result.output
    (directory,) = Path("results").iterdir()
    assert "-miniwob-oracle-mcts-6" in directory.name
    assert RunReader(directory).meta()["about"]["suite"]["name"] == "miniwob-oracle"
    ends = [node for node in RunReader(directory).result("click-test-0").tree.nodes if node.terminated]
    assert 1.0 in [node.reward for node in ends], "the checker's verdict pays"
    assert run("resume", str(directory)).exit_code == 0
    assert (directory / "report.html").stat().st_size > 1000
    refused = run("resume", str(directory), "--runner", "ray")
    assert "goes on in one process" in refused.output


def test_solve_starts_at_the_address_given(run: Run) -> None:
    refused = run("solve", "Find the price", "--domain", "web")
    assert refused.exit_code != 0
    assert "says no address to start at" in refused.output
    # Loopback may be named: it is then the task's own origin. Nothing listens there, and the node fails visibly.
    result = run("solve", "Find the price", "--domain", "web", "--start", "http://127.0.0.1:9/", "--budget", "2")
    assert "does not load" in result.output
