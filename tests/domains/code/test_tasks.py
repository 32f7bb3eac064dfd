"""Task files: every form, hidden tests left behind, and what is said of lines that cannot be used."""

from __future__ import annotations

import base64
import gzip
import json
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doubling import CANARY

from treewright.domains.code import human_eval_file, read_tasks
from treewright.domains.code.records import record_at
from treewright.domains.code.tasks import read_hidden
from treewright.domains.protocol import DomainError

Write = Callable[..., Path]
DATA = Path(__file__).parents[4] / "shared" / "data"


def write_rows(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_hidden_tests_stay_in_the_file(task_file: Write) -> None:
    (task,) = read_tasks(task_file({})).tasks
    assert CANARY not in repr(task)
    assert CANARY not in repr(task.visible())
    found = record_at(task.hidden)
    assert CANARY in read_hidden(found, "here")[0].code  # type: ignore[union-attr]


def test_a_file_that_has_changed_is_noticed(task_file: Write) -> None:
    path = task_file({})
    (task,) = read_tasks(path).tasks
    path.write_text(path.read_text().replace("double(5)", "double(6)"))
    with pytest.raises(DomainError, match="has changed"):
        record_at(task.hidden)
    path.unlink()
    with pytest.raises(DomainError, match="cannot be read any more"):
        record_at(task.hidden)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden": ["assert double(1 == 2"]}, "line 2, test hidden 1 does not parse"),
        ({"visible": ["assert (double"]}, "line 2, test visible 1 does not parse"),
        ({"visible": "assert True"}, "expected a list of tests"),
        ({"visible": [{"input": "1"}]}, "expected Python statements, or an object"),
        ({"entry_point": "no name"}, "line 2, entry_point: 'no name'"),
        ({"seconds": 0}, "line 2, seconds: 0"),
        ({"text": ""}, "line 2, text: ''"),
        ({"starter": 3}, "line 2, starter: 3"),
        ({"id": "double"}, "'double' stands in an earlier line too"),
    ],
)
def test_a_line_that_cannot_be_used_is_left_out_and_named(
    task_file: Write, change: dict[str, Any], message: str
) -> None:
    loaded = read_tasks(task_file({}, {"id": "other", **change}))
    assert [task.id for task in loaded.tasks] == ["double"]
    (reason,) = loaded.left_out
    assert message in reason


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no usable task"),
        ("{]\n", "is no JSON"),
        ("[1]\n", "expected an object"),
        ('{"a": 1}\n', "fields a;"),
    ],
)
def test_a_file_without_tasks_is_an_error(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text(content)
    with pytest.raises(DomainError, match=message):
        read_tasks(path)
    with pytest.raises(DomainError, match="cannot be read"):
        read_tasks(tmp_path / "nowhere.jsonl")


def test_human_eval_from_its_package() -> None:
    try:
        path = human_eval_file()
    except DomainError as error:
        pytest.skip(str(error))
    loaded = read_tasks(path)
    assert (len(loaded.tasks), loaded.left_out) == (164, ())
    first = loaded.tasks[0]
    assert first.id == "HumanEval/0"
    assert first.given.entry_point == "has_close_elements"
    assert first.given.header == "from typing import List"
    assert len(first.given.visible) == 2
    assert "check(has_close_elements)" in read_hidden(record_at(first.hidden), "here")[0].code  # type: ignore[union-attr]


def test_mbpp() -> None:
    path = DATA / "mbpp.jsonl"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the checkout")
    loaded = read_tasks(path)
    assert (len(loaded.tasks), loaded.left_out) == (874, ())
    task = loaded.tasks[0]
    assert (task.id, task.given.entry_point, len(task.given.visible)) == ("mbpp-1", "min_cost", 1)
    assert len(read_hidden(record_at(task.hidden), "here")) == 3


def test_eval_plus_files_take_the_right_results_from_the_reference(tmp_path: Path) -> None:
    row = {
        "task_id": "HumanEval/900", "prompt": "def half(x):\n    'Half.\\n>>> half(4)\\n2.0\\n'\n",
        "entry_point": "half", "canonical_solution": "    return x / 2\n", "base_input": [[4]],
        "plus_input": [[1], [3]], "atol": 0,
    }  # fmt: skip
    (task,) = read_tasks(write_rows(tmp_path / "plus.jsonl", row)).tasks
    (hidden,) = read_hidden(record_at(task.hidden), "here")
    assert task.given.visible[0].code == "assert half(4) == 2.0"
    space: dict[str, Any] = {"half": lambda x: x / 2 + 1e-9}
    exec(hidden.code, space)  # type: ignore[union-attr]
    with pytest.raises(AssertionError, match="wrong for one of the inputs"):
        exec(hidden.code, {"half": lambda x: x / 2 if x != 3 else 0})  # type: ignore[union-attr]


def test_mbpp_plus_rows_have_a_test_program(tmp_path: Path) -> None:
    row = {
        "task_id": 2, "code": "def f(a):\n    return a", "prompt": "Give a.", "test_imports": ["import math"],
        "test_list": ["assert f(1) == 1"], "test": "assert f(2) == 2",
    }  # fmt: skip
    (task,) = read_tasks(write_rows(tmp_path / "plus.jsonl", row)).tasks
    assert (task.given.setup, task.text) == ("import math", "Give a.")
    assert len(read_hidden(record_at(task.hidden), "here")) == 2


@pytest.mark.parametrize("packed", [True, False])
def test_live_code_bench(tmp_path: Path, packed: bool) -> None:
    private = json.dumps([{"input": "5\n", "output": "10\n", "testtype": "stdin"}])
    if packed:
        private = base64.b64encode(zlib.compress(pickle.dumps(private))).decode()
    row = {
        "question_id": "a", "question_content": "Double.", "starter_code": "", "metadata": "{}",
        "public_test_cases": json.dumps([{"input": "1\n", "output": "2\n", "testtype": "stdin"}]),
        "private_test_cases": private,
    }  # fmt: skip
    (task,) = read_tasks(write_rows(tmp_path / "lcb.jsonl", row)).tasks
    assert task.given.entry_point is None
    assert [test.stdin for test in read_hidden(record_at(task.hidden), "here")] == ["1\n", "5\n"]  # type: ignore[union-attr]


def test_live_code_bench_functions(tmp_path: Path) -> None:
    row = {
        "question_id": "b", "question_content": "Add.", "starter_code": "class Solution:\n    def add(self, a, b):",
        "metadata": '{"func_name": "add"}',
        "public_test_cases": json.dumps([{"input": "[1]\n2", "output": "3", "testtype": "functional"}]),
    }  # fmt: skip
    (task,) = read_tasks(write_rows(tmp_path / "lcb.jsonl", row)).tasks
    assert task.given.entry_point == "Solution"
    assert task.given.visible[0].code == "assert Solution().add([1], 2) == 3"


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("run",))


