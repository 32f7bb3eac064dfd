"""Snapshots as networkx graphs, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import column
from .errors import InvalidInput
from .family import Family
from .fields import LINK
from .records import Snapshot
from .snapshots import SCALARS

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(snapshot: Snapshot) -> nx.DiGraph:
    """The tree as a directed graph: a node of the graph is a node id, its attributes are all columns of the snapshot.

    Edges lead from parents to children, in child order, with the child's `prior` and `reward` and link=False; and from
    links to the nodes that they stand for, with link=True. Numbers are Python's.

    Raises:
        InvalidInput: a parent or a target that is the node of no row.
    """
    import networkx as nx  # here, not above: a search needs no graphs

    Family(snapshot)  # an edge to a node that no row has would make one
    graph = nx.DiGraph()
    for values in zip(*(numbers.tolist() for numbers in snapshot), strict=True):
        row = dict(zip(Snapshot._fields, values, strict=True))
        graph.add_node(row["node"], **row)
        if row["parent"] >= 0:
            graph.add_edge(row["parent"], row["node"], prior=row["prior"], reward=row["reward"], link=False)
    for node, target in zip(snapshot.node.tolist(), snapshot.target.tolist(), strict=True):
        if target >= 0:
            graph.add_edge(node, target, link=True)
    return graph


def from_networkx(graph: nx.DiGraph) -> Snapshot:
    """The snapshot that `to_networkx` made the graph of, or would have: breadth first, children in the order of edges.

    Raises:
        InvalidInput: no tree: no root or several, a node with two parents or that no path from the root reaches, a link
            without a target or with children; or a node that lacks a column, or whose columns disagree with its edges.
            Names the node.
    """
    roots = [node for node in graph if not _parents(graph, node)]
    if len(roots) != 1:
        raise InvalidInput(f"the graph has {len(roots)} nodes without a parent, {roots[:3]}: expected one, the root")
    order, found = [roots[0]], {roots[0]}
    for node in order:  # it grows on the way
        for child in _children(graph, node):
            parents = _parents(graph, child)
            if len(parents) > 1:
                raise InvalidInput(f"node {child} has the parents {parents[:3]}: expected one; links have link=True")
            order.append(child)
            found.add(child)
    if len(order) < len(graph):
        lost = next(node for node in graph if node not in found)
        raise InvalidInput(f"node {lost} is not below the root {roots[0]}: expected a tree")
    columns = {name: _column(graph, name, order) for name in Snapshot._fields}
    for row, node in enumerate(order):
        _check_edges(graph, node, {name: numbers[row] for name, numbers in columns.items()})
    return Snapshot(**columns)


def _parents(graph: nx.DiGraph, node: Any) -> list[Any]:
    return [parent for parent, _, link in graph.in_edges(node, data="link") if not link]


def _children(graph: nx.DiGraph, node: Any) -> list[Any]:
    return [child for _, child, link in graph.out_edges(node, data="link") if not link]


def _column(graph: nx.DiGraph, name: str, nodes: list[Any]) -> Any:
    wanted = np.dtype(SCALARS[name])
    for node in nodes:
        if name not in graph.nodes[node]:
            raise InvalidInput(f"node {node} lacks {name!r}: expected the attributes {', '.join(Snapshot._fields)}")
    values = [graph.nodes[node][name] for node in nodes]
    try:
        return column(name, values, wanted.type)
    except InvalidInput:
        for node, value in zip(nodes, values, strict=True):
            if not _fits(value, wanted):
                raise InvalidInput(f"node {node} has {name} {value!r}: expected a number that {wanted} holds") from None
        raise


def _fits(value: Any, wanted: np.dtype[Any]) -> bool:
    try:
        column("value", [value], wanted.type)
    except InvalidInput:
        return False
    return True


def _check_edges(graph: nx.DiGraph, node: Any, row: dict[str, Any]) -> None:
    """Refuses a node whose columns are not what its edges say."""
    parents = _parents(graph, node)
    targets = [target for _, target, link in graph.out_edges(node, data="link") if link]
    if len(targets) != bool(row["flags"] & LINK):
        raise InvalidInput(
            f"node {node} has the links {targets}: expected one where its flags have LINK, none elsewhere"
        )
    if targets and _children(graph, node):
        raise InvalidInput(f"node {node} is a link and has children: expected them at its target {targets[0]}")
    said = {"node": node, "parent": parents[0] if parents else -1, "target": targets[0] if targets else -1}
    if parents:
        edge = graph.edges[parents[0], node]
        said |= {name: edge[name] for name in ("prior", "reward") if name in edge}
    for name, value in said.items():
        if row[name] != value:
            raise InvalidInput(f"node {node} has {name} {row[name]}: its edges say {value}")
