"""Best first: the score by hand, and which node of the frontier is next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from forests import below, grown, row_of, visit

from treewright.mcts import BestFirst, InvalidInput


def test_the_score_by_hand() -> None:
    # 0.5 - 0.125 * 2 + 0.0625 * 1 - 0.25 * 3.
    assert BestFirst(-0.125, 0.0625, -0.25).score(np.float32(0.5), 2, 1, 3) == -0.4375
    assert BestFirst().score(np.float32(0.5), 9, 9, 9) == 0.5


def test_the_root_is_first_and_then_the_best_value_anywhere(kind: Any) -> None:
    forest, tree, (a, b, c) = grown(kind, [0.9, 0.05, 0.05], rule=BestFirst())
    for node, value in zip((a, b, c), (0.3, 0.9, 0.5), strict=True):
        visit(forest, node, value)
    leaves = forest.select_batch([tree], 4)
    assert leaves.node.tolist() == [b, c, a]  # one each; the root has its children
    forest.cancel_batch(leaves.ticket)
    (deep,) = below(forest, b, 1)
    visit(forest, deep, 0.4)  # b's Q is now 0.65, but its children are made
    leaves = forest.select_batch([tree], 4)
    assert leaves.node.tolist() == [c, deep, a]
    assert leaves.depth.tolist() == [1, 2, 1]
    shot = forest.snapshot(tree)
    assert shot.in_flight[row_of(shot, b)] == 1  # the whole path is charged
    assert shot.in_flight[0] == 3


def test_the_value_given_last_counts_and_not_the_mean(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], rule=BestFirst())
    for value in (1.0, 0.25):
        visit(forest, a, value)
    visit(forest, b, 0.5)
    assert forest.root_stats(tree).q.tolist() == [0.625, 0.5]
    assert forest.select_batch([tree]).node.tolist() == [b]


def test_of_equal_scores_the_one_that_has_waited_longest(kind: Any) -> None:
    forest, tree, (a, b, c) = grown(kind, [0.2, 0.3, 0.5], rule=BestFirst())
    first = forest.select_batch([tree], 2)
    assert first.node.tolist() == [a, b]  # all show the root's Q; in the order of their making
    forest.cancel_batch(first.ticket[::-1])  # b is put back before a
    assert forest.select_batch([tree], 3).node.tolist() == [c, b, a]


def test_depth_siblings_and_duplicates_count(kind: Any) -> None:
    def order(rule: BestFirst) -> list[str]:
        forest, tree, (a, b) = grown(kind, [0.5, 0.5], rule=rule)
        deep, twin, other = below(forest, a, 3, 0.5, hashes=[7, 7, 0])
        names = {int(b): "b", deep: "deep", twin: "twin", other: "other"}
        for node in names:
            visit(forest, node, 0.5)
        return [names[node] for node in forest.select_batch([tree], 4).node.tolist()]

    assert order(BestFirst()) == ["b", "deep", "twin", "other"]
    assert order(BestFirst(depth=0.125)) == ["deep", "twin", "other", "b"]
    assert order(BestFirst(siblings=-0.125)) == ["deep", "twin", "other", "b"]  # b's sibling a has children
    assert order(BestFirst(duplicates=-0.125)) == ["b", "deep", "other", "twin"]


def test_a_node_gets_as_many_children_as_the_rule_allows(kind: Any) -> None:
    forest, tree, (a,) = grown(kind, [1.0], rule=BestFirst(children=3))
    visit(forest, a, 0.25)
    leaves = forest.select_batch([tree], 4)
    # The root has one child, so two more may be made at once; then a.
    assert leaves.node.tolist() == [forest.root(tree), forest.root(tree), a]
    assert leaves.expanded.tolist() == [True, True, False]
    forest.expand_batch(leaves.ticket[:1], [2], [0.5, 0.5])
    forest.cancel_batch(leaves.ticket)
    assert forest.root(tree) not in forest.select_batch([tree], 4).node


def test_what_a_reroot_gives_back_is_no_duplicate_any_more(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], rule=BestFirst(duplicates=-0.25))
    below(forest, a, 1, 0.5, hashes=[7])
    (twin,) = below(forest, b, 1, 0.5, hashes=[7])
    forest.reroot(tree, b)  # the first node with the hash goes, the second stays
    copy, other = below(forest, twin, 2, 0.5, urgency=[0.625, 0.5], hashes=[7, 8])
    assert forest.select_batch([tree], 2).node.tolist() == [other, copy]  # 0.625 - 0.25 * 1


def test_a_backup_below_moves_a_node_that_may_get_more_children(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], rule=BestFirst(children=2))
    forest.exhaust_batch(forest.reserve_batch([forest.root(tree)]))
    (deep,) = below(forest, a, 1)  # a was never given a value: its Q counts
    visit(forest, b, 0.75)
    visit(forest, deep, 1.0)
    forest.exhaust_batch(forest.reserve_batch([deep]))
    assert forest.select_batch([tree], 2).node.tolist() == [a, b]


def test_visited_ends_of_the_task_and_closed_nodes_leave_the_frontier(kind: Any) -> None:
    forest, tree, (end, closed, c) = grown(kind, [0.4, 0.3, 0.3], [True, False, False], rule=BestFirst())
    assert forest.select_batch([tree]).node.tolist() == [end]
    visit(forest, end, 1.0)
    forest.exhaust_batch(forest.reserve_batch([closed]))
    assert forest.select_batch([tree], 3).node.tolist() == [c]


def test_an_empty_frontier_gives_no_rows(kind: Any) -> None:
    forest = kind(rule=BestFirst(), skip_exhausted=False)
    tree = forest.new_trees(1)
    leaf = forest.select_batch(tree, 2)
    assert len(leaf.node) == 1
    forest.exhaust_batch(leaf.ticket)
    assert len(forest.select_batch(tree).node) == 0


@pytest.mark.parametrize("given", [{"depth": 2e9}, {"siblings": float("nan")}, {"children": 0}, {"children": 65_536}])
def test_a_number_out_of_range_is_refused(given: Any) -> None:
    with pytest.raises(InvalidInput, match=r"BestFirst\(\w+=.*: expected an? (number|integer) in "):
        BestFirst(**given)
