"""The line a search believes in, and the policy that it teaches: worked examples."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from treewright.mcts import Forest, InvalidInput, Snapshot, improved_policy, principal_variation


def shot(parent: list[int], visits: list[int], q: list[float], **columns: Any) -> Snapshot:
    """A snapshot of nodes 10, 11, ... by the rows of their parents."""
    count = len(parent)
    row = np.arange(count, dtype=np.int32)
    nan = np.full(count, np.nan, np.float32)
    made: dict[str, Any] = dict.fromkeys(Snapshot._fields, np.zeros(count, np.float32)) | {
        "node": row + 10,
        "parent": np.where(np.array(parent) < 0, -1, np.array(parent) + 10).astype(np.int32),
        "visits": np.array(visits, np.int32),
        "q": np.array(q, np.float32),
        "raw": nan,
        "target": np.full(count, -1, np.int32),
        "flags": np.zeros(count, np.uint8),
    }
    return Snapshot(**made | {name: np.array(values, made[name].dtype) for name, values in columns.items()})


def test_principal_variation_takes_visits_then_q_then_the_first() -> None:
    tree = shot([-1, 0, 0, 0, 2, 2, 5], [9, 2, 3, 3, 1, 1, 0], [0, 0.9, 0.5, 0.4, 0.25, 0.25, 1])
    assert principal_variation(tree).tolist() == [10, 12, 14]
    assert principal_variation(tree).dtype == np.int32
    assert principal_variation(shot([-1], [3], [0.5])).tolist() == [10]


def test_principal_variation_goes_on_where_a_link_leads() -> None:
    # 11 and 12 below the root, 13 below 11; 14 below 12 is a link to 11.
    tree = shot([-1, 0, 0, 1, 2], [9, 3, 5, 2, 4], [0] * 5, target=[-1, -1, -1, -1, 11])
    assert principal_variation(tree).tolist() == [10, 12, 14, 13]


def test_links_in_a_circle_are_refused() -> None:
    tree = shot([-1, 0, 1], [3, 2, 1], [0] * 3, target=[-1, -1, 11])
    with pytest.raises(InvalidInput, match="in a circle through node 12"):
        principal_variation(tree)


def test_principal_variation_of_a_search(kind: Any) -> None:
    forest = kind()
    tree = int(forest.new_trees(1)[0])
    for number in range(30):
        leaf = forest.select_batch([tree])
        forest.expand_batch(leaf.ticket, [3], [0.5, 0.3, 0.2])
        forest.backup_batch(leaf.ticket, [number % 5 / 4])
    line = principal_variation(forest.snapshot(tree)).tolist()
    assert line[0] == forest.root(tree)
    for node, child in pairwise(line):
        assert child in forest.children(node)


def test_improved_policy_by_hand() -> None:
    # pi = 0.6, 0.4; only the first was visited, 3 times, Q = 0.5; v = 0.2.
    # v_mix = (0.2 + 3 / 0.6 * 0.6 * 0.5) / (1 + 3) = 0.425. c_visit 1, max N = 3: sigma = 4 * (0.5, 0.425) = 2, 1.7.
    # pi' is proportional to 0.6 e^2 = 4.43343, 0.4 e^1.7 = 2.18958: 0.669398, 0.330602.
    tree = shot([-1, 0, 0], [4, 3, 0], [0.4, 0.5, 0.9], prior=[1, 0.6, 0.4], raw=[0.2, 0.5, math.nan])
    found = improved_policy(tree, c_visit=1.0)
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([0.669398, 0.330602], abs=1e-6)
    # Without a value of its own the root's Q: v_mix = (0.4 + 3 * 0.5) / 4 = 0.475; e^-0.1 = 0.904837.
    without = improved_policy(tree._replace(raw=np.full(3, np.nan, np.float32)), c_visit=1.0)
    assert without.tolist() == pytest.approx([0.6 / (0.6 + 0.4 * 0.904837), 0.376257], abs=1e-6)


def test_a_value_range_scales() -> None:
    tree = shot([-1, 0, 0], [4, 3, 0], [0.4, 0.5, 0.9], prior=[1, 0.6, 0.4], raw=[0.2, 0.5, math.nan])
    wide = tree._replace(q=tree.q * 4 - 2, raw=tree.raw * 4 - 2)
    scaled = improved_policy(wide, c_visit=1.0, value_range=(-2.0, 2.0))
    np.testing.assert_allclose(scaled, improved_policy(tree, c_visit=1.0), atol=1e-6)
    with pytest.raises(InvalidInput, match=r"expected \(low, high\) with low < high"):
        improved_policy(tree, value_range=(1.0, 1.0))


def test_without_visits_the_policy_is_the_prior_and_a_leaf_has_none() -> None:
    forest = Forest()
    tree = int(forest.new_trees(1)[0])
    assert improved_policy(forest.snapshot(tree)).tolist() == []
    leaf = forest.select_batch([tree])
    forest.expand_batch(leaf.ticket, [3], [0.5, 0.25, 0.25])
    assert improved_policy(forest.snapshot(tree)).tolist() == pytest.approx([0.5, 0.25, 0.25])
