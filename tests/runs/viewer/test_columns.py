"""Trees as columns."""

from __future__ import annotations

from treewright.runs.viewer.columns import ANSWERS, CUT, ENDED, FAILED, columns, principal, same_growth
from treewright.search import Tree


def tree() -> Tree:
    made = Tree.planted("make 24", None)
    made.grow(0, "left")
    made.grow(0, "right", truncated=True)
    made.grow(1, "a", answer="24", terminated=True, kind="advice")
    made.grow(1, "b")
    for node, (visits, q) in zip(made.nodes, [(5, 0.4), (2, 0.5), (2, 0.25), (1, 1.0), (0, 0.9)], strict=True):
        node.visits, node.q = visits, q
    made.nodes[4].failure = "ModelError: away"
    return made


def test_flags_tell_ends_answers_failures_and_cuts() -> None:
    assert columns(tree(), 3)["flags"] == [0, 0, ENDED + CUT, ENDED + ANSWERS, FAILED]


def test_kinds_are_numbered_as_they_come() -> None:
    told = columns(tree(), 3)
    assert told["kinds"] == ["root", "step", "advice"]
    assert told["kind"] == [0, 1, 1, 2, 1]


def test_a_node_without_visits_has_no_q() -> None:
    assert columns(tree(), None)["q"] == [0.4, 0.5, 0.25, 1.0, None]


def test_the_principal_path_goes_by_visits_then_q_and_ends_where_nobody_was() -> None:
    made = tree()
    assert [node.id for node in principal(made)] == [0, 1, 3]
    made.nodes[3].visits = 0
    assert [node.id for node in principal(made)] == [0, 1]


def test_trees_that_were_visited_otherwise_are_not_the_same() -> None:
    made = tree()
    assert same_growth(tree(), made)
    made.nodes[2].visits = 1
    assert not same_growth(tree(), made)
    other = tree()
    other.grow(0, "more")
    assert not same_growth(tree(), other)
