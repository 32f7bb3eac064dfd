"""The commands on run directories, with scripted models: resume, replay, sweep, cost, repair, and the cache."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from treewright.cli.main import app
from treewright.search import RunReader
from treewright.value_models import ScriptedPolicy, ScriptedValue
from treewright.value_models.errors import ServerUnreachable
from treewright.value_models.protocols import Prompt, Ranking

Run = Callable[..., Any]


class Ends(ScriptedPolicy):
    """Goes away after so many calls."""

    left = 10**9

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        if self.calls >= self.left:
            raise ServerUnreachable("No server answers at http://there/v1")
        return await super().rank(prompts, candidates)


@pytest.fixture
def policy() -> Ends:
    return Ends()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, policy: Ends) -> Run:
    """Runs a command in an empty directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("treewright.cli.options.models", lambda *_: (policy, ScriptedValue()))
    monkeypatch.setattr("treewright.search.patience.Patience.again", _never)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *args: CliRunner().invoke(app, list(args))


async def _never(*_: object) -> bool:
    return False


def recorded(run: Run, *more: str) -> Path:
    result = run("run", "game24", "--budget", "12", "--limit", "4", "--out", "runs", "--deterministic", *more)
    assert result.exit_code == 0, result.output
    return max(Path("runs").iterdir(), key=lambda path: path.stat().st_mtime)


def test_a_paused_run_says_how_to_go_on_and_does(run: Run, policy: Ends) -> None:
    policy.left = 9
    paused = run("run", "game24", "--budget", "12", "--limit", "4", "--out", "runs")
    assert paused.exit_code == 75
    (directory,) = Path("runs").iterdir()
    assert "No server answers at http://there/v1" in paused.output
    assert f"go on with: treewright resume {directory}" in paused.output
    policy.left = 10**9
    done = run("resume", str(directory))
    assert done.exit_code == 0, done.output
    assert re.search(r"│ mcts .*│ +\d/4 │", done.output), done.output
    assert len(RunReader(directory).tasks()) == 4


def test_replay_shows_misses_beside_every_figure(run: Run) -> None:
    directory = recorded(run)
    shown = run("replay", str(directory), "--rule", "puct", "--c-puct", "1.25,4")
    assert shown.exit_code == 0, shown.output
    assert re.search(r"│ puct │ 1.25 │ +12 │ +[\d.]+% │ .*│ +0.0% │", shown.output), shown.output
    assert re.search(r"│ puct │ 4 +│ +12 │ +[\d.]+% │ .*│ +[1-9][\d.]*% │", shown.output), shown.output


def test_a_replay_keeps_the_constants_of_the_run(run: Run) -> None:
    directory = recorded(run, "--set", "leaves=2", "--set", "temperature=0.3")
    shown = run("replay", str(directory))
    assert re.search(r"│ mcts +│ +12 │ .*│ +0.0% │", shown.output), shown.output


def test_sweep_gives_intervals_at_several_budgets(run: Run) -> None:
    directory = recorded(run)
    shown = run("sweep", str(directory), "--set", "c=0.5..4", "--random", "2", "--rounds", "100")
    assert shown.exit_code == 0, shown.output
    assert len(re.findall(r"│ +[\d.]+% to [\d.]+% │", shown.output)) == 2 * 3, "4, 8 and 12 expansions"


def test_cost_splits_and_sums(run: Run) -> None:
    directory = recorded(run)
    shown = run("cost", str(directory), "--by", "operator,model", "--price", "policy_prompt=2")
    assert shown.exit_code == 0, shown.output
    assert re.search(r"│ propose +│ scripted-0 ", shown.output)
    assert re.search(r"│ score +│ scripted-0 ", shown.output)
    assert re.search(r"│ all ", shown.output)


def test_a_cache_serves_the_next_run(run: Run, policy: Ends) -> None:
    recorded(run, "--cache", "answers.db")
    calls = policy.calls
    again = run(
        "run", "game24", "--budget", "12", "--limit", "4", "--out", "again", "--deterministic", "--cache", "answers.db"
    )
    assert again.exit_code == 0, again.output
    assert policy.calls == calls
    assert re.search(r"[1-9]\d* answers from the cache", again.output)


def test_repair_of_a_whole_run_changes_nothing(run: Run) -> None:
    directory = recorded(run)
    shown = run("repair", str(directory))
    assert shown.exit_code == 0
    assert "nothing is damaged" in shown.output
    assert [path.name for path in directory.glob("*damaged*")] == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["resume", "nowhere"], "nowhere is no run directory"),
        (["repair", "nowhere"], "nowhere is no run directory"),
        (["replay", "nowhere"], "nowhere is no run directory"),
        (["replay", "RUN", "--set", "cc=1"], "did you mean 'c'"),
        (["replay", "RUN", "--set", "c=1..2"], "treewright sweep --random"),
        (["sweep", "RUN", "--set", "c=a..b"], "a range is LOW..HIGH"),
        (["sweep", "RUN", "--set", "c=1..2"], "treewright sweep --random N"),
        (["cost", "RUN", "--price", "policy_prompt=cheap"], "policy_prompt: 'cheap'"),
        (["cost", "RUN", "--by", "tasks"], "did you mean 'task'"),
        (["cost", "RUN", "--price", "policy=1"], "did you mean 'policy_prompt'"),
    ],
)
def test_errors_are_one_line_that_teaches(run: Run, args: list[str], message: str) -> None:
    directory = recorded(run)
    result = run(*(str(directory) if arg == "RUN" else arg for arg in args))
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_finished_run_that_is_resumed_keeps_its_report(run: Run) -> None:
    directory = recorded(run)
    page = directory / "report.html"
    assert f"treewright report {directory} works it out" in page.read_text()
    assert run("report", str(directory)).exit_code == 0
    whole = page.read_text()
    assert "works it out" not in whole
    assert run("resume", str(directory)).exit_code == 0
    assert page.read_text() == whole
    page.unlink()
    assert run("resume", str(directory)).exit_code == 0
    assert page.exists()


def test_a_recipe_that_is_not_for_the_suite_is_spoken_of(run: Run) -> None:
    said = "note: agentless is for code_repository, not for game24: it may come to nothing there"
    result = run("run", "game24", "--search", "agentless", "--budget", "2", "--limit", "1", "--out", "runs")
    assert (result.exit_code, result.output.count(said)) == (0, 1)
    one = run("solve", "Use 4, 7, 8, 8 and + - * / to make 24.", "--domain", "game24", "--search", "agentless")
    assert said in one.output
    assert "note:" not in run("run", "game24", "--budget", "2", "--limit", "1", "--out", "runs").output


def test_a_single_problem_with_a_run_directory_is_resumed_too(run: Run, policy: Ends) -> None:
    policy.left = 3
    task = "Use 1, 2, 7, 7 and + - * / to make 24."
    paused = run("solve", task, "--domain", "game24", "--budget", "12", "--out", "one", "--set", "leaves=1")
    assert paused.exit_code == 75, paused.output
    policy.left = 10**9
    assert run("resume", "one").exit_code == 0
    assert RunReader("one").meta()["about"]["constants"] == {"leaves": 1}
    assert RunReader("one").tasks() == ["task"]
