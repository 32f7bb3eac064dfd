"""Rows of the SWE-bench form: a clone in `repos/` beside the file, pytest as the runner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from treewright.domains.code import CodeRepository, read_tasks
from treewright.domains.code.repository.git import Store
from treewright.domains.protocol import DomainError

FILES = {
    "shapes.py": b"def area(side):\n    return side * 2\n",
    "test_shapes.py": b"from shapes import area\n\n\ndef test_two():\n    assert area(2) == 4\n",
}
MORE = FILES["test_shapes.py"] + b"\n\ndef test_three():\n    assert area(3) == 9\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    store = Store.made(tmp_path / "repos" / "someone__shapes", FILES)
    base = store.commit("main")
    row = {
        "instance_id": "someone__shapes-1",
        "repo": "someone/shapes",
        "base_commit": base,
        "problem_statement": "area(3) is 6.",
        "patch": store.diff(base, store.changed(base, {"shapes.py": b"def area(side):\n    return side**2\n"})),
        "test_patch": store.diff(base, store.changed(base, {"test_shapes.py": MORE})),
        "FAIL_TO_PASS": json.dumps(["test_shapes.py::test_three"]),
        "PASS_TO_PASS": json.dumps(["test_shapes.py::test_two"]),
        "seconds": 60,
    }
    path = tmp_path / "instances.jsonl"
    path.write_text(json.dumps(row) + "\n")
    return path


def test_a_row_becomes_a_task_whose_failing_tests_are_hidden(file: Path) -> None:
    (task,) = read_tasks(file).tasks
    assert (task.id, task.text) == ("someone__shapes-1", "area(3) is 6.")
    assert task.given.visible == ("test_shapes.py::test_two",)
    assert task.given.runner == "pytest"
    assert "test_three" not in repr(task)


def test_without_its_clone_a_row_is_left_out(file: Path) -> None:
    (file.parent / "repos").rename(file.parent / "elsewhere")
    with pytest.raises(DomainError, match="someone__shapes is no git repository; clone it there first"):
        read_tasks(file)


def test_pytest_runs_in_the_sandbox(wall: object, file: Path) -> None:
    (task,) = read_tasks(file).tasks
    domain = CodeRepository()
    try:
        assert domain.wrong_with(task) is None
        state = domain.reset(task.visible())
        (action,) = domain.parse(state, "edit shapes.py\n<<<<<<< SEARCH\nside * 2\n=======\nside + 2\n>>>>>>> REPLACE")
        step = domain.step(state, action)
        (kept,) = domain.parse(state, "finish")
        end = domain.step(step.state, kept)
        assert (step.checked, end.reward, end.terminated) == (None, None, True), "no visible test failed before"
        assert domain.grade(task, end.answer).detail == "1 of 2 hidden tests passed"
    finally:
        domain.close()
