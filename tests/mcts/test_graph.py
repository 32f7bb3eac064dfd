"""Snapshots as graphs and back: nothing is lost, and a graph that is no tree says where."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest
from searches import grow

from treewright.mcts import InvalidInput, Snapshot, from_networkx, to_networkx
from treewright.mcts.fields import LINK


def shot_of(kind: Any) -> Snapshot:
    """A tree with links, rewards, ends and visits in flight."""
    shot = grow(kind(transpositions=True, solver=True), 25)
    assert (shot.flags & LINK).any()
    return shot


def test_a_graph_has_all_columns_and_the_edges(kind: Any) -> None:
    shot = shot_of(kind)
    graph = to_networkx(shot)
    assert list(graph) == shot.node.tolist()
    for row, node in enumerate(shot.node.tolist()):
        for name, column in zip(Snapshot._fields, shot, strict=True):
            assert np.array_equal(column.dtype.type(graph.nodes[node][name]), column[row], equal_nan=True)
        if row:
            edge = graph.edges[int(shot.parent[row]), node]
            assert edge == {"prior": float(shot.prior[row]), "reward": float(shot.reward[row]), "link": False}
    links = [(a, b) for a, b, link in graph.edges(data="link") if link]
    assert links == list(zip(shot.node[shot.target >= 0].tolist(), shot.target[shot.target >= 0].tolist(), strict=True))
    assert graph.number_of_edges() == len(shot.node) - 1 + len(links)
    tree = nx.subgraph_view(graph, filter_edge=lambda a, b: not graph.edges[a, b]["link"])
    assert nx.is_arborescence(tree)


def test_the_way_back_is_exact(kind: Any) -> None:
    shot = shot_of(kind)
    graph = to_networkx(shot)
    # Also after a detour over text, and for whoever lists the nodes in another order.
    text = json.dumps(nx.node_link_data(graph, edges="edges"))
    detour = nx.node_link_graph(json.loads(text), edges="edges")
    turned = nx.DiGraph()
    turned.add_nodes_from(reversed(list(graph.nodes(data=True))))
    turned.add_edges_from(graph.edges(data=True))
    for each in (graph, detour, turned):
        back = from_networkx(each)
        for ours, theirs in zip(back, shot, strict=True):
            assert ours.dtype == theirs.dtype
            assert ours.tobytes() == theirs.tobytes()


def test_a_tree_comes_back_into_a_forest(kind: Any) -> None:
    shot = shot_of(kind)
    shot = shot._replace(in_flight=np.zeros_like(shot.in_flight))
    forest = kind(transpositions=True, solver=True)
    again = forest.snapshot(forest.add_tree(from_networkx(to_networkx(shot))))
    assert again.visits.tolist() == shot.visits.tolist()
    assert again.q.tobytes() == shot.q.tobytes()


def simple() -> nx.DiGraph:
    """7 -> 3, 5; 3 -> 4."""
    columns = dict.fromkeys(Snapshot._fields, 0) | {"raw": math.nan, "target": -1}
    graph = nx.DiGraph()
    for node, parent, depth in ((7, -1, 0), (3, 7, 1), (5, 7, 1), (4, 3, 2)):
        graph.add_node(node, **columns | {"node": node, "parent": parent, "depth": depth})
        if parent >= 0:
            graph.add_edge(parent, node)
    return graph


def test_a_graph_made_by_hand_is_read_breadth_first() -> None:
    shot = from_networkx(simple())
    assert shot.node.tolist() == [7, 3, 5, 4]
    assert shot.hash.dtype == np.uint64


def change(graph: nx.DiGraph, at: int, **columns: Any) -> None:
    graph.nodes[at].update(columns)


CASES: list[tuple[Callable[[nx.DiGraph], Any], str]] = [
    (lambda g: g.clear(), r"0 nodes without a parent, \[\]: expected one, the root"),
    (lambda g: g.remove_edge(7, 5), r"2 nodes without a parent, \[7, 5\]"),
    (lambda g: g.add_edge(5, 4), r"node 4 has the parents \[3, 5\]: expected one; links have link=True"),
    (lambda g: (g.remove_edge(7, 3), g.add_edge(4, 3)), "node 3 is not below the root 7: expected a tree"),
    (lambda g: g.nodes[5].pop("q"), "node 5 lacks 'q': expected the attributes node, parent, depth"),
    (lambda g: change(g, 4, parent=5), "node 4 has parent 5: its edges say 3"),
    (lambda g: change(g, 4, node=6), "node 4 has node 6: its edges say 4"),
    (lambda g: g.edges[3, 4].update(prior=0.5), "node 4 has prior 0.0: its edges say 0.5"),
    (lambda g: change(g, 5, flags=LINK), r"node 5 has the links \[\]: expected one where its flags have LINK"),
    (lambda g: g.add_edge(5, 4, link=True), r"node 5 has the links \[4\]: expected one where"),
    (lambda g: (change(g, 5, flags=LINK), g.add_edge(5, 4, link=True)), "node 5 has target -1: its edges say 4"),
    (lambda g: (change(g, 3, flags=LINK), g.add_edge(3, 5, link=True)), "node 3 is a link and has children"),
    (lambda g: change(g, 4, visits=2**40), r"node 4 has visits 1099511627776: expected a number that int32 holds"),
    (lambda g: change(g, 4, visits=1.5), r"node 4 has visits 1.5: expected a number that int32 holds"),
    (lambda g: change(g, 3, q="high"), r"node 3 has q 'high': expected a number that float32 holds"),
    (lambda g: change(g, 3, q=None), r"node 3 has q None: expected a number that float32 holds"),
]


@pytest.mark.parametrize(("spoil", "message"), CASES)
def test_a_graph_that_is_no_snapshot_names_the_node(spoil: Callable[[nx.DiGraph], Any], message: str) -> None:
    graph = simple()
    spoil(graph)
    with pytest.raises(InvalidInput, match=message):
        from_networkx(graph)
