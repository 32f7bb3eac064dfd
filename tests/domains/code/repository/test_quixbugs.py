"""QuixBugs' layout as repository tasks, on a small clone made here."""

from __future__ import annotations

from pathlib import Path

import pytest

from treewright.domains.code import CodeRepository, read_tasks, write_quix_bugs
from treewright.domains.code.repository.git import Store
from treewright.domains.code.repository.testing import run_tests
from treewright.domains.code.sandbox import open_sandbox
from treewright.domains.protocol import DomainError

TEST = """import json
from pathlib import Path

import pytest
from python_programs.double import double

CASES = [json.loads(line) for line in (Path(__file__).parent / "../json_testcases/double.json").open()]


@pytest.mark.parametrize("given,expected", CASES)
def test_double(given, expected):
    assert double(*given) == expected
"""
FILES = {
    "conftest.py": b"",
    "python_programs/double.py": b"def double(x):\n    return x * 3\n",
    "correct_python_programs/double.py": b"def double(x):\n    return x * 2\n",
    "python_testcases/test_double.py": TEST.encode(),
    "json_testcases/double.json": b"[[0], 0]\n[[1], 2]\n[[4], 8]\n",
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return Store.made(tmp_path / "clone.git", FILES).directory


@pytest.mark.slow
def test_a_program_and_its_first_cases_are_shown_and_all_cases_judge(wall: object, clone: Path, tmp_path: Path) -> None:
    path = write_quix_bugs(clone, tmp_path / "tasks")
    assert write_quix_bugs(clone, tmp_path / "tasks") == path, "written again, nothing changes"
    (task,) = read_tasks(path).tasks
    domain = CodeRepository()
    try:
        assert domain.wrong_with(task) is None
        state = domain.reset(task.visible())
        (looked,) = domain.parse(state, "list")
        assert "correct" not in domain.step(state, looked).state.transcript[0][1]
        guess = "edit python_programs/double.py\n<<<<<<< SEARCH\nx * 3\n=======\nx and 2\n>>>>>>> REPLACE"
        (action,) = domain.parse(state, guess)
        step = domain.step(state, action)
        assert step.terminated, "the visible cases pass"
        assert domain.grade(task, step.answer).correct is False
    finally:
        domain.close()


def test_names_stand_for_all_that_they_hold(wall: object, clone: Path, tmp_path: Path) -> None:
    (task,) = read_tasks(write_quix_bugs(clone, tmp_path / "tasks")).tasks
    file = "python_testcases/test_double.py"
    with open_sandbox(workers=1, packages=("pytest",)) as sandbox:
        names = [file, f"{file}::test_double", f"{file}::test_double[given0-0]", f"{file}::test_none"]
        results = run_tests(sandbox, task.given, FILES, names)
    assert [results[name].status for name in names] == ["failed", "failed", "passed", "error"]


def test_what_is_no_clone_is_named(tmp_path: Path) -> None:
    other = Store.made(tmp_path / "other.git", {"a.txt": b""}).directory
    with pytest.raises(DomainError, match="is no clone of QuixBugs"):
        write_quix_bugs(other, tmp_path / "tasks")
