"""pass@k of runs of independent draws, against the draws counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from finished import TEXTS, finished, sums

from treewright.domains.protocol import Task
from treewright.runs import Suite, pass_at_k
from treewright.runs.draws import Draws, draws, pass_rate
from treewright.search import MissingPart, RunReader, best_of_n, self_consistency
from treewright.value_models import ScriptedPolicy


def test_every_draw_is_graded(tmp_path: Path) -> None:
    """Of the scripted texts one in four says 12, which is right for the third task alone; two say no answer at all."""
    suite = sums(4)
    finished(tmp_path, suite=suite, recipe=self_consistency(n=4), expansions=8)
    reader = RunReader(tmp_path)
    found = draws(reader, suite.tasks)
    said: dict[str, list[str]] = {task.id: [] for task in suite.tasks}
    for event in reader.events():
        if event["kind"] == "propose":
            said[event["task"]] += [item["text"] for item in event["answer"]]
    by_task = {of.task: of for of in found}
    for task in suite.tasks:
        right = sum(f"The answer is {task.hidden}." in text for text in said[task.id])
        assert by_task[task.id] == Draws(task.id, 32, right)
    assert by_task["t3"].correct > 0
    assert by_task["t1"].correct == 0


def test_the_rate_is_the_mean_of_the_estimates() -> None:
    rate = pass_rate([Draws("a", 4, 1), Draws("b", 4, 0)], 2)
    assert rate.value == pytest.approx(pass_at_k(4, 1, 2) / 2) == pytest.approx(0.25)
    assert rate.low <= rate.value <= rate.high
    with pytest.raises(ValueError, match="pass@8 needs at least 8 draws"):
        pass_rate([Draws("a", 4, 1)], 8)


def test_runs_whose_draws_are_not_independent_are_refused(tmp_path: Path) -> None:
    finished(tmp_path / "tree", tasks=1)
    with pytest.raises(MissingPart, match="searched by mcts: run self_consistency"):
        draws(RunReader(tmp_path / "tree"), [])
    suite = Suite("one", "game24", (Task("a", "Use 4, 7, 8, 8 and + - * / to make 24."),))
    policy = ScriptedPolicy(texts=["Answer: (7 - 8 / 8) * 4", *TEXTS])
    (result,) = finished(tmp_path / "best", suite=suite, recipe=best_of_n(), policy=policy).results
    assert result.stopped == "solved"
    with pytest.raises(MissingPart, match="ended with the first solution of task 'a'"):
        draws(RunReader(tmp_path / "best"), suite.tasks)
