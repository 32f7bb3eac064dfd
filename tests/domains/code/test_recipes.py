"""Recipes over function tasks, with a policy that answers by what its prompt shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from in_process import InProcess

from treewright.domains.code import CodeFunctions, read_tasks
from treewright.domains.protocol import Task
from treewright.search import Budget, Recipe, Result, best_of_n, codetree, mcts, self_consistency, self_repair, solve
from treewright.value_models.protocols import Prompt
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

RIGHT = "def double(x):\n    return x + x"
CLOSE = "def double(x):\n    return 4"
WORSE = "def double(x):\n    return None"
BROKEN = "def double(x:"
Write = Callable[..., Path]


@pytest.fixture
def task(task_file: Write) -> Task:
    (task,) = read_tasks(task_file({})).tasks
    return task.visible()


class Coder:
    """Writes what `programs` says for the attempt that a prompt shows, or for the advice; remembers its prompts."""

    def __init__(
        self,
        programs: dict[str, Sequence[str]],
        advice: Sequence[str] = ("Add.", "Guess."),
        checks: str = "assert double(0) == 0",
    ) -> None:
        self.programs = programs
        self.advice = advice
        self.checks = checks
        self.prompts: list[Prompt] = []

    def __call__(self, prompt: Prompt) -> Sequence[str]:
        self.prompts.append(prompt)
        if "Write no solution" in prompt.system:
            return ["\n".join(self.advice)]
        if "You test Python programs" in prompt.system:
            return [self.checks]
        return next(texts for shown, texts in self.programs.items() if shown in prompt.user)


def run(task: Task, sandbox: InProcess, coder: Coder, recipe: Recipe, budget: int = 20) -> Result:
    return solve(
        task, domain=CodeFunctions(sandbox=sandbox), policy=ScriptedPolicy(coder), value=ScriptedValue(lambda _: 0.5),
        recipe=recipe, budget=Budget(expansions=budget),
    )  # fmt: skip


def test_best_of_n_gives_the_best_of_programs_that_fail(task: Task, sandbox: InProcess) -> None:
    coder = Coder({"": [BROKEN, WORSE, CLOSE]})
    result = run(task, sandbox, coder, best_of_n(n=3, leaves=1), budget=2)
    assert (result.answer, result.stopped) == (CLOSE, "expansions")
    assert result.value == pytest.approx(0.1 + 0.9 * 0.55)
    assert {node.multiplicity for node in result.tree.nodes[1:]} == {2}
    assert sandbox.checks == 3, "a program is run once, however often it is drawn"
    assert run(task, sandbox, Coder({"": [WORSE, RIGHT]}), best_of_n(n=2)).answer == RIGHT


def test_self_consistency_votes_by_canonical_program(task: Task, sandbox: InProcess) -> None:
    renamed = "def double(x):\n    # a guess\n    return (4)"
    result = run(task, sandbox, Coder({"": [WORSE, CLOSE, renamed]}), self_consistency(n=3), budget=1)
    assert result.answer == CLOSE


def test_self_repair_shows_what_came_of_the_last_attempt(task: Task, sandbox: InProcess) -> None:
    coder = Coder({"return 4": [RIGHT], "return None": [CLOSE], "": [WORSE]})
    result = run(task, sandbox, coder, self_repair())
    assert [node.answer for node in result.path] == [None, WORSE, CLOSE, RIGHT]
    assert (result.value, result.stopped, result.cost.expansions) == (1.0, "solved", 3)


def test_a_chain_that_is_over_starts_again_at_the_root(task: Task, sandbox: InProcess) -> None:
    coder = Coder({"return 4": [WORSE], "return None": [BROKEN], "": [CLOSE]})
    result = run(task, sandbox, coder, self_repair(length=2), budget=5)
    shown = ["return 4" in prompt.user for prompt in coder.prompts]
    assert shown == [False, True, False, False, False], "the second and third chain begin with a program that is known"
    assert result.answer == CLOSE


def test_own_checks_come_first_and_are_kept_in_every_chain(task: Task, sandbox: InProcess) -> None:
    coder = Coder({"return 4": [WORSE], "": [CLOSE]})
    result = run(task, sandbox, coder, self_repair(length=1, own_checks=True), budget=4)
    assert [node.kind for node in result.tree.nodes[:3]] == ["root", "checks", "step"]
    assert {node.parent for node in result.tree.nodes[2:]} == {1}
    right = run(task, sandbox, Coder({"": [RIGHT]}), self_repair(own_checks=True))
    assert right.stopped == "solved"


def test_codetree_goes_from_strategies_to_programs_to_repairs(task: Task, sandbox: InProcess) -> None:
    coder = Coder({"Follow this advice: Guess.": [RIGHT], "": [WORSE]}, advice=["Add.", "Guess."])
    result = run(task, sandbox, coder, codetree(critic=False))
    kinds = [node.kind for node in result.path]
    assert kinds == ["root", "advice", "step", "advice", "step"], (
        "the first branch is mended before the second is begun"
    )
    assert result.path[1].text == "Add."
    assert result.stopped == "solved"


@pytest.mark.parametrize("recipe", [codetree(critic=False, own_checks=True), self_repair(own_checks=True)])
def test_a_model_that_writes_no_check_goes_on_without(task: Task, sandbox: InProcess, recipe: Recipe) -> None:
    coder = Coder({"return None": [RIGHT], "": [WORSE]}, advice=["Add."], checks=RIGHT)
    result = run(task, sandbox, coder, recipe)
    assert (result.answer, result.stopped, result.dropped["no_checks"]) == (RIGHT, "solved", 1)
    assert [node.text for node in result.tree.nodes if node.kind == "checks"] == ["none"]


def test_codetree_gives_up_a_branch_that_gets_no_better(task: Task, sandbox: InProcess) -> None:
    coder = Coder({"return 4": [WORSE], "": [CLOSE]}, advice=["Add."])
    result = run(task, sandbox, coder, codetree(critic=False))
    assert result.stopped == "exhausted"
    assert [node.answer for node in result.tree.nodes if node.answer] == [CLOSE, WORSE]
    assert result.answer == CLOSE, "the best so far, not the last"


def test_codetree_stops_at_its_depth(task: Task, sandbox: InProcess) -> None:
    better = {"return 3": [CLOSE], "return None": ["def double(x):\n    return 3"], "": [WORSE]}
    programs = {**better, "": [BROKEN]}
    coder = Coder({"double(x:": [WORSE], **programs}, advice=["Add."])
    result = run(task, sandbox, coder, codetree(depth=2, critic=False))
    assert max(node.depth for node in result.tree.nodes) == 4
    assert (result.stopped, result.answer) == ("exhausted", WORSE)


def test_the_critic_adds_a_quarter_and_patience(task: Task, sandbox: InProcess) -> None:
    same = "def double(x):\n    return 4 + 0"
    coder = Coder({"return 4 + 0": [WORSE], "return 4": [same], "": [CLOSE]}, advice=["Add."])
    result = run(task, sandbox, coder, codetree())
    first = next(node for node in result.tree.nodes if node.answer == CLOSE)
    assert first.value == pytest.approx(0.75 * (0.1 + 0.9 * 0.55) + 0.25 * 0.5)
    assert WORSE in [node.answer for node in result.tree.nodes], "equal values at depth 2 are within a patience of 2.5"
    impatient = run(task, sandbox, coder, codetree(critic=False))
    assert WORSE not in [node.answer for node in impatient.tree.nodes]


@pytest.mark.parametrize(("order", "expected"), [("depth", ["a", "a", "b"]), ("breadth", ["a", "b", "a"])])
def test_the_frontiers_order(task: Task, sandbox: InProcess, order: str, expected: list[str]) -> None:
    coder = Coder({"": [WORSE]}, advice=["a", "b"])
    seen: list[str] = []
    programs = iter([WORSE, CLOSE, BROKEN, CLOSE])

    def script(prompt: Prompt) -> Sequence[str]:
        if "Write no solution" in prompt.system:
            return coder(prompt)
        seen.append(prompt.user.rsplit(": ", 1)[1])
        return [next(programs)]

    solve(
        task, domain=CodeFunctions(sandbox=sandbox), policy=ScriptedPolicy(script),
        recipe=codetree(critic=False, order=order), budget=Budget(expansions=5),  # type: ignore[arg-type]
    )  # fmt: skip
    assert seen[:2] == expected[:2]


def test_mcts_over_programs_asks_no_model_about_what_tests_have_valued(task: Task, sandbox: InProcess) -> None:
    coder = Coder({"return 4": [RIGHT], "return None": [BROKEN], "": [WORSE, CLOSE]})
    value = ScriptedValue(lambda _: 0.5)
    result = solve(
        task, domain=CodeFunctions(sandbox=sandbox), policy=ScriptedPolicy(coder), value=value,
        recipe=mcts(n=2, leaves=1), budget=Budget(expansions=10),
    )  # fmt: skip
    assert [node.answer for node in result.path] == [None, CLOSE, RIGHT]
    assert value.items_seen == 1, "the root alone"


def test_lines_are_searched_step_by_step(task: Task, sandbox: InProcess) -> None:
    lines = {
        "    y = x\n": ["    return y + x"],
        "def double(x):\n": ["    y = x", "    return 4"],
        "": ["def double(x):"],
    }
    result = solve(
        task, domain=CodeFunctions("line", sandbox), value=ScriptedValue(lambda _: 0.5),
        policy=ScriptedPolicy(lambda prompt: next(text for end, text in lines.items() if prompt.prefix.endswith(end))),
        recipe=mcts(n=2, leaves=1), budget=Budget(expansions=10),
    )  # fmt: skip
    assert result.answer == "def double(x):\n    y = x\n    return y + x"
    assert [node.text for node in result.path[1:]] == ["def double(x):", "    y = x", "    return y + x"]
