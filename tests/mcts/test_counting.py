"""How visits are counted: in flight (Liu et al. 2020), virtual loss, collisions, returns, exhaustion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from treewright.mcts import PUCT, UCT, LimitExceeded
from treewright.mcts.fields import COMPLETE, EXHAUSTED, TERMINAL


def grown(kind: Any, priors: list[float], terminal: list[bool] | None = None, **options: Any) -> tuple[Any, int, Any]:
    """A forest of one tree whose root is expanded and has been evaluated at 0.5."""
    forest = kind(**options)
    tree = int(forest.new_trees(1)[0])
    leaves = forest.select_batch([tree])
    children = forest.expand_batch(leaves.ticket, [len(priors)], priors, terminal=terminal)
    forest.backup_batch(leaves.ticket, [0.5])
    return forest, tree, children


def test_visits_in_flight_raise_n_and_leave_q(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.6, 0.4], rule=PUCT(1.0))
    # N = 1: a 0.5 + 0.6 = 1.1, b 0.9. Then with a in flight N = 2, sqrt 2 = 1.414:
    # a 0.5 + 1.414 * 0.6 / 2 = 0.924, b 0.5 + 1.414 * 0.4 / 1 = 1.066.
    leaves = forest.select_batch([tree], 2)
    assert leaves.node.tolist() == [a, b]
    stats = forest.root_stats(tree)
    assert stats.visits.tolist() == [0, 0]
    assert stats.in_flight.tolist() == [1, 1]
    assert stats.q.tolist() == [0.5, 0.5]
    assert stats.root_visits == 1
    assert forest.snapshot(tree).in_flight[0] == 2
    forest.backup_batch(leaves.ticket[::-1], [1.0, 0.25])
    stats = forest.root_stats(tree)
    assert stats.visits.tolist() == [1, 1]
    assert stats.in_flight.tolist() == [0, 0]
    assert stats.q.tolist() == [0.25, 1.0]
    assert stats.root_q == pytest.approx((0.5 + 1.0 + 0.25) / 3)


def test_virtual_loss_counts_a_visit_in_flight_as_the_lowest_return(kind: Any) -> None:
    # With c = 0 the scores are Q alone. Values in [-1, 1]: a returned 0.5, b 0.25.
    options = {"rule": PUCT(0.0), "value_range": (-1.0, 1.0)}
    for in_flight, expected in (("wu_uct", 0), ("virtual_loss", 1)):
        forest, tree, children = grown(kind, [0.5, 0.5], in_flight=in_flight, **options)
        evaluations = forest.reserve_batch(children)
        forest.backup_batch(evaluations, [0.5, 0.25])
        forest.expand_batch(forest.reserve_batch(children), [2, 2], [0.5] * 4)
        # One visit is now in flight at each. A second at a: virtual loss (0.5 - 1 - 1) / 3 = -0.5, b (0.25 - 1) / 2.
        forest.reserve_batch(children[:1])
        grandchildren = [forest.children(child).tolist() for child in children]
        assert forest.select_batch([tree]).node[0] in grandchildren[expected]


def test_a_collision_gives_no_row_and_leaves_no_charge(kind: Any) -> None:
    forest, tree, _ = grown(kind, [1.0], rule=PUCT())
    before = forest.snapshot(tree)
    leaves = forest.select_batch([tree], 4)
    assert leaves.node.tolist() == forest.children(forest.root(tree)).tolist()
    assert forest.snapshot(tree).in_flight.tolist() == [1, 1]
    assert len(forest.select_batch([tree], 3).ticket) == 0
    forest.cancel_batch(leaves.ticket)
    for field, then, now in zip(before._fields, before, forest.snapshot(tree), strict=True):
        np.testing.assert_array_equal(then, now, err_msg=field)


def test_a_colliding_visit_stays_charged_within_its_call(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], rule=PUCT(1.0))
    # N=1: a 1.0, b 1.0: a. N=2: a 0.5 + 1.414/4 = 0.854, b 0.5 + 0.707: b. N=3: both 0.5 + 1.732/4: a collides.
    # N=4: a 0.5 + 2/2/3 = 0.833, b 0.5 + 2/2/2 = 1: b collides, as it would not if a's charge were gone.
    leaves = forest.select_batch([tree], 4)
    assert leaves.node.tolist() == [a, b]
    assert forest.snapshot(tree).in_flight.tolist() == [2, 1, 1]


def test_rewards_and_discount_make_the_return(kind: Any) -> None:
    forest = kind(discount=0.5)
    tree = int(forest.new_trees(1)[0])
    root = forest.select_batch([tree])
    (child,) = forest.expand_batch(root.ticket, [1], [1.0], [2.0])
    below = forest.reserve_batch([child])
    (grandchild,) = forest.expand_batch(below, [1], [1.0], [-1.0])
    last = forest.reserve_batch([grandchild])
    forest.backup_batch(last, [1.0])
    # grandchild -1 + 0.5 * 1 = -0.5; child 2 + 0.5 * -0.5 = 1.75; root 0 + 0.5 * 1.75 = 0.875.
    assert forest.snapshot(tree).q.tolist() == [0.875, 1.75, -0.5]
    forest.backup_batch(np.concatenate([below, root.ticket]), [0.5, 0.0])
    # child also 2 + 0.5 * 0.5 = 2.25: mean 2, m2 2 * 0.25^2; root also 1.125 and 0: mean 2 / 3.
    shot = forest.snapshot(tree)
    assert shot.mean.tolist() == pytest.approx([2 / 3, 2.0, -0.5])
    assert shot.max.tolist() == [1.125, 2.25, -0.5]
    assert shot.m2[1] == 0.125
    assert shot.raw.tolist() == [0.0, 0.5, 1.0]


def test_max_backup_keeps_the_best_return(kind: Any) -> None:
    forest, tree, (child,) = grown(kind, [1.0], backup="max")
    for value, best in ((0.25, 0.25), (0.75, 0.75), (0.5, 0.75)):
        forest.backup_batch(forest.reserve_batch([child]), [value])
        stats = forest.root_stats(tree)
        assert stats.q.tolist() == stats.max.tolist() == [best]
    assert forest.snapshot(tree).mean[1] == 0.5
    assert forest.root_stats(tree).root_q == 0.75


def test_urgency_is_shown_until_the_first_completed_visit(kind: Any) -> None:
    forest = kind(value_range=(-1.0, 3.0))
    tree = int(forest.new_trees(1)[0])
    assert forest.snapshot(tree).q.tolist() == [1.0]  # the middle of the range
    root = forest.select_batch([tree])
    forest.expand_batch(root.ticket, [1], [0.5])  # before the root's first return: the middle again
    forest.expand_batch(root.ticket, [1], [0.5], urgency=[-0.5])
    forest.backup_batch(root.ticket, [2.0])
    again = forest.reserve_batch([forest.root(tree)])
    forest.expand_batch(again, [1], [0.5])  # after it: the root's Q
    assert forest.root_stats(tree).q.tolist() == [1.0, -0.5, 2.0]
    leaf = forest.reserve_batch(forest.children(forest.root(tree))[1:2])
    assert forest.root_stats(tree).q[1] == -0.5
    forest.backup_batch(leaf, [3.0])
    assert forest.root_stats(tree).q[1] == 3.0


def test_an_unexpanded_leaf_is_selected_again_after_its_backup(kind: Any) -> None:
    forest = kind()
    tree = int(forest.new_trees(1)[0])
    for visits in range(1, 4):
        leaf = forest.select_batch([tree])
        assert leaf.node.tolist() == [forest.root(tree)]
        forest.backup_batch(leaf.ticket, [0.5])
        assert forest.root_stats(tree).root_visits == visits


def test_terminal_nodes_are_visited_once_and_exhaust_the_tree(kind: Any) -> None:
    forest, tree, (_, b) = grown(kind, [0.9, 0.1], [True, True])
    leaves = forest.select_batch([tree], 2)
    assert leaves.terminal.all()
    assert not leaves.expanded.any()
    forest.backup_batch(leaves.ticket[:1], [0.0])
    assert forest.snapshot(tree).flags.tolist() == [0, TERMINAL | EXHAUSTED, TERMINAL]
    forest.cancel_batch(leaves.ticket[1:])
    leaf = forest.select_batch([tree], 3)
    assert leaf.node.tolist() == [b]
    forest.backup_batch(leaf.ticket, [0.0])
    assert forest.snapshot(tree).flags[0] == EXHAUSTED
    assert len(forest.select_batch([tree], 2).ticket) == 0


def test_terminal_nodes_are_visited_again_when_exhaustion_is_not_skipped(kind: Any) -> None:
    forest, tree, _ = grown(kind, [1.0], [True], skip_exhausted=False)
    for _ in range(2):
        leaf = forest.select_batch([tree])
        assert leaf.terminal.tolist() == [True]
        forest.backup_batch(leaf.ticket, [1.0])
    assert forest.snapshot(tree).flags.tolist() == [EXHAUSTED, TERMINAL | EXHAUSTED]


def test_a_dead_end_is_exhausted_at_once_and_reopened_by_new_children(kind: Any) -> None:
    forest, tree, (child,) = grown(kind, [1.0])
    leaf = forest.select_batch([tree])
    assert len(forest.expand_batch(leaf.ticket, [0], [])) == 0
    assert forest.snapshot(tree).flags.tolist() == [EXHAUSTED, EXHAUSTED | COMPLETE]
    forest.backup_batch(leaf.ticket, [0.0])
    assert len(forest.select_batch([tree]).ticket) == 0
    late = forest.reserve_batch([child])
    made = forest.expand_batch(late, [2], [0.5, 0.5])
    assert forest.snapshot(tree).flags.tolist() == [0, 0, 0, 0]
    assert forest.select_batch([tree]).node.tolist() == made[:1].tolist()


def test_a_node_given_up_is_not_selected_again(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.9, 0.1])
    leaf = forest.select_batch([tree])
    assert leaf.node.tolist() == [a]
    forest.exhaust_batch(leaf.ticket)
    shot = forest.snapshot(tree)
    assert shot.flags.tolist() == [0, EXHAUSTED | COMPLETE, 0]
    assert shot.visits.tolist() == [1, 0, 0]
    assert not shot.in_flight.any()
    assert forest.select_batch([tree], 2).node.tolist() == [b]


def test_giving_up_a_node_with_children_leaves_it_open(kind: Any) -> None:
    forest, tree, _ = grown(kind, [1.0])
    forest.exhaust_batch(forest.reserve_batch([forest.root(tree)]))
    assert forest.snapshot(tree).flags.tolist() == [COMPLETE, 0]


def test_a_node_holds_several_tickets(kind: Any) -> None:
    forest, tree, (child,) = grown(kind, [1.0])
    tickets = forest.reserve_batch([child, child, child])
    assert len(set(tickets.tolist())) == 3
    forest.cancel_batch(tickets[:2])
    assert len(forest.select_batch([tree]).ticket) == 0  # the third is still out: pending
    forest.backup_batch(tickets[2:], [0.5])
    assert forest.select_batch([tree]).node.tolist() == [child]


def test_a_root_takes_at_most_65535_visits_in_flight(kind: Any) -> None:
    forest = kind(rule=UCT())
    tree = int(forest.new_trees(1)[0])
    tickets = forest.reserve_batch([forest.root(tree)] * 65_535)
    for call in (lambda: forest.reserve_batch([forest.root(tree)]), lambda: forest.select_batch([tree])):
        with pytest.raises(LimitExceeded, match="the limit is 65535"):
            call()
    assert forest.snapshot(tree).in_flight.tolist() == [65_535]
    forest.cancel_batch(tickets)
    assert forest.snapshot(tree).in_flight.tolist() == [0]
