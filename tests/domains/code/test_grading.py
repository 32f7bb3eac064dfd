"""Hidden tests run in another process, in the real sandbox, and nothing of them reaches the search."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from doubling import CANARY

from treewright.domains.code import CodeFunctions, read_tasks
from treewright.domains.code.sandbox import NoSandbox, open_sandbox
from treewright.domains.protocol import DomainError, Task
from treewright.search import Budget, Recipe, RunReader, best_of_n, codetree, mcts, self_repair, solve
from treewright.value_models.protocols import Evidence, Prompt
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

RIGHT = "def double(x):\n    return x + x"
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def walled() -> Iterator[CodeFunctions]:
    """The domain with the real sandbox; skips where no wall stands."""
    try:
        sandbox = open_sandbox(workers=1)
    except NoSandbox as error:
        pytest.skip(str(error))
    with sandbox:
        domain = CodeFunctions(sandbox=sandbox)
        yield domain
        domain.close()


@pytest.fixture
def task(task_file: Write, walled: CodeFunctions) -> Task:
    return read_tasks(task_file({})).tasks[0]


@pytest.mark.parametrize(
    ("answer", "correct", "detail"),
    [
        (RIGHT, True, "2 of 2 hidden tests passed"),
        ("def double(x):\n    return 2 * abs(x)", False, "1 of 2 hidden tests passed"),
        ("def double(x:", False, "0 of 2 hidden tests passed; stage parse"),
        ("import sys\nsys.exit(0)", False, "0 of 2 hidden tests passed; stage load"),
        (None, False, "no answer"),
    ],
)
def test_the_verdict_is_counts_alone(
    walled: CodeFunctions, task: Task, answer: str | None, correct: bool, detail: str
) -> None:
    found = walled.grade(task, answer)
    assert (found.correct, found.detail) == (correct, detail)


def test_without_hidden_tests_there_is_no_verdict(walled: CodeFunctions, task_file: Write) -> None:
    (task,) = read_tasks(task_file({"hidden": []})).tasks
    assert walled.grade(task, RIGHT).correct is None
    assert walled.grade(task.visible(), RIGHT).correct is None
    with pytest.raises(DomainError, match="expected HiddenTests"):
        walled.grade(replace(task, hidden="assert True"), RIGHT)


def test_a_file_that_went_is_an_error_and_no_verdict(walled: CodeFunctions, task: Task, task_file: Write) -> None:
    task_file({"id": "other"})
    with pytest.raises(DomainError, match="has changed"):
        walled.grade(task, RIGHT)


def test_references_that_fail_their_own_tests_are_named(walled: CodeFunctions, task_file: Write) -> None:
    changes = [
        {"id": "good"},
        {"id": "bad", "solution": "def double(x):\n    return x"},
        {"id": "worse", "solution": "def double(x:"},
        {"id": "none", "solution": ""},
        {"id": "hidden", "hidden": ["assert double(1) == 3"]},
    ]
    tasks = read_tasks(task_file(*changes)).tasks
    good, bad, worse, none, hidden = map(walled.wrong_with, tasks)
    assert good is None
    assert "fails test 'visible 1' (failed)" in str(bad)
    assert "fails at stage parse" in str(worse)
    assert "no reference solution" in str(none)
    assert "fails test 'hidden 1'" in str(hidden)


@pytest.mark.parametrize("recipe", [best_of_n(n=2), codetree(), self_repair(own_checks=True), mcts(n=2)])
def test_a_canary_in_the_hidden_tests_is_seen_by_nobody(
    walled: CodeFunctions, task: Task, tmp_path: Path, recipe: Recipe
) -> None:
    """No prompt, evidence, journal row, reward, value or feedback holds it, though the answer fails hidden tests."""
    seen: list[str] = []

    def write(prompt: Prompt) -> Sequence[str]:
        seen.append(repr(prompt))
        if "You test Python programs" in prompt.system:
            return ["assert double(1) == 2"]
        return ["Guess."] if "Write no solution" in prompt.system else ["def double(x):\n    return 2 * x if x else 1"]

    def judge(evidence: Evidence) -> float:
        seen.append(repr(evidence))
        return 0.5

    wrong = "def double(x):\n    return x + x if x != 5 else 0"
    result = solve(
        task, domain=walled, policy=ScriptedPolicy(write), value=ScriptedValue(judge), recipe=recipe,
        budget=Budget(expansions=4), run=tmp_path / "run",
    )  # fmt: skip
    assert seen
    assert CANARY not in "".join(seen)
    assert CANARY not in repr(result)
    assert walled.grade(task, wrong).correct is False
    assert CANARY not in walled.grade(task, wrong).detail
    with sqlite3.connect(RunReader(tmp_path / "run").directory / "journal.db") as journal:
        dump = "\n".join(journal.iterdump())
    journal.close()
    assert "double(2)" in dump
    assert CANARY not in dump


def test_references_are_judged_where_the_run_s_answers_are(task: Task) -> None:
    """By the strength that the domain was made with, not by another that stands here too."""
    domain = CodeFunctions(sandbox="podman-of-nobody")
    for asked in (lambda: domain.wrong_with(task), lambda: domain.grade(task, RIGHT)):
        with pytest.raises(DomainError, match="the grading process does not start: no strength 'podman-of-nobody'"):
            asked()
    domain.close()
