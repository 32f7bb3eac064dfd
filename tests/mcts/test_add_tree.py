"""A snapshot becomes a tree again, in either kind of forest; what is no tree is refused by its row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from forests import Script, below, grown, visit

from treewright.mcts import PUCT, Forest, InvalidInput, ReferenceForest, Snapshot
from treewright.mcts.fields import EXHAUSTED, LINK, PROVEN, TERMINAL

OPTIONS: dict[str, Any] = {"transpositions": True, "solver": True, "discount": 0.9, "seed": 3}


def rows_in_place_of_nodes(shot: Snapshot) -> dict[str, list[Any]]:
    """A snapshot's columns, with rows for node ids: what two equal trees have in common."""
    row = {-1: -1} | {node: index for index, node in enumerate(shot.node.tolist())}
    columns = {name: getattr(shot, name) for name in shot._fields if name != "node"}
    for name in ("parent", "target"):
        columns[name] = np.array([row[node] for node in columns[name].tolist()])
    return {name: values.tobytes() for name, values in columns.items()}  # type: ignore[misc]


@pytest.mark.parametrize("source", [Forest, ReferenceForest], ids=["from native", "from reference"])
def test_a_tree_comes_back_as_it_was(kind: Any, source: Any) -> None:
    grower = Script(source(**OPTIONS), rewards=True, commuting=True)
    grower.run(60, 3)
    shot = grower.forest.snapshot(grower.tree)
    assert (shot.flags & LINK).any()
    assert (shot.flags & PROVEN).any()
    forest = kind(**OPTIONS)
    forest.new_trees(2)
    tree = forest.add_tree(shot)
    assert tree == 2
    assert rows_in_place_of_nodes(forest.snapshot(tree)) == rows_in_place_of_nodes(shot)


def test_a_search_goes_on_alike_in_the_copy(kind: Any) -> None:
    first, tree, children = grown(kind, [0.5, 0.3, 0.2], rule=PUCT(0.7))
    for number in range(30):
        leaf = first.select_batch([tree])
        first.expand_batch(leaf.ticket, [2], [0.6, 0.4])
        first.backup_batch(leaf.ticket, [number % 7 / 7])
    copy = kind(rule=PUCT(0.7))
    twin = copy.add_tree(first.snapshot(tree))
    for number in range(30):
        shots = []
        for forest, of in ((first, tree), (copy, twin)):
            leaf = forest.select_batch([of])
            forest.expand_batch(leaf.ticket, [2], [0.6, 0.4])
            forest.backup_batch(leaf.ticket, [number % 5 / 5])
            shots.append(rows_in_place_of_nodes(forest.snapshot(of)))
        assert shots[0] == shots[1]
    assert len(children) == 3


def sample() -> Snapshot:
    """Rows: root, a, b, x below a, a link to x below b."""
    forest, tree, (a, b) = grown(ReferenceForest, [0.5, 0.5], transpositions=True)
    (x,) = below(forest, a, 1, 0.5, hashes=[9])
    below(forest, b, 1, 0.5, hashes=[9])
    visit(forest, x, 0.5)
    shot: Snapshot = forest.snapshot(tree)
    assert shot.target.tolist() == [-1, -1, -1, -1, x]
    return shot


def changed(name: str, row: int, value: Any) -> Snapshot:
    shot = sample()
    column = getattr(shot, name).copy()
    column[row] = value
    return shot._replace(**{name: column})


FAULTS: list[tuple[str, int, Any, str]] = [
    ("node", 3, 0, "row 3 is node 0, like an earlier row"),
    ("parent", 0, 2, "row 0 has parent 2: expected the root alone, in row 0, has parent -1"),
    ("parent", 2, -1, "row 2 has parent -1: expected the root alone"),
    ("parent", 1, 3, "row 1 has parent 3: expected the node of an earlier row"),
    ("parent", 1, 77, "row 1 has parent 77: expected the node of an earlier row"),
    ("parent", 4, 0, "row 4 has parent 0: expected breadth first, siblings side by side"),
    ("depth", 0, 1, "row 0 has depth 1: expected 0 at the root"),
    ("depth", 3, 1, "row 3 has depth 1: expected more than its parent's, at most 65535"),
    ("depth", 3, 65_536, "row 3 has depth 65536"),
    ("visits", 2, -1, "row 2 has visits -1: expected an integer in"),
    ("in_flight", 1, 1, "row 1 has in_flight 1: expected 0"),
    ("q", 1, np.nan, "row 1 has q nan"),
    ("q", 1, np.inf, "row 1 has q inf"),
    ("prior", 2, -0.5, r"row 2 has prior -0.5: expected a number in \[0, 1e\+09\]"),
    ("reward", 2, 2e9, "row 2 has reward"),
    ("raw", 0, 1.5, r"row 0 has raw 1.5: expected a number in \[0, 1\], or NaN"),
    ("mean", 0, np.nan, "row 0 has mean nan: expected NaN where visits is 0"),
    ("max", 0, np.inf, "row 0 has max inf"),
    ("m2", 0, -1.0, "row 0 has m2 -1.0"),
    ("flags", 2, 64, "row 2 has flags 64: expected bits of 31 alone"),
    ("flags", 1, TERMINAL, "row 1 has flags 1: expected no children of a terminal node or a link"),
    ("flags", 3, PROVEN, "row 3 has flags 2: expected EXHAUSTED wherever PROVEN"),
    ("flags", 3, PROVEN | EXHAUSTED, "row 3 has flags 6: expected nothing PROVEN: this forest has no solver"),
    ("flags", 3, EXHAUSTED, "row 4 has flags 16: expected TERMINAL, PROVEN and EXHAUSTED of a link as of its target"),
    ("flags", 4, 0, "row 4 has target 3: expected a node at a link, -1 elsewhere"),
    ("target", 4, -1, "row 4 has target -1: expected a node at a link"),
    ("target", 4, 55, "row 4 has target 55: expected the node of a row"),
    ("target", 4, 1, "row 4 has target 1: expected no link, and deeper than the link's parent"),
    ("hash", 3, 8, "row 4 has hash 9: expected that of the link's target"),
]


@pytest.mark.parametrize(("name", "row", "value", "message"), FAULTS)
def test_what_is_no_tree_is_refused_by_its_row(kind: Any, name: str, row: int, value: Any, message: str) -> None:
    forest = kind(transpositions=True)
    shot = changed(name, row, value)
    with pytest.raises(InvalidInput, match=f"snapshot {message}"):
        forest.add_tree(shot)
    assert forest.trees_open == 0


def test_links_need_transpositions(kind: Any) -> None:
    with pytest.raises(InvalidInput, match="row 4 has flags 16: expected no LINK"):
        kind().add_tree(sample())


def test_other_things_are_no_snapshots(kind: Any) -> None:
    forest = kind()
    with pytest.raises(InvalidInput, match="snapshot is a dict: expected a Snapshot"):
        forest.add_tree({})
    with pytest.raises(InvalidInput, match="snapshot has no rows"):
        forest.add_tree(Snapshot._make(column[:0] for column in sample()))
    with pytest.raises(InvalidInput, match=r"snapshot\.q has length 4: expected 5"):
        forest.add_tree(sample()._replace(q=np.zeros(4, np.float32)))
