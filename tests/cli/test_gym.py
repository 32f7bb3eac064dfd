"""The commands on Gymnasium environments, without a model server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treewright.cli.main import app

FREE = ("--prior", "uniform", "--value", "rollout", "--set", "c=0.05")


def run(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(args), env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_a_suite_of_seeds_is_run_resumed_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gymnasium", reason="needs treewright[gym]")
    monkeypatch.chdir(tmp_path)
    code, output = run("run", "gym:FrozenLake-v1 is_slippery=False", "--limit", "2", "--seed", "5", *FREE)
    assert code == 0, output
    assert "2/2" in output
    (directory,) = (tmp_path / "results").iterdir()
    assert "-FrozenLake-v1-mcts-64" in directory.name
    code, output = run("show", str(directory), "FrozenLake-v1-6", "--depth", "1")
    assert code == 0, output
    assert "return 1 in" in output or "correct" in output
    code, output = run("resume", str(directory))
    assert code == 0, output
    assert "2/2" in output


def test_one_environment_is_solved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("gymnasium", reason="needs treewright[gym]")
    monkeypatch.chdir(tmp_path)
    code, output = run("solve", "--domain", "gym", "FrozenLake-v1 is_slippery=False", "--depth", "1", *FREE)
    assert code == 0, output
    assert "stopped: solved" in output
    code, output = run("solve", "--domain", "gym", "FrozenLake-v1 seed=now", *FREE)
    assert code == 2
    assert "expected a whole number" in output


def test_a_suite_reads_no_file(tmp_path: Path) -> None:
    pytest.importorskip("gymnasium", reason="needs treewright[gym]")
    code, output = run("run", "gym:Taxi-v4", "--data", str(tmp_path), *FREE)
    assert code == 2
    assert "reads no file" in output


@pytest.mark.parametrize(
    "args", [("solve", "--domain", "gym", "Taxi-v4"), ("run", "gym:Taxi-v4"), ("solve", "1 + 1", "--value", "rollout")]
)
def test_a_missing_package_is_named(args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("treewright.domains.gym")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    code, output = run(*args)
    assert code == 2, output
    assert "needs the package gymnasium" in output
