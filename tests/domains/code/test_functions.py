"""Function tasks: what is shown, what a program is worth, duplicates, steps, own tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from in_process import InProcess

from treewright.domains.code import CodeFunctions, Problem, read_tasks
from treewright.domains.code.drafts import Draft, OwnTests
from treewright.domains.code.problem import shown
from treewright.domains.protocol import BadProposal, DomainError, Step, Task

RIGHT = "def double(x):\n    return x + x"
Write = Callable[..., Path]


@pytest.fixture
def start(domain: CodeFunctions, task_file: Write) -> Draft:
    (task,) = read_tasks(task_file({})).tasks
    return domain.reset(task.visible())


def play(domain: CodeFunctions, state: Draft, text: str) -> Step:
    step = None
    for action in domain.parse(state, text):
        step = domain.step(state, action)
        state = step.state
    assert step is not None
    return step


@pytest.mark.parametrize(
    ("code", "worth"),
    [
        ("def double(x:", 0.0),
        ("import nothing_like_this\ndef double(x):\n    return x", 0.05),
        ("def twice(x):\n    return x + x", 0.05),
        ("def double(x):\n    raise ValueError", 0.1),
        ("def double(x):\n    return None", 0.1 + 0.9 * 0.1),
        ("def double(x):\n    return 4", 0.1 + 0.9 * (1 + 0.1) / 2),
    ],
)
def test_a_program_is_worth_how_far_it_comes(domain: CodeFunctions, start: Draft, code: str, worth: float) -> None:
    step = play(domain, start, code)
    assert step.checked == pytest.approx(worth)
    assert (step.reward, step.terminated, step.answer) == (0.0, False, code)


def test_a_program_that_passes_ends_the_task(domain: CodeFunctions, start: Draft) -> None:
    step = play(domain, start, f"```python\n{RIGHT}\n```")
    assert (step.reward, step.terminated, step.answer, step.checked) == (1.0, True, RIGHT, None)


def test_the_next_prompt_shows_the_program_and_what_came_of_it(domain: CodeFunctions, start: Draft) -> None:
    assert domain.observe(start).notes == ""
    assert "assert double(2) == 4" in domain.observe(start).task
    wrong = play(domain, start, "def double(x):\n    return 4").state
    notes = domain.observe(wrong).notes
    assert "return 4" in notes
    assert "1 of 2 tests passed" in notes
    assert "assert double('a') == 'aa'" in notes
    assert domain.observe(wrong).task == domain.observe(start).task


def test_what_follows_a_function_is_not_drawn(domain: CodeFunctions, start: Draft) -> None:
    assert "\nprint(" in domain.observe(start).solution.stop
    reads = domain.reset(Task("t", "Print something."))
    assert domain.observe(reads).solution.stop == ("```",)


def test_equal_programs_have_one_key_and_none_repeats_the_last(domain: CodeFunctions, start: Draft) -> None:
    one = play(domain, start, "def double(x):\n    y = 4\n    return y")
    other = play(domain, start, "def double(x):\n    # four\n    four = 4\n    return four")
    assert one.key == other.key
    with pytest.raises(BadProposal, match="equals the one") as raised:
        play(domain, one.state, "def double(x):\n    z = 4\n    return z")
    assert raised.value.reason == "repeated"


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("```python\n```", "empty"), ("x" * 50_000, "format")])
def test_no_code_is_no_action(domain: CodeFunctions, start: Draft, text: str, reason: str) -> None:
    with pytest.raises(BadProposal) as raised:
        domain.parse(start, text)
    assert raised.value.reason == reason


def test_own_tests_count_half_and_must_pass_too(domain: CodeFunctions, start: Draft) -> None:
    (action,) = domain.parse(start, "assert double(3) == 6\nassert double(3) == 6\nassert double(0) == 1")
    assert action == OwnTests(("assert double(3) == 6", "assert double(0) == 1"))
    state = domain.step(start, action).state
    step = play(domain, state, RIGHT)
    assert not step.terminated
    assert step.checked == pytest.approx(0.1 + 0.9 * (1 + 1 + 0.5 + 0.5 * 0.1) / 3)
    assert step.key != play(domain, start, RIGHT).key


def test_without_tests_only_the_grader_could_tell(sandbox: InProcess) -> None:
    domain = CodeFunctions(sandbox=sandbox)
    state = domain.reset(Task("t", "Print something."))
    step = play(domain, state, "print(1)")
    assert (step.reward, step.terminated, step.answer) == (None, True, "print(1)")
    assert play(domain, state, "import nothing_like_this").checked == 0.05


def test_a_body_alone_gets_the_functions_head(domain: CodeFunctions) -> None:
    problem = Problem("double", stem='def double(x):\n    """Twice."""')
    (action,) = domain.parse(Draft("t", problem), "    return x + x\n")
    assert action.code == 'def double(x):\n    """Twice."""\n    return x + x'


def test_lines_and_blocks_lead_to_the_same_program(sandbox: InProcess) -> None:
    given = Problem("double", stem="def double(x):")
    lines, blocks = CodeFunctions("line", sandbox), CodeFunctions("block", sandbox)
    task = Task("t", "Twice.", given=Problem("double", (), "", "", given.stem))
    state = lines.reset(task)
    first = play(lines, state, "    y = x")
    assert (first.terminated, first.answer, first.state.steps) == (False, None, ("    y = x",))
    assert lines.observe(first.state).path == "```python\ndef double(x):\n    y = x\n"
    last = play(lines, first.state, "    return y + x")
    assert last.answer == "def double(x):\n    y = x\n    return y + x"
    assert sandbox.checks == 1, "only the finished program is run"
    assert play(lines, state, "    y = x\n    return y + x").answer == last.answer, "several lines are a whole program"
    block = play(blocks, blocks.reset(task), "    y = x\n    return y + x")
    assert block.key == last.key


def test_a_fence_ends_a_program_written_in_steps(sandbox: InProcess) -> None:
    domain = CodeFunctions("line", sandbox)
    state = domain.reset(Task("t", "Print.", given=Problem()))
    step = play(domain, play(domain, state, "print(1)").state, "```")
    assert step.answer == "print(1)"
    with pytest.raises(BadProposal, match="expected code"):
        domain.parse(state, "  \n")


def test_a_program_to_mend_is_shown_at_the_root(domain: CodeFunctions, task_file: Write) -> None:
    starter = "def double(x):\n    return x * 3"
    (task,) = read_tasks(task_file({"starter": starter})).tasks
    state = domain.reset(task.visible())
    assert starter in domain.observe(state).notes
    with pytest.raises(BadProposal, match="equals"):
        play(domain, state, starter)


def test_programs_that_read_and_print(domain: CodeFunctions, task_file: Write) -> None:
    (task,) = read_tasks(
        task_file({"entry_point": None, "visible": [{"input": "3\n", "output": "6\n"}], "hidden": []})
    ).tasks
    state = domain.reset(task.visible())
    assert "Input:\n3\nOutput:\n6" in domain.observe(state).task
    assert play(domain, state, "print(2 * int(input()))").terminated
    assert play(domain, state, "print(input())").checked == pytest.approx(0.19)


def test_a_python_file_is_a_task_by_itself(domain: CodeFunctions) -> None:
    text = 'import math\n\ndef area(r):\n    """Area.\n\n    >>> area(0)\n    0.0\n    """\n    ...\n\n'
    text += "assert area(1) > 3\n"
    problem = domain.reset(Task("task", text)).problem
    assert problem.entry_point == "area"
    assert [shown(test) for test in problem.visible] == ["assert area(0) == 0.0", "assert area(1) > 3"]
    assert problem.header == "import math"
    assert problem.starter == ""
    mended = domain.reset(Task("task", text.replace("...", "return r"))).problem
    assert mended.starter.endswith("return r")


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (Task("t", "  "), "empty text"),
        (Task("t", "def f(:\n"), "is no Python"),
        (Task("t", "x", given={"visible": []}), "expected a Problem"),
    ],
)
def test_a_task_that_is_none_is_refused(domain: CodeFunctions, task: Task, message: str) -> None:
    with pytest.raises(DomainError, match=message):
        domain.reset(task)


def test_a_wrong_granularity_is_named() -> None:
    with pytest.raises(ValueError, match="'program', 'block', 'line'"):
        CodeFunctions("word")  # type: ignore[arg-type]
