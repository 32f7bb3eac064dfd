"""The commands on jobs and run directories, with scripted models: as their user types them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from finished import stopped
from typer.testing import CliRunner

from treewright.cli.main import app
from treewright.search import RunReader
from treewright.value_models import ScriptedPolicy, ScriptedValue

Run = Callable[..., Any]
TEXTS = ["Answer: (7 - 8 / 8) * 4", "Answer: 8 + 8 + 4 + 7"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("treewright.cli.options.models", lambda *_: (ScriptedPolicy(texts=TEXTS), ScriptedValue()))
    monkeypatch.setenv("COLUMNS", "220")
    return lambda *args, **more: CliRunner().invoke(app, list(args), **more)


def only(root: str) -> str:
    (directory,) = Path(root).iterdir()
    return str(directory)


def recorded(run: Run, root: str, *more: str) -> str:
    result = run("run", "game24", "--budget", "8", "--limit", "3", "--out", root, *more)
    assert result.exit_code == 0, result.output
    return only(root)


def test_a_job_file_is_printed_run_and_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text(run("init", "game24").output)
    result = run("run", "job.toml", "--limit", "2", "--budget", "4,8", "--price", "policy_prompt=2", "--set", "c=0.5")
    assert result.exit_code == 0, result.output
    directories = sorted(Path("results").iterdir())
    assert [path.name.rsplit("-", 1)[1] for path in directories] == ["4", "8"]
    for path, expansions in zip(directories, (4, 8), strict=True):
        kept = tomllib.loads((path / "job.toml").read_text())
        assert kept["budget"]["expansions"] == [expansions]
        assert kept["suite"]["limit"] == 2, "what was typed stands above the file"
        assert kept["search"]["constants"] == {"c": 0.5}
        assert kept["budget"]["prices"]["policy_prompt"] == 2.0
        assert RunReader(path).meta()["budget"]["prices"]["policy_prompt"] == 2.0
        assert (path / "results.parquet").is_file()
    again = run("run", str(directories[0] / "job.toml"), "--out", "again")
    assert again.exit_code == 0, again.output
    assert RunReader(only("again")).task_ids() == RunReader(directories[0]).task_ids()


def test_chosen_tasks_are_run(run: Run) -> None:
    directory = recorded(run, "r", "--shuffle", "1")
    assert RunReader(directory).task_ids() != ["game24-0-0", "game24-0-1", "game24-0-2"]
    directory = recorded(run, "s", "--tasks", "game24-0-1,game24-0-0")
    assert RunReader(directory).task_ids() == ["game24-0-1", "game24-0-0"]


def test_bad_rows_end_the_run_or_are_counted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"q": "1 + 1?", "a": 2}\n{"q": 7, "a": 2}\n')
    typed = ("run", "rows", "--data", "t.jsonl", "--field", "text=q", "--field", "hidden=a", "--budget", "4")
    result = run(*typed)
    assert result.exit_code == 2
    assert "error: t.jsonl, line 2, q: 7; expected a text that is not empty" in result.stderr
    result = run(*typed, "--skip-bad", "--out", "r")
    assert result.exit_code == 0, result.output
    assert "left out: t.jsonl, line 2, q: 7" in result.stderr
    assert "1 left out, 1 taken" in result.stderr
    assert len(RunReader(only("r")).meta()["about"]["suite"]["left_out"]) == 1


def test_json_lines_are_all_that_is_printed(run: Run) -> None:
    result = run("run", "game24", "--budget", "8", "--limit", "3", "--json")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["task", "task", "task", "progress", "run"]
    assert lines[-1]["directory"] == only("results")
    assert lines[-1]["tasks"] == 3
    assert 0 <= lines[-1]["accuracy_low"] <= lines[-1]["accuracy"] <= lines[-1]["accuracy_high"] <= 1
    watched = run("watch", only("results"), "--json")
    assert watched.exit_code == 0
    assert json.loads(watched.stdout)["done"] == 3


def test_runs_are_listed_watched_and_removed(run: Run, tmp_path: Path) -> None:
    directory = recorded(run, "r")
    stopped(tmp_path / "r" / "stopped")
    shown = run("runs", "r")
    assert shown.exit_code == 0, shown.output
    assert re.search(r"│ \S+-game24-mcts-8 │ done +│ game24 │ mcts +│ +3/3 │", shown.output), shown.output
    assert re.search(r"│ stopped +│ stopped │ game24 │ mcts +│ +1/6 │", shown.output), shown.output
    assert run("watch", directory).output.startswith("mcts: 3/3 tasks, ")
    halted = run("watch", "r/stopped")
    assert halted.exit_code == 75
    assert "go on with: treewright resume r/stopped" in halted.stderr
    refused = run("rm", "r/stopped", input="n\n")
    assert "Remove r/stopped (stopped, 1/6 tasks, " in refused.output
    assert Path("r/stopped").exists()
    assert run("rm", "r/stopped", input="y\n").exit_code == 0
    assert not Path("r/stopped").exists()
    assert run("rm", directory, "--yes").exit_code == 0
    assert list(Path("r").iterdir()) == []


def test_compare_shows_both_runs_and_the_tests(run: Run) -> None:
    one, other = recorded(run, "a"), recorded(run, "b", "--set", "c=4")
    result = run("compare", one, other)
    assert result.exit_code == 0, result.output
    assert result.output.count("│ equal spending │") == 2
    assert result.output.count("McNemar p = ") == 2
    different = run("compare", one, recorded(run, "c", "--limit", "2"))
    assert different.exit_code == 2
    assert "have different tasks: 1 (game24-0-2) in the first alone" in different.stderr


def test_stats_shows_every_figure_with_its_interval(run: Run) -> None:
    directory = recorded(run, "r")
    assert run("stats", directory, "--unit", "seconds", "--at", "0.5").exit_code == 0
    result = run("stats", directory, "--at", "2,8")
    assert result.exit_code == 0, result.output
    assert re.search(r"solved \d/3: [\d.]+% \([\d.]+% to [\d.]+%\)", result.output)
    assert re.search(r"│ +2 │ +\d/3 │ +[\d.]+% to [\d.]+% │", result.output), result.output
    assert re.search(r"│ all ", result.output)
    assert "models: scripted-0" in result.output
    draws = recorded(run, "d", "--search", "self_consistency")
    result = run("stats", draws, "--unit", "calls", "--pass-at", "1,4")
    assert result.exit_code == 0, result.output
    assert re.search(r"│ 4 │ +[\d.]+% │ +[\d.]+% to [\d.]+% │", result.output), result.output


def test_suites_are_listed_with_what_they_need(run: Run) -> None:
    shown = run("suites").output
    assert re.search(r"│ game24 +│ 1 +│ up to 1,362 +│ Apache-2.0 +│ game24 +│ nothing +│", shown), shown
    assert "treewright[code]" in shown


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["run", "job.toml"], "job.toml cannot be read"),
        (["run", "wrong.toml"], "wrong.toml, suite: no field 'limt' in SuiteTable; did you mean 'limit'"),
        (["run", "game24", "--concurrency", "0", "--price", "policy=1"], "treewright run, budget.prices: no field"),
        (["run", "rows", "--field", "text"], "--field takes NAME=VALUE, not 'text'"),
        (["init", "game25"], "did you mean 'game24'"),
        (["runs", "nowhere"], "nowhere is no directory"),
        (["watch", "nowhere"], "nowhere is no run directory"),
        (["stats", "RUN", "--unit", "policy_token"], "did you mean 'policy_tokens'"),
        (["stats", "RUN", "--unit", "seconds", "--at", "0.5,x"], "such as 16,64 or 0.5; not '0.5,x'"),
        (["rm", "nowhere"], "nowhere is no run directory"),
        (["stats", "RUN", "--pass-at", "1"], "pass@k needs independent draws"),
        (["compare", "RUN", "nowhere"], "nowhere is no run directory"),
    ],
)
def test_errors_are_one_line_that_teaches(run: Run, args: list[str], message: str) -> None:
    Path("wrong.toml").write_text('[suite]\nname = "game24"\nlimt = 3\n')
    directory = recorded(run, "r") if "RUN" in args else ""
    result = run(*(directory if arg == "RUN" else arg for arg in args))
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output
