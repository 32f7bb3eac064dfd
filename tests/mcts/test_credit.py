"""Credit kernels: worked examples, the same said again with a graph, and what is refused."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treewright.mcts import Forest, InvalidInput, ReferenceForest, credit
from treewright.mcts.credit import kernels

REPOSITORY = Path(__file__).parents[2]
NAN = math.nan
#        0
#     1     2        6
#    3 4    5
PARENT = [-1, 0, 0, 1, 1, 2, -1]


def test_step_values_by_hand() -> None:
    # Completions: row 3 correct, row 4 wrong, row 5 correct. Below 1: 1 of 2. Below 0: 2 of 3.
    reward = [NAN, NAN, NAN, 1, 0, 1, NAN]
    np.testing.assert_allclose(credit.step_values(PARENT, reward), [2 / 3, 0.5, 1, 1, 0, 1, NAN])
    np.testing.assert_array_equal(credit.step_values(PARENT, reward, hard=True), [1, 1, 1, 1, 0, 1, NAN])
    # Row 4 three times, row 5 never: below 1 it is 1 of 4, below 2 nothing.
    multiplicity = [1, 1, 1, 1, 3, 0, 1]
    np.testing.assert_array_equal(credit.step_values(PARENT, reward, multiplicity), [0.25, 0.25, NAN, 1, 0, NAN, NAN])
    np.testing.assert_array_equal(
        credit.step_values(PARENT, reward, multiplicity, hard=True), [1, 1, NAN, 1, 0, NAN, NAN]
    )


def test_sibling_advantage_by_hand() -> None:
    # 1, 2: mean 3, deviations -2, 2, standard deviation 2. 3, 4: only one has a value. 5 is alone.
    value = [9, 1, 5, 7, NAN, 4, 9]
    np.testing.assert_array_equal(credit.sibling_advantage(PARENT, value), [NAN, -2, 2, 0, NAN, 0, NAN])
    np.testing.assert_array_equal(credit.sibling_advantage(PARENT, value, scale=True), [NAN, -1, 1, 0, NAN, 0, NAN])


def test_equal_siblings_have_no_advantage_whatever_their_sum_rounds_to() -> None:
    # 0.1 + 0.1 + 0.1 = 0.30000000000000004: a mean by that sum would leave deviations, and scaled ones of 1.
    scaled = credit.sibling_advantage([-1, 0, 0, 0], [0.0, 0.1, 0.1, 0.1], scale=True)
    np.testing.assert_array_equal(scaled, [NAN, 0, 0, 0])


def test_subtree_best_by_hand() -> None:
    best = credit.subtree_best(PARENT, [1, 3, 2, 0, 3, 7, NAN])
    np.testing.assert_array_equal(best.value, [7, 3, 7, 0, 3, 7, NAN])
    assert best.row.tolist() == [5, 1, 5, 3, 4, 5, -1]  # of the equal rows 1 and 4 the first


def test_path_mean_by_hand() -> None:
    value = [8, 2, NAN, 4, 0, 6, 1]
    np.testing.assert_array_equal(credit.path_mean(PARENT, value), [NAN, 2, NAN, 3, 1, 6, NAN])
    np.testing.assert_allclose(credit.path_mean(PARENT, value, include_root=True), [8, 5, 8, 14 / 3, 10 / 3, 7, 1])


def test_visit_targets_by_hand() -> None:
    # Below 0: 3 and 1 visits; 9 : 1 at temperature 1/2. Mean Q below 0: (3 * 0.5 + 1 * 0.9) / 4 = 0.6.
    visits, q = [5, 3, 1, 2, 0, 0, 4], [0.0, 0.5, 0.9, 1.0, 7.0, 7.0, 0.0]
    targets = credit.visit_targets(PARENT, visits, q)
    np.testing.assert_allclose(targets.policy, [NAN, 0.75, 0.25, 1, 0, NAN, NAN])
    np.testing.assert_allclose(targets.value, [0.6, 1.0, NAN, NAN, NAN, NAN, NAN])
    sharper = credit.visit_targets(PARENT, visits, q, temperature=0.5).policy
    np.testing.assert_allclose(sharper[1:3], [0.9, 0.1])
    sharpest = credit.visit_targets([-1, 0, 0], [0, 1000, 999], [0, 0, 0], temperature=1e-4).policy
    np.testing.assert_allclose(sharpest[1:], [0.99995, 4.5e-5], atol=1e-5)


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[int], list[float]]:
    """Parents of up to 40 rows, breadth first or not, and a value or NaN each."""
    count = draw(st.integers(1, 40))
    parent = [draw(st.integers(-1, row - 1)) for row in range(count)]
    value = st.sampled_from([NAN, 0.0, 0.25, 0.5, 1.0, -1.0]) | st.floats(-3, 3, width=32)
    return parent, draw(st.lists(value, min_size=count, max_size=count))


def graph_of(parent: list[int], value: list[float]) -> nx.DiGraph:
    graph = nx.DiGraph()
    for row, above in enumerate(parent):
        graph.add_node(row, value=value[row])
        if above >= 0:
            graph.add_edge(above, row)
    return graph


def numbers(graph: nx.DiGraph, rows: Any) -> list[float]:
    return [graph.nodes[row]["value"] for row in rows if not math.isnan(graph.nodes[row]["value"])]


def mean(given: list[float]) -> float:
    return math.fsum(given) / len(given) if given else NAN


def siblings(graph: nx.DiGraph, row: int) -> list[int]:
    return [child for above in graph.predecessors(row) for child in graph.successors(above)]


@settings(max_examples=150, deadline=None)
@given(forests())
def test_each_kernel_says_what_a_graph_says(forest: tuple[list[int], list[float]]) -> None:
    parent, value = forest
    graph = graph_of(parent, value)
    rows = range(len(parent))

    def compare(found: Any, expected: Callable[[int], float]) -> None:
        np.testing.assert_allclose(found, [expected(row) for row in rows], rtol=1e-9, atol=1e-12)

    below = [sorted({row} | nx.descendants(graph, row)) for row in rows]
    path = [sorted({row} | nx.ancestors(graph, row)) for row in rows]
    compare(credit.step_values(parent, value), lambda row: mean(numbers(graph, below[row])))
    compare(credit.step_values(parent, value, hard=True), lambda row: max(numbers(graph, below[row]), default=NAN))
    best = credit.subtree_best(parent, value)
    compare(best.value, lambda row: max(numbers(graph, below[row]), default=NAN))
    compare(best.row, lambda row: next((at for at in below[row] if value[at] == best.value[row]), -1))
    compare(credit.path_mean(parent, value), lambda row: mean(numbers(graph, path[row][1:])))
    compare(credit.path_mean(parent, value, include_root=True), lambda row: mean(numbers(graph, path[row])))

    def advantage(row: int) -> float:
        return value[row] - mean(numbers(graph, siblings(graph, row)))

    def scaled(row: int) -> float:
        group = numbers(graph, siblings(graph, row))
        if len(set(group)) < 2:
            return 0.0 * advantage(row)
        return advantage(row) / math.sqrt(mean([(each - mean(group)) ** 2 for each in group]))

    compare(credit.sibling_advantage(parent, value), advantage)
    np.testing.assert_allclose(
        credit.sibling_advantage(parent, value, scale=True), [scaled(row) for row in rows], rtol=1e-6, atol=1e-6
    )


@settings(max_examples=100, deadline=None)
@given(forests(), st.sampled_from([0.25, 0.5, 1.0, 3.0]), st.data())
def test_weights_say_what_a_graph_says(
    forest: tuple[list[int], list[float]], temperature: float, data: st.DataObject
) -> None:
    parent, value = forest
    counts = data.draw(st.lists(st.integers(0, 5), min_size=len(parent), max_size=len(parent)))
    graph = graph_of(parent, value)
    targets = credit.visit_targets(parent, counts, np.nan_to_num(value), temperature=temperature)
    labels = credit.step_values(parent, value, counts)
    for row in range(len(parent)):
        group = siblings(graph, row)
        total = sum(counts[each] ** (1 / temperature) for each in group)
        expected = counts[row] ** (1 / temperature) / total if total else NAN
        assert targets.policy[row] == pytest.approx(expected, nan_ok=True)
        pairs = [(counts[child], np.nan_to_num(value[child])) for child in graph.successors(row)]
        visited = sum(count for count, _ in pairs)
        expected = sum(count * number for count, number in pairs) / visited if visited else NAN
        assert targets.value[row] == pytest.approx(expected, nan_ok=True)
        ends = [at for at in {row} | nx.descendants(graph, row) if counts[at] and not math.isnan(value[at])]
        samples = [value[at] for at in ends for _ in range(counts[at])]
        assert labels[row] == pytest.approx(mean(samples), nan_ok=True, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: credit.subtree_best([-1, 1], [0, 0]), r"parent\[1\] is 1: expected an earlier row, or -1 at a root"),
        (lambda: credit.path_mean([-1, 0, -2], [0] * 3), r"parent\[2\] is -2"),
        (lambda: credit.sibling_advantage([-1, 0], [0]), "value has length 1: expected 2"),
        (lambda: credit.step_values([-1], ["x"]), "reward has dtype <U1: expected numbers"),
        (lambda: credit.step_values([-1], [0], [-1]), r"multiplicity\[0\] is -1: expected a number of at least 0"),
        (lambda: credit.step_values([-1], [0], [NAN]), r"multiplicity\[0\] is nan"),
        (lambda: credit.visit_targets([-1, 0], [0, -3], [0, 0]), r"visits\[1\] is -3"),
        (lambda: credit.visit_targets([-1], [0.5], [0]), "visits has dtype float64: expected integers"),
        (lambda: credit.visit_targets([-1], [1], [0], temperature=0), "temperature is 0: expected a number above 0"),
        (lambda: credit.rows([]), "snapshots is empty"),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()


def test_rows_join_the_trees_of_several_forests() -> None:
    shots = []
    for kind, trees, rounds in ((Forest, 2, 5), (ReferenceForest, 1, 9)):
        forest: Any = kind()
        ids = forest.new_trees(trees)
        for _ in range(rounds):
            leaves = forest.select_batch(ids)
            forest.expand_batch(leaves.ticket, [2] * trees, [0.5] * 2 * trees)
            forest.backup_batch(leaves.ticket, leaves.node % 3 / 2)
        shots += [forest.snapshot(tree) for tree in ids]
    joined = credit.rows(shots)
    assert joined.start.tolist() == [0, 11, 22, 41]
    for shot, start, end in zip(shots, joined.start, joined.start[1:], strict=False):
        for column, part in zip(joined.columns, shot, strict=True):
            assert column[start:end].tobytes() == part.tobytes()
        parent = joined.parent[start:end]
        assert parent[0] == -1
        assert joined.columns.node[parent[1:]].tolist() == shot.parent[1:].tolist()
        assert ((parent[1:] >= start) & (parent[1:] < end)).all()
    best = credit.subtree_best(joined.parent, joined.columns.raw)
    assert best.value[0] == np.nanmax(shots[0].raw)


def test_rows_refuse_children_before_their_parents() -> None:
    forest = Forest()
    (tree,) = forest.new_trees(1)
    leaves = forest.select_batch([tree])
    forest.expand_batch(leaves.ticket, [2], [0.5, 0.5])
    shot = forest.snapshot(tree)
    turned = type(shot)._make(column[::-1] for column in shot)
    with pytest.raises(InvalidInput, match=r"snapshots\[1\] row 0 has parent \d+: expected the node of an earlier row"):
        credit.rows([shot, turned])


def test_kernels_run_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(function: Any = None, *, cache: bool = False) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return function

    monkeypatch.setattr(numba, "njit", njit)
    total = np.array([1.0, 2.0])
    kernels.compiled(kernels.add_upward.__wrapped__)(np.array([-1, 0], np.int32), total)
    assert total.tolist() == [3.0, 2.0]


def test_numba_is_imported_when_a_kernel_runs_and_not_before() -> None:
    program = """
import sys
from treewright.mcts import credit
assert "numba" not in sys.modules
credit.path_mean([-1, 0], [0.0, 1.0])
assert "numba" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": str(REPOSITORY / ".pkg")})
