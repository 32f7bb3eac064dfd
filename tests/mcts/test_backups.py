"""Power-mean backup: by hand, and between mean and max."""

from __future__ import annotations

import math
from typing import Any

import pytest
from forests import below, grown, visit

from treewright.mcts import PowerMean


def test_the_power_mean_by_hand() -> None:
    # (0.6^2 + 0.8^2) / 2 = 0.5. Weights 3 and 1: (3 * 0.36 + 0.64) / 4 = 0.43.
    assert PowerMean(2.0).of(0.0, [0.6, 0.8], [1, 1]) == pytest.approx(math.sqrt(0.5))
    assert PowerMean(2.0).of(0.0, [0.6, 0.8], [3, 1]) == pytest.approx(math.sqrt(0.43))
    # Above low = -1: 1.6, 1.8: sqrt((2.56 + 3.24) / 2) = 1.7029386; what lies below low counts as low.
    assert PowerMean(2.0).of(-1.0, [0.6, 0.8], [1, 1]) == pytest.approx(0.7029386)
    assert PowerMean(2.0).of(0.0, [-3.0, 0.8], [1, 1]) == pytest.approx(0.8 * math.sqrt(0.5))
    assert PowerMean(7.0).of(-1.0, [-1.0, -2.0], [1, 1]) == -1.0


def test_a_high_power_neither_vanishes_nor_overflows() -> None:
    # 0.8 * (1/2)^(1/1000); 0.4^1000 and 3^1000 are beyond a double.
    assert PowerMean(1000.0).of(0.0, [0.4, 0.8], [1, 1]) == pytest.approx(0.8 * 0.5**0.001)
    assert PowerMean(1000.0).of(0.0, [0.4, 0.3], [1, 0]) == pytest.approx(0.4)
    assert PowerMean(1000.0).of(0.0, [3.0, 3.0], [1, 1]) == pytest.approx(3.0)


def test_power_mean_backup_by_hand(kind: Any) -> None:
    forest = kind(backup=PowerMean(2.0), discount=0.5)
    tree = int(forest.new_trees(1)[0])
    root = forest.select_batch([tree])
    a, b = forest.expand_batch(root.ticket, [2], [0.5, 0.5], [0.25, 0.0])
    forest.backup_batch(root.ticket, [0.6])
    assert forest.root_stats(tree).root_q == pytest.approx(0.3)  # 0 + 0.5 * 0.6
    visit(forest, a, 0.7)
    # a: 0.25 + 0.5 * 0.7 = 0.6. Root: its own 0.6 once and a's 0.6 once: 0.6, discounted 0.3.
    visit(forest, b, 1.0)
    # b: 0.5. Root: sqrt((0.36 + 0.36 + 0.25) / 3) = 0.5686241, discounted 0.2843120.
    stats = forest.root_stats(tree)
    assert stats.q.tolist() == pytest.approx([0.6, 0.5])
    assert stats.root_q == pytest.approx(0.2843120, abs=1e-6)
    shot = forest.snapshot(tree)
    assert shot.mean[0] == pytest.approx((0.3 + 0.5 * 0.6 + 0.5 * 0.5) / 3)  # mean and max are kept beside it
    visit(forest, a, 0.1)
    # a is a leaf: two evaluations at the value given last, 0.1: 0.25 + 0.05 = 0.3. Root: sqrt((0.36 + 2 * 0.09 + 0.25)
    # / 4).
    stats = forest.root_stats(tree)
    assert stats.q.tolist() == pytest.approx([0.3, 0.5])
    assert stats.root_q == pytest.approx(0.5 * math.sqrt(0.79 / 4))


def test_power_1_is_the_mean_and_a_high_power_nearly_the_best(kind: Any) -> None:
    found = {}
    for backup in ("mean", "max", PowerMean(1.0), PowerMean(8.0), PowerMean(1000.0)):
        forest, tree, (a, b) = grown(kind, [0.5, 0.5], backup=backup)
        visit(forest, a, 0.25)
        (deep,) = below(forest, b, 1, 0.5)
        visit(forest, deep, 1.0)
        found[backup] = forest.root_stats(tree).root_q
    assert found[PowerMean(1.0)] == pytest.approx(found["mean"], abs=1e-6)
    assert found["mean"] < found[PowerMean(8.0)] < found[PowerMean(1000.0)] < found["max"] == 1.0


def test_returns_below_the_range_count_as_its_lowest_value(kind: Any) -> None:
    forest = kind(backup=PowerMean(3.0))
    tree = int(forest.new_trees(1)[0])
    root = forest.select_batch([tree])
    (costly,) = forest.expand_batch(root.ticket, [1], [1.0], [-2.0])
    forest.backup_batch(root.ticket, [0.5])
    visit(forest, costly, 0.5)
    # Own 0.5 once, -1.5 once: 0.5 * (1/2)^(1/3).
    assert forest.root_stats(tree).q.tolist() == [-1.5]
    assert forest.root_stats(tree).root_q == pytest.approx(0.3968503)
