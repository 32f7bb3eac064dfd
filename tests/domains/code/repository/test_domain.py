"""Repository tasks: actions and their results, what an edit is worth, hidden tests, and what cannot be done."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from doubling import CANARY

from treewright.domains.code import CodeRepository, read_tasks
from treewright.domains.code.repository import Workspace
from treewright.domains.protocol import BadProposal, DomainError, Step, Task
from treewright.search import Budget, mcts, self_repair, solve
from treewright.value_models.protocols import Prompt
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

MEND = "edit calc/core.py\n<<<<<<< SEARCH\n    return a - b\n=======\n    return a + b\n>>>>>>> REPLACE"
HALF = "edit calc/core.py\n<<<<<<< SEARCH\n    return add(a, a)\n=======\n    return 2 * a\n>>>>>>> REPLACE"
HARM = "edit calc/text.py\n<<<<<<< SEARCH\n    return text.upper()\n=======\n    return text\n>>>>>>> REPLACE"
CHEAT = (
    "edit tests/test_core.py\n<<<<<<< SEARCH\n        self.assertEqual(add(1, 2), 3)\n=======\n        pass\n"
    ">>>>>>> REPLACE"
)


def do(domain: CodeRepository, state: Workspace, *texts: str) -> Step:
    step = None
    for text in texts:
        (action,) = domain.parse(state, text)
        step = domain.step(state, action)
        state = step.state
    assert step is not None
    return step


def result(step: Step) -> str:
    return str(step.state.transcript[-1][1])


@pytest.fixture
def start(repository: CodeRepository, task: Task) -> Workspace:
    return repository.reset(task.visible())


@pytest.mark.parametrize(
    ("action", "shown"),
    [
        ("list", "calc/__init__.py\ncalc/core.py"),
        ("list nowhere", "not done: there is no folder nowhere"),
        ("view calc/core.py 2", "    2     return a - b\n(6 lines in all)"),
        ("view calc/cor.py", "did you mean calc/core.py?"),
        ("search 'def .*:", "no match"),
        ("search def t", "calc/core.py:5:def twice(a):"),
        ("search (", "not done: "),
        ("test", "1 of 3 pass"),
        ("test tests.test_core.TestCore.test_add", "AssertionError: -1 != 3"),
        ("test tests.nothing", "tests.nothing error"),
        ("run python -c 'from calc.core import add; print(add(5, 3))'", "2"),
        ("```python\nfrom calc.core import add\nprint(add(5, 3))\n```", "2"),
    ],
)
def test_looks_show_what_is_there(repository: CodeRepository, start: Workspace, action: str, shown: str) -> None:
    step = do(repository, start, action)
    assert shown in result(step)
    assert (step.answer, step.checked, step.terminated, step.state.commit) == (None, None, False, start.commit)
    assert repository.observe(start).kind == ""
    assert repository.observe(step.state).kind == ("python" if action.startswith("```") else action.split()[0])


def test_python_goes_on_where_the_last_block_ended(repository: CodeRepository, start: Workspace) -> None:
    step = do(repository, start, "```python\nx = 20\nprint('once')\n```", "```python\nprint(x + 1)\n```")
    assert result(step) == "21"


def test_a_block_that_was_ended_is_not_run_again_and_one_that_exits_is_no_end(
    repository: CodeRepository, start: Workspace
) -> None:
    quick = replace(start, problem=replace(start.problem, seconds=0.5))
    ended = do(repository, quick, "```python\nx = 1\nwhile True: pass\n```")
    assert result(ended) == "(timeout)\nLater blocks do not find its names."
    later = do(repository, ended.state, "```python\ny = 2\nraise SystemExit(3)\n```", "```python\nprint(y)\nx\n```")
    assert result(later).startswith("2\n")
    assert "NameError: name 'x' is not defined" in result(later)


def test_an_edit_is_worth_what_it_fixed_less_what_it_broke(repository: CodeRepository, start: Workspace) -> None:
    half = do(repository, start, HALF)
    assert (half.checked, half.terminated) == (0.5, False)
    assert "fixed: tests.test_core.TestCore.test_twice" in result(half)
    assert "+    return 2 * a" in str(half.answer)
    assert do(repository, start, HALF, HARM).checked == 0.0
    whole = do(repository, start, HARM, MEND)
    assert (whole.checked, whole.terminated) == (0.5, False)
    mended = do(repository, start, MEND)
    assert (mended.reward, mended.terminated, mended.checked) == (1.0, True, None)


def test_a_patch_of_the_tests_fixes_nothing(repository: CodeRepository, start: Workspace) -> None:
    assert do(repository, start, CHEAT).checked == 0.0


def test_the_worth_stays_through_looks_and_finish_is_paid_by_it(repository: CodeRepository, start: Workspace) -> None:
    assert do(repository, start, HALF, "list").checked == 0.5
    end = do(repository, start, HALF, "finish")
    assert (end.reward, end.terminated) == (0.5, True)
    with pytest.raises(BadProposal, match="nothing was changed"):
        do(repository, start, "list", "finish")


def test_equal_edits_lead_to_one_key_however_they_are_written(repository: CodeRepository, start: Workspace) -> None:
    by_edit = do(repository, start, HALF)
    plain = str(by_edit.answer).replace(" a/", " ").replace(" b/", " ")
    for diff in (by_edit.answer, plain[plain.index("--- ") :]):
        by_diff = do(repository, start, f"```diff\n{diff}```")
        assert by_diff.key == by_edit.key
        assert by_diff.state.commit == by_edit.state.commit


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (MEND.replace("a - b", "a * b"), "the lines to replace stand nowhere in calc/core.py"),
        (MEND.replace("    return a - b\n", "):\n"), "stand at 2 places"),
        ("edit calc/core.py", "nothing says which lines to replace: below the edit write <<<<<<< SEARCH,"),
        ("edit calc/core.py", "The lines of calc/core.py:\ndef "),
        ("edit core.py", "no file core.py; did you mean calc/core.py?"),
        ("edit zzz", "no file zzz; there are "),
        ("edit lib/__init__.py", "did you mean calc/__init__.py or tests/__init__.py?"),
        (MEND.replace("core.py", "cores.py"), "no file calc/cores.py; did you mean calc/core.py?"),
        (MEND.replace("a - b", "a * b"), "nearest, from line 2:\n    return a - b"),
        (MEND.replace("a + b", "a + (b"), "calc/core.py would no longer parse, line 2: '(' was never closed"),
        (MEND.replace("a + b", "a - b"), "changes nothing"),
        (MEND.replace("    return a - b\n=", "="), "calc/core.py is there already"),
        ("```diff\n--- a/calc/core.py\n+++ b/calc/core.py\n@@ -1 +1 @@\n-x\n+y\n```", "the diff does not apply"),
        ("```diff\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n```", "no path inside the repository"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(
    repository: CodeRepository, start: Workspace, action: str, said: str
) -> None:
    step = do(repository, start, action)
    assert said in result(step)
    assert step.state.commit == start.commit


def test_commands_are_of_the_tasks_list(repository: CodeRepository, start: Workspace) -> None:
    with pytest.raises(BadProposal, match="'rm' may not be run; these may: python"):
        do(repository, start, "run rm -rf calc")
    gone = do(repository, start, "run python -c 'import shutil; shutil.rmtree(\"calc\")'", "list")
    assert "calc/core.py" in result(gone), "what a command writes is dropped"


def test_notes_keep_the_newest_results(repository: CodeRepository, start: Workspace) -> None:
    old = replace(start, transcript=(("view a", "a" * 9_000), ("view b", "b" * 3_000)))
    notes = repository.observe(old).notes
    assert notes.startswith("ACTION view a\nRESULT (left out)")
    assert "b" * 3_000 in notes


def test_a_path_is_cut_after_its_steps(wall: object, task: Task) -> None:
    domain = CodeRepository(wall, max_steps=2)  # type: ignore[arg-type]
    assert do(domain, domain.reset(task.visible()), "list", "list calc").truncated
    domain.close()


def test_features_measure_the_patch(repository: CodeRepository, start: Workspace) -> None:
    state = do(repository, start, HALF, HARM).state
    assert repository.features(state) == replace(repository.features(start), added=2, removed=2, files=2)


@pytest.mark.parametrize(
    ("texts", "correct", "detail"),
    [((MEND,), True, "4 of 4"), ((HALF,), False, "2 of 4"), ((CHEAT,), False, "1 of 4")],
)
def test_the_verdict_is_the_hidden_tests(
    repository: CodeRepository, task: Task, start: Workspace, texts: tuple[str, ...], correct: bool, detail: str
) -> None:
    grade = repository.grade(task, do(repository, start, *texts).answer)
    assert (grade.correct, detail in grade.detail) == (correct, True)


def test_a_patch_that_does_not_apply_is_wrong_and_said_to_be(repository: CodeRepository, task: Task) -> None:
    grade = repository.grade(task, "no patch")
    assert (grade.correct, grade.detail) == (False, "0 of 4 hidden tests passed; stage patch")
    assert repository.grade(task, None).correct is False
    assert repository.grade(task.visible(), "x").correct is None


def test_references_are_checked(repository: CodeRepository, repository_file: Callable[..., Path]) -> None:
    gone = {"id": "gone", "visible": ["tests.test_core.TestCore.test_gone"]}
    rows = ({}, {"id": "bad", "solution": "no patch"}, {"id": "none", "solution": ""}, gone)
    good, bad, none, lacking = map(repository.wrong_with, read_tasks(repository_file(*rows)).tasks)
    assert good is None
    assert "the reference patch fails test 'tests.test_core.TestCore.test_gone'" in str(lacking), "as search runs it"
    assert "the reference patch does not apply" in str(bad)
    assert "no reference solution" in str(none)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"visible": [], "hidden": []}, "the repository has no tests"),
        ({"commit": "gone"}, "at 'gone'"),
        ({"repository": "nowhere"}, "is no git repository"),
        ({"runner": "nose"}, "expected 'unittest' or 'pytest'"),
        ({"seconds": "ten"}, "seconds: 'ten'; expected a number above 0"),
        ({"hidden_patch": ["a"]}, "hidden_patch: ['a']; expected a text"),
        ({"hidden": "all"}, "expected a list of texts"),
    ],
)
def test_an_unusable_task_is_left_out_and_named(
    repository_file: Callable[..., Path], change: dict[str, object], message: str
) -> None:
    loaded = read_tasks(repository_file({}, {"id": "other", **change}))
    (reason,) = loaded.left_out
    assert len(loaded.tasks) == 1
    assert message in reason


def test_an_install_command_runs_once_and_its_failure_is_named(
    repository: CodeRepository, repository_file: Callable[..., Path]
) -> None:
    make = "echo 'VALUE = 7' > built.py"
    task, broken = read_tasks(
        repository_file({"install": ["sh", "-c", make]}, {"id": "b", "install": ["sh", "-c", "echo no >&2; exit 3"]})
    ).tasks
    step = do(repository, repository.reset(task.visible()), "run python -c 'import built; print(built.VALUE)'")
    assert result(step) == "7"
    with pytest.raises(DomainError, match="ended with 3: no"):
        do(repository, repository.reset(broken.visible()), "list")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mend it.", "task 't': 'Mend it.'; expected a JSON object with text, repository and visible"),
        ("[1]", "expected a JSON object"),
        ('{"text": "Mend it.", "repository": "nowhere", "visible": ["a"]}', "nowhere is no git repository"),
        ('{"text": "Mend it.", "repository": "."}', "the repository has no tests"),
    ],
)
def test_a_task_without_a_repository_is_refused(repository: CodeRepository, text: str, said: str) -> None:
    with pytest.raises(DomainError, match=re.escape(said)):
        repository.reset(Task("t", text))
    with pytest.raises(DomainError, match="given is a str; expected a RepositoryProblem"):
        repository.reset(Task("t", "Mend it.", given=text))


def test_a_task_may_be_its_own_record(
    repository: CodeRepository, repository_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = repository_file({"commit": "HEAD"})
    monkeypatch.chdir(file.parent)
    record = json.dumps(json.loads(file.read_text()), indent=2)
    start = repository.reset(Task("t", record))
    assert start.text == json.loads(record)["text"]
    assert do(repository, start, MEND).terminated


@pytest.mark.parametrize("recipe", [mcts(n=2, leaves=1), self_repair(length=3)])
def test_search_mends_the_repository_and_never_sees_the_hidden_tests(
    repository: CodeRepository, task: Task, tmp_path: Path, recipe: object
) -> None:
    seen: list[str] = []

    def act(prompt: Prompt) -> Sequence[str]:
        seen.append(repr(prompt))
        if "return a - b" in prompt.user:
            return [MEND]
        return ["view calc/core.py", "test"]

    result = solve(
        task, domain=repository, policy=ScriptedPolicy(act), value=ScriptedValue(lambda _: 0.5),
        recipe=recipe, budget=Budget(expansions=12), run=tmp_path / "run",  # type: ignore[arg-type]
    )  # fmt: skip
    assert result.solved
    assert "+    return a + b" in str(result.answer)
    assert CANARY not in "".join(seen)
    journal = sqlite3.connect(tmp_path / "run" / "journal.db")
    dump = "\n".join(journal.iterdump())
    journal.close()
    assert "view calc/core.py" in dump
    assert CANARY not in dump
