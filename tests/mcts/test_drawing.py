"""A snapshot as text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from treewright.mcts import Forest, InvalidInput, render


def grown(kind: Any) -> Any:
    """A root of a (its children: d and e), b, which ends the task, and c, whose child is a link to d."""
    forest = kind(transpositions=True)
    tree = int(forest.new_trees(1)[0])
    root = forest.select_batch([tree])
    children = forest.expand_batch(root.ticket, [3], [0.5, 0.25, 0.25], [0, 1, 0], [False, True, False])
    forest.backup_batch(root.ticket, [0.5])
    tickets = forest.reserve_batch(children[[0, 2]])
    below = forest.expand_batch(tickets, [2, 1], [0.75, 0.25, 1.0], hashes=np.array([6, 7, 6], np.uint64))
    forest.backup_batch(tickets[:1], [0.25])
    forest.cancel_batch(tickets[1:])
    for node in (below[0], below[0], children[1]):
        forest.backup_batch(forest.reserve_batch([node]), [0.5])
    forest.reserve_batch(below[:1])
    return forest, tree, children.tolist(), below.tolist()


def test_a_tree_is_drawn_with_its_numbers_and_flags(kind: Any) -> None:
    forest, tree, (a, b, c), (d, e, link) = grown(kind)
    labels = {a: "first\n step", b: "answer " * 12}
    cut = ("answer " * 12)[:71] + "…"
    assert render(forest.snapshot(tree), labels).splitlines() == [
        f"{forest.root(tree)}  [n=5 q=0.650 v=0.500 in_flight=1]",
        "├─ first step  [n=3 q=0.417 p=0.500 v=0.250 in_flight=1]",
        f"│  ├─ {d}  [n=2 q=0.500 p=0.750 v=0.500 in_flight=1]",
        f"│  └─ {e}  [n=0 q=0.500 p=0.250]",
        f"├─ {cut}  [n=1 q=1.500 p=0.250 r=1.000 v=0.500 terminal exhausted]",
        f"└─ {c}  [n=0 q=0.500 p=0.250]",
        f"   └─ {link}  [n=0 q=0.500 p=1.000 link={d}]",
    ]


def test_what_is_not_drawn_is_counted(kind: Any) -> None:
    forest, tree, (a, b, c), (d, *_) = grown(kind)
    shot = forest.snapshot(tree)
    assert [line.split("  [")[0] for line in render(shot, max_depth=1).splitlines()] == [
        str(forest.root(tree)),
        f"├─ {a}",
        "│  └─ (2 below)",
        f"├─ {b}",
        f"└─ {c}",
        "   └─ (1 below)",
    ]
    assert [line.split("  [")[0] for line in render(shot, min_visits=1, width=1).splitlines()] == [
        str(forest.root(tree)),
        f"├─ {a}",
        f"│  ├─ {d}",
        "│  └─ (1 more, 0 visits)",
        "└─ (2 more, 1 visits)",
    ]
    assert render(shot, max_depth=0).splitlines()[1] == "└─ (3 below)"


def test_a_deep_tree_is_drawn() -> None:
    forest = Forest()
    tree = int(forest.new_trees(1)[0])
    for _ in range(5000):
        leaf = forest.select_batch([tree])
        forest.expand_batch(leaf.ticket, [1], [1.0])
        forest.backup_batch(leaf.ticket, [0.5])
    lines = render(forest.snapshot(tree)).splitlines()
    assert len(lines) == 5001
    assert lines[-1].startswith("   " * 4999 + "└─ ")


def test_a_snapshot_without_its_parents_is_refused() -> None:
    forest, tree, *_ = grown(Forest)
    shot = forest.snapshot(tree)
    part = type(shot)._make(column[[0, 1, 4]] for column in shot)
    assert len(render(part).splitlines()) == 3
    with pytest.raises(InvalidInput, match=r"snapshot row 1 has parent \d+: expected the node of a row, -1 in row 0"):
        render(type(shot)._make(column[[0, 4]] for column in shot))
    with pytest.raises(InvalidInput, match=r"snapshot row 6 has target 99: expected the node of a row, -1 where"):
        render(shot._replace(target=np.where(shot.target >= 0, 99, -1).astype(np.int32)))
