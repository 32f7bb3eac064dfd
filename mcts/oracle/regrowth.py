"""A snapshot becomes a tree again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..fields import COMPLETE, EXHAUSTED, PROVEN, TERMINAL
from ..snapshots import Rows
from .nodes import Node, Tree
from .transpositions import note_hash

NewNode = Callable[[Node | None, np.float32, np.float32, np.float32], Node]


def regrow(rows: Rows, generation: int, new_node: NewNode) -> Tree:
    """The tree of checked rows; `new_node(parent, prior, reward, q)` makes a node."""
    root = new_node(None, rows.prior[0], rows.reward[0], rows.q[0])
    tree = Tree(root, generation)
    nodes = [root]
    for row in range(1, len(rows.parent)):
        parent = nodes[rows.parent[row]]
        nodes.append(new_node(parent, rows.prior[row], rows.reward[row], rows.q[row]))
        parent.children.append(nodes[row])
    for row, node in enumerate(nodes):
        _restore(rows, row, node)
        tree.push(node)
        note_hash(tree, node, int(rows.hash[row]))
        if rows.target[row] >= 0:
            node.target = nodes[rows.target[row]]
            node.target.links.append(node)
            continue
        if node.hash:
            tree.standing.setdefault(node.hash, node)
        if node.visits > 0:
            tree.take_in(node.q)
    return tree


def _restore(rows: Rows, row: int, node: Node) -> None:
    node.depth = int(rows.depth[row])
    node.started = int(rows.visits[row])
    node.raw, node.mean, node.max, node.m2 = rows.raw[row], rows.mean[row], rows.max[row], rows.m2[row]
    flags = int(rows.flags[row])
    node.complete = bool(flags & COMPLETE)
    if rows.target[row] < 0:
        node.terminal, node.proven, node.exhausted = (bool(flags & bit) for bit in (TERMINAL, PROVEN, EXHAUSTED))
