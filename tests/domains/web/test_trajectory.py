"""The judge of web trajectories: success is the value; side effects and loops are said beside it, up to the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted_process import ServerProcess
from typer.testing import CliRunner
from web_pages import task

from treewright.cli.main import app
from treewright.cli.values import value_model
from treewright.domains.web import TRAJECTORY, Web, web_judge
from treewright.runs.parts import parts_of
from treewright.search import Budget, RunReader, best_first, solve
from treewright.search.loop import run_async
from treewright.search.trial import evidence_of
from treewright.value_models import Judge, Uniform
from treewright.value_models.judge import messages

pytestmark = pytest.mark.browser

Make = Callable[..., Web]
FLAGS = {"side_effects", "looping"}


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path, ["Nothing was bought."])
    yield server
    server.kill()


@pytest.mark.parametrize("ranked", [True, False])
def test_the_judge_is_shown_the_way_and_the_last_page(make: Make, ranked: bool) -> None:
    domain = make(ranked=ranked)
    state = domain.reset(task("/"))
    for line in ("click('1')", "click('1')"):
        state = domain.step(state, *domain.parse(state, line)).state
    system, user = messages(evidence_of(domain.observe(state)), TRAJECTORY)
    assert "\nside_effects, yes or no: " in system["content"]
    assert "\nlooping, yes or no: " in system["content"]
    for shown in ("click('1') # link 'On'", "click('1') # link 'Back'", "Some merged text"):
        assert shown in user["content"]
    assert user["content"].endswith("Do these actions lead to the task being done?")


def test_flags_go_from_the_answer_to_the_report_and_not_into_the_value(
    make: Make, scripted: ServerProcess, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    solve(
        task("/form"), domain=make(), policy=Uniform(), value=web_judge(scripted.url), recipe=best_first(),
        budget=Budget(expansions=4), run=run,
    )  # fmt: skip
    scored = [event["answer"] for event in RunReader(run).events(kind="score")]
    assert len(scored) >= 4
    for said in scored:
        assert said["value"] in (0.0, 0.25, 0.5, 0.75, 1.0)
        assert set(said["parts"]) == FLAGS
        raised = [name.replace("_", " ") for name in TRAJECTORY.flags if said["parts"][name]]
        flagged = f" Flagged: {', '.join(raised)}." if raised else ""
        assert said["feedback"] == f"Nothing was bought.{flagged}"
    assert {part.part: part.states for part in parts_of(RunReader(run))} == dict.fromkeys(FLAGS, len(scored))


def test_the_command_line_knows_the_judge_by_its_name(scripted: ServerProcess) -> None:
    assert isinstance(value_model("web_judge", scripted.url, None), Judge)
    shown = CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "300"})
    assert "web_judge: a judge of web trajectories" in shown.output


@pytest.mark.server
def test_a_real_model_answers_each_question(make: Make, server_url: str) -> None:
    domain = make()
    state = domain.reset(task("/form"))
    state = domain.step(state, *domain.parse(state, "click('5')")).state

    async def judged() -> None:
        (score,) = await web_judge(server_url).score([evidence_of(domain.observe(state))])
        assert score.value in (0.0, 0.25, 0.5, 0.75, 1.0)
        assert set(score.parts) == FLAGS
        assert set(score.parts.values()) <= {0.0, 1.0}
        assert score.feedback

    run_async(judged())
