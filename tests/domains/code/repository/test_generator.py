"""Generated repair tasks: what mutations do, and that every task is broken, mendable and repeatable."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from treewright.domains.code import CodeRepository, read_tasks, write_repairs
from treewright.domains.code.repository.mutations import mutants
from treewright.domains.code.repository.samples import SAMPLES
from treewright.domains.code.sandbox import Sandbox
from treewright.domains.protocol import DomainError


@pytest.mark.parametrize(
    ("source", "kind", "mutant"),
    [
        ("x = a < b", "comparison", "x = a <= b"),
        ("x = a + b", "operator", "x = a - b"),
        ("x += 1", "operator", "x -= 1"),
        ("x = a and b", "connective", "x = a or b"),
        ("if a:\n    pass", "condition", "if not a:\n    pass"),
        ("x = 3", "constant", "x = 4"),
        ("x = a[1:b]", "slice", "x = a[:b]"),
        ("x = f(a, b)", "arguments", "x = f(b, a)"),
        ("def f():\n    a()\n    b()\n    return 1", "statement", "def f():\n    a()\n    return 1"),
    ],
)
def test_a_mutant_differs_in_one_place(source: str, kind: str, mutant: str) -> None:
    assert f"{mutant}\n" in [found.source for found in mutants(source) if found.kind == kind]


def test_texts_are_left_alone_and_every_mutant_parses() -> None:
    assert list(mutants("'text'\nx = 'y'\nz = True")) == []
    source = SAMPLES["agenda"]["agenda/spans.py"]
    found = list(mutants(source))
    assert len({mutant.source for mutant in found}) > 15
    for mutant in found:
        assert ast.dump(ast.parse(mutant.source)) != ast.dump(ast.parse(source))


@pytest.mark.parametrize("count", [pytest.param(4, marks=pytest.mark.slow), pytest.param(20, marks=pytest.mark.deep)])
def test_tasks_are_broken_mendable_and_repeatable(wall: Sandbox, tmp_path: Path, count: int) -> None:
    path = write_repairs(tmp_path / "one", count, 0, wall)
    again = write_repairs(tmp_path / "two", 2, 0, wall)
    assert path.read_text().splitlines()[:2] == again.read_text().splitlines()
    loaded = read_tasks(path)
    assert (len(loaded.tasks), loaded.left_out) == (count, ())
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({record["solution"] for record in records}) == count
    assert {record["bug"]["path"].split("/")[0] for record in records} == set(SAMPLES)
    domain = CodeRepository(wall)
    assert [domain.wrong_with(task) for task in loaded.tasks] == [None] * count
    domain.close()


def test_more_tasks_than_bugs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="repair tasks asked for"):
        write_repairs(tmp_path / "many", 10_000, 0, _Stopped())


class _Stopped:
    """A sandbox in which no test ever gives a verdict, so that no bug is noticed."""

    strength = "none"

    def run(self, *_: object) -> object:
        from treewright.domains.code.sandbox import Outcome

        return Outcome("timeout", None, "", "", False, 0.0)