def test_a_pickle_that_would_run_something_is_left_out(tmp_path: Path) -> None:
    private = base64.b64encode(zlib.compress(pickle.dumps(Evil()))).decode()
    row = {"question_id": "a", "question_content": "x", "public_test_cases": "[]", "private_test_cases": private}
    with pytest.raises(DomainError, match="expected a text alone"):
        read_tasks(write_rows(tmp_path / "lcb.jsonl", row))


def test_code_contests_and_quix_bugs(tmp_path: Path) -> None:
    contest = {
        "name": "1_A", "description": "Double.", "time_limit": {"seconds": 1, "nanos": 500_000_000},
        "public_tests": {"input": ["1\n"], "output": ["2\n"]}, "private_tests": {"input": ["2\n"], "output": ["4\n"]},
        "generated_tests": {"input": [], "output": []},
    }  # fmt: skip
    bug = {
        "name": "gcd", "buggy_program": "def gcd(a, b):\n    return a", "docstring": "Greatest common divisor.",
        "solution": "def gcd(a, b):\n    return a if b == 0 else gcd(b, a % b)\n",
        "tests": "assert gcd(2, 1) == 1\nassert gcd(35, 21) == 7\n",
    }  # fmt: skip
    first, second = read_tasks(write_rows(tmp_path / "both.jsonl", contest, bug)).tasks
    assert (first.id, first.given.seconds, len(read_hidden(record_at(first.hidden), "here"))) == ("1_A", 15.0, 2)
    assert (second.given.entry_point, len(second.given.visible)) == ("gcd", 1)
    assert second.given.starter.startswith("def gcd")


def test_gzipped_files_are_read_alike(task_file: Write, tmp_path: Path) -> None:
    plain = task_file({}, {"id": "second"})
    packed = tmp_path / "tasks.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    task = read_tasks(packed).tasks[1]
    assert record_at(task.hidden)["id"] == "second"
