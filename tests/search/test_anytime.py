"""What a run would have answered earlier: the same as searches with smaller budgets, and at the end the run itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from treewright.domains.math import game24_tasks
from treewright.domains.protocol import Task
from treewright.search import Budget, Replay, Result, RunReader, anytime, mcts, search
from treewright.search.errors import JournalError
from treewright.value_models import ScriptedPolicy, ScriptedValue

LEAST = 6


def searched(tasks: list[Task], run: Path, *, stop_after: int | None = None, **options: Any) -> list[Result]:
    async def collect() -> list[Result]:
        stream = search(
            tasks, domain="game24", policy=ScriptedPolicy(), value=ScriptedValue(), budget=Budget(expansions=24),
            run=run, **options,
        )  # fmt: skip
        results = []
        async for result in stream:
            results.append(result)
            if len(results) == stop_after:
                break
        await stream.aclose()
        return results

    return asyncio.run(collect())


def test_the_last_moment_is_the_run_itself(tmp_path: Path) -> None:
    results = {result.task.id: result for result in searched(list(game24_tasks(LEAST, 3)), tmp_path, concurrency=8)}
    courses = anytime(tmp_path)
    assert [course.task for course in courses] == [task.id for task in game24_tasks(LEAST, 3)]
    for course in courses:
        last, result = course.moments[-1], results[course.task]
        assert (last.answer, last.solved) == (result.answer, result.solved)
        assert last.cost == result.cost
        expansions = [moment.cost.expansions for moment in course.moments]
        assert expansions == sorted(expansions)
    assert any(course.moments[-1].solved for course in courses)
    assert any(not course.moments[0].solved for course in courses)


def test_a_moment_is_what_a_search_with_that_budget_answers(tmp_path: Path) -> None:
    """With one leaf at a time nothing is in flight at a cut, so a cut and a smaller budget are the same search."""
    recipe = replace(mcts(leaves=1), stop_reward=None)
    searched(list(game24_tasks(LEAST, 3)), tmp_path, recipe=recipe, deterministic=True)
    courses, replay = anytime(tmp_path), Replay(tmp_path)
    seen = set()
    for budget in (1, 4, 9, 16, 24):
        replayed = replay.search(recipe, Budget(expansions=budget))
        assert replayed.missed == 0
        for course, result in zip(courses, replayed.results, strict=True):
            moment = course.within(budget, "expansions")
            assert moment is not None
            assert (moment.answer, moment.solved) == (result.answer, result.solved)
            seen.add(moment.solved)
    assert seen == {True, False}


def test_nothing_is_answered_below_the_cost_of_the_first_turn(tmp_path: Path) -> None:
    searched(list(game24_tasks(1, 3)), tmp_path)
    (course,) = anytime(tmp_path)
    assert course.within(0, "policy_tokens") is None
    assert course.within(course.moments[0].cost.policy_tokens, "policy_tokens") is not None
    assert course.within(10**9, "policy_tokens") is course.moments[-1]


def test_only_finished_tasks_have_a_course(tmp_path: Path) -> None:
    searched(list(game24_tasks(LEAST, 3)), tmp_path, concurrency=1, stop_after=1)
    finished = RunReader(tmp_path).tasks()
    assert 0 < len(finished) < LEAST
    assert {course.task for course in anytime(tmp_path)} == set(finished)


def test_an_old_run_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched(list(game24_tasks(1, 3)), tmp_path)
    monkeypatch.setattr("treewright.search.journal.schema.check_version", lambda *_: 1)
    monkeypatch.setattr("treewright.search.journal.reader.RunReader.given", lambda _: [])
    with pytest.raises(JournalError, match="no order of outcomes"):
        anytime(tmp_path)
