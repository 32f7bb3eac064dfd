"""Proofs: what is known for certain, and what follows for the nodes above."""

from __future__ import annotations

from typing import Any

import pytest
from forests import below, grown, row_of, visit

from treewright.mcts import PowerMean, Widening
from treewright.mcts.fields import COMPLETE, EXHAUSTED, LINK, PROVEN, TERMINAL

DONE = PROVEN | EXHAUSTED


def flags_of(forest: Any, tree: int, node: int) -> int:
    shot = forest.snapshot(tree)
    return int(shot.flags[row_of(shot, node)])


def test_a_terminal_node_of_the_highest_value_proves_its_way_up(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], solver=True, discount=0.5)
    end, other = below(forest, a, 2, 0.25, terminal=[True, False], rewards=[0.75, 0.0])
    visit(forest, end, 0.5)
    # end: 0.75 + 0.5 * 0.5 = 1.0, the highest value: a is proven, 0 + 0.5 * 1.0; 0.5 is not the highest: the root is
    # not.
    assert flags_of(forest, tree, end) == TERMINAL | DONE
    assert flags_of(forest, tree, a) == DONE
    assert flags_of(forest, tree, other) == 0
    assert flags_of(forest, tree, forest.root(tree)) == 0
    stats = forest.root_stats(tree)
    assert stats.q.tolist() == [0.5, 0.5]
    assert forest.select_batch([tree], 2).node.tolist() == [b]


def test_a_root_is_proven_by_one_win(kind: Any) -> None:
    forest, tree, (_, win) = grown(kind, [0.9, 0.1], [False, True], solver=True)
    visit(forest, win, 1.0)
    assert forest.snapshot(tree).flags.tolist() == [DONE, 0, TERMINAL | DONE]
    assert forest.root_stats(tree).root_q == 1.0
    assert forest.snapshot(tree).mean[0] == 0.75
    assert len(forest.select_batch([tree]).node) == 0


def test_the_best_of_proven_children_proves_their_parent(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], [True, True], solver=True)
    visit(forest, a, 0.25)
    assert forest.snapshot(tree).flags[0] == 0
    visit(forest, b, 0.5)
    assert forest.snapshot(tree).flags[0] == DONE
    assert forest.root_stats(tree).root_q == 0.5
    assert forest.snapshot(tree).mean[0] == pytest.approx(1.25 / 3)


def test_a_dead_end_exhausts_and_proves_nothing(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], [True, False], solver=True)
    visit(forest, a, 0.25)
    below(forest, b, 0, 0.125)
    assert forest.snapshot(tree).flags.tolist() == [EXHAUSTED, TERMINAL | DONE, EXHAUSTED | COMPLETE]
    assert forest.root_stats(tree).root_q == pytest.approx((0.5 + 0.25 + 0.125) / 3)


def test_a_proven_q_stays_while_the_statistics_go_on(kind: Any) -> None:
    forest, tree, (end,) = grown(kind, [1.0], [True], solver=True)
    visit(forest, end, 0.75)
    assert forest.snapshot(tree).q.tolist() == [0.75, 0.75]
    visit(forest, end, 0.25)
    shot = forest.snapshot(tree)
    assert shot.q.tolist() == [0.75, 0.75]
    assert shot.mean.tolist() == [0.5, 0.5]
    assert shot.visits.tolist() == [3, 2]


@pytest.mark.parametrize(("backup", "q"), [("mean", 0.5), ("max", 0.75), (PowerMean(1.0), 0.5)])
def test_new_children_undo_a_proof(kind: Any, backup: Any, q: float) -> None:
    forest, tree, (a,) = grown(kind, [1.0], solver=True, backup=backup)
    (end,) = below(forest, a, 1, 0.25, terminal=[True])
    visit(forest, end, 0.75)
    assert forest.snapshot(tree).flags.tolist() == [DONE, DONE, TERMINAL | DONE]
    assert forest.snapshot(tree).q.tolist() == [0.75] * 3
    below(forest, a, 1)
    assert forest.snapshot(tree).flags.tolist() == [0, 0, TERMINAL | DONE, 0]
    # Root: 0.5, 0.25, 0.75; a: 0.25, 0.75.
    assert forest.snapshot(tree).q[:3].tolist() == [q, q, 0.75]


def test_a_node_that_may_get_more_children_is_not_proven_by_those_it_has(kind: Any) -> None:
    forest, tree, (end,) = grown(kind, [1.0], [True], solver=True, widening=Widening(1.0, 0.0))
    visit(forest, end, 0.5)
    assert forest.snapshot(tree).flags[0] == 0
    forest.exhaust_batch(forest.reserve_batch([forest.root(tree)]))
    assert forest.snapshot(tree).flags[0] == DONE | COMPLETE


def test_proofs_go_through_links(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], solver=True, transpositions=True)
    (end,) = below(forest, a, 1, 0.25, terminal=[True], hashes=[9])
    (link,) = below(forest, b, 1, 0.25, rewards=[0.25], hashes=[9])
    visit(forest, end, 0.75)
    # Worth 0.75 by a; 0.25 more by b's link: 1.0, the highest value, so the root is proven too.
    shot = forest.snapshot(tree)
    assert shot.flags.tolist() == [DONE, DONE, DONE, TERMINAL | DONE, LINK | TERMINAL | DONE]
    assert shot.q.tolist() == [1.0, 0.75, 1.0, 0.75, 1.0]
    assert shot.visits[row_of(shot, link)] == 0
