"""Transpositions: children of a known state are links to the node that has it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from forests import below, grown, row_of, visit

from treewright.mcts import PUCT, InvalidInput, UnknownNode
from treewright.mcts.fields import EXHAUSTED, LINK, TERMINAL


def joined(kind: Any, **options: Any) -> tuple[Any, int, dict[str, int]]:
    """Two children a and b of the root with a state in common: x is a's child, and b has a link to it."""
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], transpositions=True, **options)
    (x,) = below(forest, a, 1, rewards=[0.25], hashes=[9])
    (link,) = below(forest, b, 1, rewards=[0.0], hashes=[9])
    return forest, tree, {"root": forest.root(tree), "a": int(a), "b": int(b), "x": x, "link": link}


def column(forest: Any, tree: int, name: str, nodes: dict[str, int]) -> dict[str, Any]:
    shot = forest.snapshot(tree)
    return {key: getattr(shot, name)[row_of(shot, node)].item() for key, node in nodes.items()}


def test_a_child_of_a_known_state_is_a_link(kind: Any) -> None:
    forest, tree, nodes = joined(kind)
    assert column(forest, tree, "flags", nodes) == {"root": 0, "a": 0, "b": 0, "x": 0, "link": LINK}
    assert column(forest, tree, "target", nodes)["link"] == nodes["x"]
    assert column(forest, tree, "hash", nodes) == {"root": 0, "a": 0, "b": 0, "x": 9, "link": 9}
    assert forest.target([nodes["x"], nodes["link"]]).tolist() == [nodes["x"]] * 2
    with pytest.raises(UnknownNode, match=r"nodes\[1\] is 99"):
        forest.target([nodes["x"], 99])


def test_a_descent_goes_on_where_the_link_leads_and_returns_the_way_it_came(kind: Any) -> None:
    forest, tree, nodes = joined(kind, rule=PUCT(0.0), discount=0.5)
    visit(forest, nodes["a"], 0.0)
    visit(forest, nodes["b"], 1.0)
    leaf = forest.select_batch([tree])
    assert leaf.node.tolist() == [nodes["x"]]
    assert leaf.depth.tolist() == [2]
    assert column(forest, tree, "in_flight", nodes) == {"root": 1, "a": 0, "b": 1, "x": 1, "link": 1}
    (deep,) = forest.expand_batch(leaf.ticket, [1], [1.0])
    assert forest.children(nodes["x"]).tolist() == [deep]
    assert forest.children(nodes["link"]).tolist() == []
    forest.backup_batch(leaf.ticket, [1.0])
    # x: 0.25 + 0.5 * 1; the link: 0 + 0.5 * 1; b: 0.5 * 0.5 beside 0.5; root: 0.5 * 0.25 beside 0.25, 0 and 0.25.
    assert column(forest, tree, "visits", nodes) == {"root": 4, "a": 1, "b": 2, "x": 1, "link": 1}
    assert column(forest, tree, "q", nodes) == {"root": 0.15625, "a": 0.0, "b": 0.375, "x": 0.75, "link": 0.5}
    assert column(forest, tree, "mean", nodes)["link"] == 0.5


def test_visits_through_either_parent_are_seen_by_both(kind: Any) -> None:
    forest, tree, nodes = joined(kind)
    visit(forest, nodes["x"], 1.0)
    assert column(forest, tree, "visits", nodes) == {"root": 2, "a": 1, "b": 0, "x": 1, "link": 0}
    assert column(forest, tree, "q", nodes)["x"] == 1.25
    assert column(forest, tree, "q", nodes)["link"] == 1.0  # shared, with the reward of its own edge
    assert np.isnan(column(forest, tree, "mean", nodes)["link"])
    visit(forest, nodes["link"], 0.5)
    assert column(forest, tree, "visits", nodes) == {"root": 3, "a": 1, "b": 1, "x": 2, "link": 1}
    assert column(forest, tree, "q", nodes)["x"] == 1.0
    assert column(forest, tree, "q", nodes)["link"] == 0.75
    assert column(forest, tree, "raw", nodes)["x"] == 0.5
    assert column(forest, tree, "q", nodes)["b"] == 0.5


def test_a_link_made_late_shows_what_is_known(kind: Any) -> None:
    forest, _, nodes = joined(kind)
    visit(forest, nodes["x"], 1.0)
    (late,) = below(forest, nodes["b"], 1, rewards=[-0.5], hashes=[9], urgency=[0.75])
    assert forest.target([late]).tolist() == [nodes["x"]]
    tree = 0
    assert column(forest, tree, "q", {"late": late})["late"] == 0.5


