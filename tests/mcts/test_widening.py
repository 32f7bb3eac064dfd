"""Progressive widening: when a descent ends at a node that has children."""

from __future__ import annotations

from typing import Any

from forests import finish, grown, visit

from treewright.mcts import PUCT, UCT, Widening
from treewright.mcts.fields import COMPLETE, EXHAUSTED


def test_the_room_by_hand() -> None:
    # 2 * 10^0.5 = 6.32, 2 * 9^0.5 = 6; a node without visits counts as visited once.
    rule = Widening(2.0, 0.5)
    assert [rule.wants(6, 0, 10), rule.wants(5, 1, 10), rule.wants(5, 2, 10), rule.wants(6, 0, 9)] == [
        True,
        True,
        False,
        False,
    ]
    assert rule.wants(1, 0, 0)
    assert not rule.wants(2, 0, 0)


def test_a_node_is_widened_as_its_visits_grow(kind: Any) -> None:
    forest, tree, (only,) = grown(kind, [1.0], widening=Widening(1.0, 0.5))
    root = forest.root(tree)
    first = forest.select_batch([tree])  # N = 1: 1 child is not less than 1
    assert first.node.tolist() == [only]
    finish(forest, first.ticket, 0.5)
    again = forest.select_batch([tree], 2)
    # N = 2: 1 < 1.41. Then N = 3 and one ticket out on the root: 1 + 1 is not less than 1.73.
    assert again.node.tolist() == [root, only]
    assert again.expanded.tolist() == [True, False]
    forest.expand_batch(again.ticket[:1], [1], [1.0])
    forest.backup_batch(again.ticket, [0.5, 0.5])
    assert len(forest.children(root)) == 2


def test_several_tickets_are_out_on_a_node_that_is_widened(kind: Any) -> None:
    forest, tree, _ = grown(kind, [1.0], widening=Widening(4.0, 0.0))
    leaves = forest.select_batch([tree], 4)
    assert leaves.node.tolist() == [forest.root(tree)] * 3 + forest.children(forest.root(tree)).tolist()
    forest.expand_batch(leaves.ticket[:3], [1, 1, 1], [0.5, 0.5, 0.5])
    assert len(forest.children(forest.root(tree))) == 4


def test_a_complete_node_is_not_widened(kind: Any) -> None:
    forest, tree, (only,) = grown(kind, [1.0], widening=Widening(4.0, 0.5))
    leaf = forest.select_batch([tree])
    assert leaf.expanded.tolist() == [True]
    forest.expand_batch(leaf.ticket, [0], [])
    forest.cancel_batch(leaf.ticket)
    assert forest.snapshot(tree).flags.tolist() == [COMPLETE, 0]
    assert forest.select_batch([tree]).node.tolist() == [only]
    late = forest.reserve_batch([forest.root(tree)])
    forest.expand_batch(late, [1], [1.0])  # new children: there may be more again
    assert forest.snapshot(tree).flags.tolist() == [0, 0, 0]


def test_all_children_exhausted_is_not_the_end_until_the_node_is_complete(kind: Any) -> None:
    options = {"widening": Widening(1.0, 0.0), "rule": UCT()}
    forest, tree, (end,) = grown(kind, [1.0], [True], **options)
    visit(forest, end, 0.5)
    leaves = forest.select_batch([tree], 2)  # no room, but nothing else to do: the root once
    assert leaves.node.tolist() == [forest.root(tree)]
    assert forest.snapshot(tree).in_flight.tolist() == [1, 0]
    assert len(forest.select_batch([tree]).node) == 0
    forest.exhaust_batch(leaves.ticket)
    assert forest.snapshot(tree).flags[0] == EXHAUSTED | COMPLETE
    assert len(forest.select_batch([tree]).node) == 0


def test_nodes_below_are_widened_by_their_own_visits(kind: Any) -> None:
    forest, tree, _ = grown(kind, [0.9, 0.1], rule=PUCT(4.0), widening=Widening(0.5, 0.75))
    for _ in range(60):
        leaf = forest.select_batch([tree])
        forest.expand_batch(leaf.ticket, [1], [0.5])
        forest.backup_batch(leaf.ticket, [0.5])
    shot = forest.snapshot(tree)
    for node, visits in zip(shot.node.tolist(), shot.visits.tolist(), strict=True):
        if visits > 2:
            # k grew by one whenever k < 0.5 * N^0.75, N being at most the visits now.
            assert len(forest.children(node)) < 0.5 * visits**0.75 + 1
    assert len(forest.children(forest.root(tree))) >= 8
