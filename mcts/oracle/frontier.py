"""Rules that choose among all nodes of a tree instead of descending."""

from __future__ import annotations

import numpy as np

from ..hashing import Draws, splitmix64
from ..rules import BestFirst, SoftmaxMix
from ..rules.posterior import NODE_STREAM
from .nodes import Node, Tree, breadth_first


def best_first(rule: BestFirst, tree: Tree) -> Node | None:
    """The node of the highest score that may get children; of equals the one that has waited longest."""
    candidates = [node for node in breadth_first(tree.root) if _may_be_expanded(rule, node)]
    return max(candidates, key=lambda node: (_score(rule, node), -node.push), default=None)


def drawn_from_tree(rule: SoftmaxMix, tree: Tree, key: int) -> Node | None:
    """A node that may get children, drawn by the mixed probabilities of their values."""
    candidates = [
        node for node in breadth_first(tree.root) if _is_open(node) and not node.terminal and not _is_awaited(node)
    ]
    if not candidates:
        return None
    draw = Draws(splitmix64(splitmix64(key) ^ NODE_STREAM)).next()
    return candidates[rule.drawn([float(_value(node)) for node in candidates], draw)]


def _may_be_expanded(rule: BestFirst, node: Node) -> bool:
    if not _is_open(node) or (node.terminal and node.visits > 0) or _is_awaited(node):
        return False
    return len(node.children) + node.held < rule.children


def _is_open(node: Node) -> bool:
    return node.target is None and not node.exhausted and not node.complete


def _is_awaited(node: Node) -> bool:
    return not node.children and node.held > 0


def _score(rule: BestFirst, node: Node) -> np.float32:
    siblings = [] if node.parent is None else node.parent.children
    expanded = sum(1 for sibling in siblings if sibling is not node and sibling.children)
    return rule.score(_value(node), node.depth, expanded, node.duplicates)


def _value(node: Node) -> np.float32:
    return node.q if np.isnan(node.raw) else node.raw
