"""Rerooting: a node becomes the root, and what is not below it is given back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from forests import below, grown, row_of, visit

from treewright.mcts import ClosedTree, InvalidInput, StaleTicket, UnknownNode
from treewright.mcts.fields import EXHAUSTED


def test_a_subtree_keeps_its_statistics_and_its_ids(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.75, 0.25])
    first, second = below(forest, a, 2, 0.5, rewards=[0.25, 0.0])
    visit(forest, first, 1.0)
    visit(forest, b, 0.0)
    before = forest.snapshot(tree)
    forest.reroot(tree, a)
    after = forest.snapshot(tree)
    assert forest.root(tree) == a
    assert after.node.tolist() == [a, first, second]
    assert after.parent.tolist() == [-1, a, a]
    assert after.depth.tolist() == [0, 1, 1]
    assert after.prior.tolist() == [1.0, 0.5, 0.5]
    rows = [row_of(before, node) for node in (a, first, second)]
    for name in ("visits", "q", "reward", "raw", "mean", "max", "m2", "flags"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name)[rows], err_msg=name)
    with pytest.raises(UnknownNode):
        forest.children(b)


def test_the_reward_of_the_new_roots_edge_is_taken_out(kind: Any) -> None:
    forest = kind()
    tree = int(forest.new_trees(1)[0])
    leaf = forest.select_batch([tree])
    (a,) = forest.expand_batch(leaf.ticket, [1], [0.5], [2.0])
    forest.backup_batch(leaf.ticket, [0.5])
    for value in (0.25, 0.75):
        visit(forest, a, value)
    forest.reroot(tree, a)
    shot = forest.snapshot(tree)
    assert (shot.reward[0], shot.prior[0]) == (0.0, 1.0)
    assert (shot.q[0], shot.mean[0], shot.max[0], shot.m2[0], shot.raw[0]) == (0.5, 0.5, 0.75, 0.125, 0.75)
    visit(forest, a, 0.5)
    assert forest.root_stats(tree).root_q == 0.5


def test_a_new_root_without_a_visit_keeps_its_urgency(kind: Any) -> None:
    forest = kind()
    tree = int(forest.new_trees(1)[0])
    leaf = forest.select_batch([tree])
    (a,) = forest.expand_batch(leaf.ticket, [1], [0.5], [2.0], urgency=[0.125])
    forest.cancel_batch(leaf.ticket)
    forest.reroot(tree, a)
    assert forest.root_stats(tree).root_q == 0.125
    assert forest.select_batch([tree]).node.tolist() == [a]


def test_tickets_below_stay_good_and_lose_the_way_above(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5])
    (deep,) = below(forest, a, 1, 0.5)
    inside, outside, above = (forest.reserve_batch([node]) for node in (deep, b, forest.root(tree)))
    forest.reroot(tree, a)
    assert forest.tickets_out == 1
    assert forest.snapshot(tree).in_flight.tolist() == [1, 1]
    for late in (outside, above):
        with pytest.raises(StaleTicket):
            forest.cancel_batch(late)
    forest.backup_batch(inside, [1.0])
    shot = forest.snapshot(tree)
    assert shot.visits.tolist() == [2, 1]
    assert shot.q.tolist() == [0.75, 1.0]
    assert not shot.in_flight.any()


def test_rerooting_at_the_root_changes_nothing(kind: Any) -> None:
    forest, tree, (a, _) = grown(kind, [0.5, 0.5])
    ticket = forest.reserve_batch([a])
    before = forest.snapshot(tree)
    forest.reroot(tree, forest.root(tree))
    for name, then, now in zip(before._fields, before, forest.snapshot(tree), strict=True):
        np.testing.assert_array_equal(then, now, err_msg=name)
    forest.backup_batch(ticket, [0.5])


def test_an_exhausted_subtree_stays_exhausted(kind: Any) -> None:
    forest, tree, (end, _) = grown(kind, [0.5, 0.5], [True, False])
    visit(forest, end, 1.0)
    forest.reroot(tree, end)
    assert forest.snapshot(tree).flags[0] & EXHAUSTED
    assert len(forest.select_batch([tree]).node) == 0


def test_freed_nodes_are_used_again_and_other_trees_do_not_notice(kind: Any) -> None:
    forest = kind()
    trees = forest.new_trees(2)
    roots = forest.select_batch(trees)
    children = forest.expand_batch(roots.ticket, [2, 2], [0.5] * 4)
    forest.backup_batch(roots.ticket, [0.5, 0.25])
    other = forest.snapshot(1)
    forest.reroot(0, children[1])
    for name, then, now in zip(other._fields, other, forest.snapshot(1), strict=True):
        np.testing.assert_array_equal(then, now, err_msg=name)
    made = below(forest, int(children[1]), 5, 0.5)
    assert sorted(forest.snapshot(0).node.tolist()) == sorted([int(children[1]), *made])
    assert not set(made) & set(forest.snapshot(1).node.tolist())


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ClosedTree, "tree is 7", lambda f, children: f.reroot(7, children[0])),
        (UnknownNode, "node is 99", lambda f, _: f.reroot(0, 99)),
        (InvalidInput, r"node is \d: it is of another tree than 1", lambda f, children: f.reroot(1, children[0])),
        (InvalidInput, "node is 0.5: expected an integer", lambda f, _: f.reroot(0, 0.5)),
    ],
)
def test_what_is_refused(kind: Any, error: Any, message: str, call: Any) -> None:
    forest, _, children = grown(kind, [0.5, 0.5])
    forest.new_trees(1)
    with pytest.raises(error, match=message):
        call(forest, children.tolist())


def joined(kind: Any) -> tuple[Any, int, int, int, int, int]:
    """Node a has x, and x has y; b has a link to x."""
    forest, _, (a, b) = grown(kind, [0.5, 0.5], transpositions=True)
    (x,) = below(forest, int(a), 1, rewards=[0.25], hashes=[9])
    (y,) = below(forest, x, 1, 0.5)
    (link,) = below(forest, int(b), 1, 0.5, rewards=[1.0], hashes=[9])
    return forest, int(a), int(b), x, y, link


def test_a_link_changes_places_with_what_would_go(kind: Any) -> None:
    forest, _, b, x, y, link = joined(kind)
    visit(forest, link, 1.0)
    before = forest.snapshot(0)
    assert before.q[row_of(before, x)] == 1.0  # 0.25 + the mean of 0.5 and 1.0
    forest.reroot(0, b)
    shot = forest.snapshot(0)
    assert shot.node.tolist() == [b, x, y]
    assert shot.depth.tolist() == [0, 1, 2]
    assert shot.target.tolist() == [-1, -1, -1]
    assert shot.reward.tolist() == [0.0, 1.0, 0.0]  # the edge is the link's ...
    assert shot.visits.tolist() == [2, 2, 0]  # ... and the visits are the node's
    assert shot.q[1] == shot.mean[1] == 1.75
    assert shot.max[1] == 2.0
    assert shot.m2[1] == before.m2[row_of(before, x)]
    with pytest.raises(UnknownNode):
        forest.target([link])


def test_a_ticket_that_came_another_way_goes_on_by_the_new_one(kind: Any) -> None:
    forest, _, b, x, y, _ = joined(kind)
    ticket = forest.reserve_batch([y])  # by way of a
    forest.reroot(0, b)
    assert forest.snapshot(0).in_flight.tolist() == [1, 1, 1]
    forest.backup_batch(ticket, [0.75])
    shot = forest.snapshot(0)
    assert shot.visits.tolist() == [2, 2, 1]
    assert not shot.in_flight.any()
    assert x in shot.node


def test_a_link_within_what_is_kept_stays(kind: Any) -> None:
    forest, tree, (top, _) = grown(kind, [0.5, 0.5], transpositions=True)
    a, b = below(forest, int(top), 2, 0.5)
    (x,) = below(forest, a, 1, 0.5, hashes=[9])
    (link,) = below(forest, b, 1, 0.5, hashes=[9])
    ticket = forest.reserve_batch([link])
    forest.reroot(tree, top)
    assert forest.target([link]).tolist() == [x]
    shot = forest.snapshot(tree)
    assert shot.depth.tolist() == [0, 1, 1, 2, 2]
    assert shot.in_flight.tolist() == [1, 0, 1, 1, 1]
    forest.cancel_batch(ticket)
    assert not forest.snapshot(tree).in_flight.any()


def test_the_target_of_a_link_becomes_the_root(kind: Any) -> None:
    forest, _, _, x, y, link = joined(kind)
    forest.reroot(0, link)
    assert forest.snapshot(0).node.tolist() == [x, y]
    assert forest.snapshot(0).reward.tolist() == [0.0, 0.0]
