"""The signature of bench/forest.py: a change of it means that searches have changed, which must be meant."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SIGNATURE = "e0289306"

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """bench/signature.py; the scripts of bench/ find each other by their folder."""
    monkeypatch.syspath_prepend(str(BENCH))
    for name in ("signature", "table_evaluator"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("signature")


def test_the_recorded_signature(kind: Any, bench: ModuleType) -> None:
    assert bench.signature(kind) == SIGNATURE


def test_two_threads_search_alike(bench: ModuleType) -> None:
    assert bench.signature(threads=2) == SIGNATURE


@pytest.mark.parametrize("path", ["scalar", "avx2", "avx512"])
def test_every_vector_path_searches_alike(path: str) -> None:
    # The path is chosen once a process. Where the machine lacks it, the widest that it has is used instead.
    environment = os.environ | {"TREEWRIGHT_SIMD": path, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(BENCH / "forest.py"), "--signature"]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == SIGNATURE


def test_the_workload_covers_what_it_says(bench: ModuleType) -> None:
    trees = [tree for case in bench.CASES for tree in bench.grown(bench.Forest(discount=0.95, **case))]
    children = {count for tree in trees for count in children_of(bench.parents(tree).tolist())}
    assert max(children) > 32
    assert {1, 2, 3, 4, 5, 6, 7, 8} < children
    assert any((tree.flags & 1).any() for tree in trees)
    assert any((tree.reward > 0).any() for tree in trees)
    assert max(int(tree.depth.max()) for tree in trees) > 4


def children_of(parents: list[int]) -> set[int]:
    """How many children the nodes have that have any."""
    return {parents.count(row) for row in set(parents) - {-1}}
