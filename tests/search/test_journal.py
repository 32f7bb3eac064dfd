"""The journal: what it holds, that it is written before it is applied, and that it reads back as it was."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, Engine, JournalError, Outcome, RunReader, Trial, mcts, search, solve
from treewright.search.journal import FILE_NAME, Event, Journal
from treewright.value_models.errors import BadAnswer
from treewright.value_models.protocols import Usage
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

BUDGET = Budget(expansions=8)


def test_a_run_reads_back_as_it_was(tmp_path: Path) -> None:
    run = tmp_path / "run"
    result = solve("7", domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), budget=BUDGET, run=run)
    reader = RunReader(run)
    assert reader.tasks() == ["task"]
    again = reader.result("task")
    assert again.tree.render() == result.tree.render()
    assert (again.answer, again.value, again.node, again.stopped) == (
        result.answer,
        result.value,
        result.node,
        result.stopped,
    )
    assert (again.grade, again.cost, again.dropped) == (result.grade, result.cost, result.dropped)
    assert reader.meta()["recipe"]["name"] == "mcts"
    assert reader.meta()["budget"]["expansions"] == 8


def test_every_call_step_and_grade_is_there_and_costs_add_up(tmp_path: Path) -> None:
    policy, value = ScriptedPolicy(texts=["1", "2", "3"]), ScriptedValue()
    tasks = [Task(f"t{i}", "40") for i in range(3)]

    async def run() -> list[object]:
        stream = search(
            tasks,
            domain=Adding(listed=False, paid=False),
            policy=policy,
            value=value,
            budget=BUDGET,
            run=tmp_path / "r",
        )
        return [result async for result in stream]

    results = asyncio.run(run())
    events = list(RunReader(tmp_path / "r").events())
    kinds = [event["kind"] for event in events]
    assert kinds.count("propose") == policy.calls == 24
    assert kinds.count("score") == value.items_seen
    assert kinds.count("step") == 24
    assert kinds.count("grade") == 3
    prompt = sum(event["prompt_tokens"] for event in events if event["kind"] == "propose")
    assert prompt == sum(result.cost.policy.prompt_tokens for result in results)  # type: ignore[attr-defined]
    first = next(event for event in events if event["kind"] == "propose")
    assert first["request"]["prompt"]["user"] == "Reach 40."
    assert {item["text"] for item in first["answer"]} <= {"1", "2", "3"}


def test_an_answer_is_committed_before_the_engine_hears_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    told = Engine.tell

    def tell(engine: Engine, trial: Trial, outcome: Outcome) -> bool:
        with sqlite3.connect(tmp_path / "r" / FILE_NAME) as other:
            kinds = {kind for (kind,) in other.execute("SELECT kind FROM events WHERE node = ?", (trial.node,))}
        other.close()
        seen.append(kinds >= ({"rank", "step"} if trial.wants_children else {"score"}))
        return told(engine, trial, outcome)

    monkeypatch.setattr(Engine, "tell", tell)
    solve("30", domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), budget=BUDGET, run=tmp_path / "r")
    assert len(seen) >= 8
    assert all(seen)


def test_a_failed_call_is_recorded_with_its_error(tmp_path: Path) -> None:
    class Broken(ScriptedValue):
        async def score(self, evidence: object) -> list[object]:  # type: ignore[override]
            raise BadAnswer("no number in 'perhaps'")

    solve("9", domain=Adding(), policy=ScriptedPolicy(), value=Broken(), budget=BUDGET, run=tmp_path / "r")
    failed = [event for event in RunReader(tmp_path / "r").events() if event["error"]]
    assert [event["kind"] for event in failed] == ["score"]
    assert failed[0]["error"] == "no number in 'perhaps'"
    assert RunReader(tmp_path / "r").result("task").failures[0][0] == 0


def test_equal_requests_have_equal_keys_and_others_do_not() -> None:
    def event(kind: str, request: object) -> Event:
        return Event("t", 0, kind, request, None, Usage(), 0.0, 0.0)  # type: ignore[arg-type]

    assert event("propose", {"a": 1, "b": 2}).key == event("propose", {"b": 2, "a": 1}).key
    assert event("propose", {"a": 1}).key != event("propose", {"a": 2}).key
    assert event("propose", {"a": 1}).key != event("score", {"a": 1}).key


def test_a_directory_with_a_run_is_not_written_over(tmp_path: Path) -> None:
    Journal(tmp_path, {}).close()
    with pytest.raises(JournalError, match="holds a run already"):
        Journal(tmp_path, {})


def test_directories_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is no run directory"):
        RunReader(tmp_path / "none")
    Journal(tmp_path / "newer", {}).close()
    with sqlite3.connect(tmp_path / "newer" / FILE_NAME) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    db.close()
    with pytest.raises(JournalError, match="schema version 99; this treewright reads 1"):
        RunReader(tmp_path / "newer")


def test_an_unknown_task_gives_the_nearest(tmp_path: Path) -> None:
    tasks = [Task("game24-0-1", "5")]

    async def run() -> None:
        stream = search(
            tasks, domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), recipe=mcts(), budget=BUDGET,
            run=tmp_path / "r",
        )  # fmt: skip
        async for _ in stream:
            pass

    asyncio.run(run())
    with pytest.raises(JournalError, match="did you mean 'game24-0-1'"):
        RunReader(tmp_path / "r").result("game24-0-2")
