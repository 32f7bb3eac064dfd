"""Normalised values: rules are shown Q as its place in the range of all Q of the tree."""

from __future__ import annotations

from typing import Any

import pytest
from forests import grown, visit

from treewright.mcts import PUCT, UCBV


def second_choice(kind: Any, **options: Any) -> int:
    """The child that is chosen once both have been visited: 0 has the prior, 1 a slightly higher Q."""
    forest, tree, children = grown(kind, [0.8, 0.2], rule=PUCT(1.0), **options)
    for child, value in zip(children, (0.5, 0.52), strict=True):
        visit(forest, child, value)
    return children.tolist().index(forest.select_batch([tree]).node[0])


def test_a_small_difference_fills_the_range(kind: Any) -> None:
    # sqrt 3 = 1.732: a 0.5 + 1.732 * 0.8 / 2 = 1.193, b 0.52 + 1.732 * 0.2 / 2 = 0.693.
    assert second_choice(kind) == 0
    # Range of Q so far [0.5, 0.52]: a 0 + 0.693, b 1 + 0.173.
    assert second_choice(kind, normalise=True) == 1


def test_the_range_never_shrinks(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.8, 0.2], rule=PUCT(1.0), normalise=True)
    visit(forest, a, 0.0)  # the range reaches down to 0 ...
    for _ in range(3):
        visit(forest, a, 2 / 3)
    visit(forest, b, 0.52)
    # ... though a is at 0.5 again: range [0, 0.52], N = 6, sqrt 6 = 2.449: a 0.9615 + 2.449 * 0.8 / 5 = 1.3534,
    # b 1 + 2.449 * 0.2 / 2 = 1.2449. With the range [0.5, 0.52] a would show 0: 0.3919.
    assert forest.root_stats(tree).q.tolist() == pytest.approx([0.5, 0.52])
    assert forest.select_batch([tree]).node.tolist() == [a]


def test_an_empty_range_shows_one_half(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], rule=PUCT(1.0, first_play=0.6), normalise=True, value_range=(0, 9))
    visit(forest, a, 0.5)
    # One Q so far, 0.5 twice: a shows 0.5, not 0.5 / 9: 0.5 + 1.414 / 4 = 0.854; b 0.6 + 1.414 / 2 = 1.307.
    assert forest.select_batch([tree]).node.tolist() == [b]
    visit(forest, b, 0.5)
    # N = 4 with the visit in flight: a 0.5 + 2 / 4 = 1.0, b 0.5 + 2 * 0.5 / 3 = 0.833.
    assert forest.select_batch([tree]).node.tolist() == [a]


def test_variance_is_measured_in_the_range(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], rule=UCBV(0.1, 0.0), normalise=True)
    forest.backup_batch(forest.reserve_batch([a, b] * 40), [0.25, 0.515625, 0.75, 0.515625] * 20)
    # N = 81, ln 81 = 4.3944, e = 0.1 * 4.3944 / 40 = 0.010986. Q of a was between 0.25 and 0.5, b's 0.515625 is the
    # highest: the range is 0.265625 wide. a has mean 0.5 and variance 1/16: 0.25 / 0.265625 + sqrt(2 / 16 / 0.265625^2
    # * 0.010986) = 0.94118 + 0.13951; b 1 + 0. With the variance as it is a would have 0.94118 + 0.03706.
    assert forest.select_batch([tree]).node.tolist() == [a]


def test_each_tree_has_its_own_range(kind: Any) -> None:
    forest = kind(rule=PUCT(1.0), normalise=True)
    trees = forest.new_trees(2)
    roots = forest.select_batch(trees)
    children = forest.expand_batch(roots.ticket, [2, 2], [0.8, 0.2] * 2).reshape(2, 2)
    forest.backup_batch(roots.ticket, [0.5, 0.0])
    for row in children:
        for child, value in zip(row, (0.5, 0.52), strict=True):
            visit(forest, child, value)
    # The first as above. The second, range [0, 0.52]: a 0.9615 + 0.693, b 1 + 0.173.
    assert forest.select_batch(trees).node.tolist() == [children[0, 1], children[1, 0]]