def test_only_a_deeper_node_is_linked_to(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], transpositions=True)
    (x,) = below(forest, a, 1, hashes=[9])
    (deep,) = below(forest, x, 1, hashes=[9])  # 9 is as deep as its parent here: a state that comes again
    (up,) = below(forest, forest.root(tree), 1, hashes=[9])  # its parent is above x
    first, second = below(forest, b, 2, hashes=[5, 5])  # siblings alike
    none, zero = below(forest, b, 2, hashes=[0, 0])
    nodes = [x, deep, up, first, second, none, zero]
    assert forest.target(nodes).tolist() == [x, deep, x, first, first, none, zero]


def test_states_of_other_trees_are_other_states(kind: Any) -> None:
    forest = kind(transpositions=True)
    trees = forest.new_trees(2)
    roots = forest.select_batch(trees)
    made = forest.expand_batch(roots.ticket, [1, 1], [1.0, 1.0], hashes=[3, 3])
    assert forest.target(made).tolist() == made.tolist()
    forest.release([0])
    again = forest.select_batch(forest.new_trees(1))
    (alone,) = forest.expand_batch(again.ticket, [1], [1.0], hashes=[3])
    assert forest.target([alone]).tolist() == [alone]


def test_hashes_are_ignored_where_transpositions_are_off(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5])
    below(forest, a, 1, hashes=[9])
    below(forest, b, 1, hashes=[9])
    shot = forest.snapshot(tree)
    assert not shot.flags.any()
    assert not shot.hash.any()


def test_what_is_done_is_done_for_all_parents(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], transpositions=True)
    (end,) = below(forest, a, 1, terminal=[True], hashes=[9])
    (link,) = below(forest, b, 1, hashes=[9])
    nodes = {"root": forest.root(tree), "a": int(a), "b": int(b), "end": end, "link": link}
    leaf = forest.reserve_batch([link])
    forest.backup_batch(leaf, [0.25])
    assert column(forest, tree, "flags", nodes) == {
        "root": EXHAUSTED,
        "a": EXHAUSTED,
        "b": EXHAUSTED,
        "end": TERMINAL | EXHAUSTED,
        "link": LINK | TERMINAL | EXHAUSTED,
    }
    (late,) = below(forest, b, 1, hashes=[9])  # only what has been visited: b is done again at once
    assert forest.target([late]).tolist() == [end]
    assert column(forest, tree, "flags", nodes)["b"] == EXHAUSTED
    assert column(forest, tree, "flags", nodes)["root"] == EXHAUSTED
    below(forest, b, 1, hashes=[10])
    assert column(forest, tree, "flags", {"b": int(b), "root": nodes["root"], "a": int(a)}) == {
        "b": 0,
        "root": 0,
        "a": EXHAUSTED,
    }


def test_two_descents_to_one_node_collide(kind: Any) -> None:
    forest, tree, nodes = joined(kind)
    visit(forest, nodes["a"], 0.5)
    visit(forest, nodes["b"], 0.5)
    leaves = forest.select_batch([tree], 4)
    assert leaves.node.tolist() == [nodes["x"]]
    in_flight = column(forest, tree, "in_flight", nodes)
    assert in_flight["x"] == in_flight["root"] == 1
    assert in_flight["a"] + in_flight["link"] == 1
    forest.cancel_batch(leaves.ticket)
    assert set(column(forest, tree, "in_flight", nodes).values()) == {0}


def test_hashes_are_any_integers_of_64_bits(kind: Any) -> None:
    forest, tree, (a, _) = grown(kind, [0.5, 0.5], transpositions=True)
    given = [1, 2**63 + 1, 2**64 - 1, 7]  # NumPy alone would make floats of them
    below(forest, a, 4, hashes=given)
    assert forest.snapshot(tree).hash.tolist() == [0, 0, 0, *given]
    ticket = forest.reserve_batch([a])
    for wrong, message in (
        ([-1], r"hashes\[0\] is -1"),
        ([0.5], "hashes has dtype float64"),
        ([2**64, 1], r"hashes\[0\]"),
    ):
        with pytest.raises(InvalidInput, match=message):
            forest.expand_batch(ticket, [len(wrong)], [0.5] * len(wrong), hashes=wrong)
