"""State hashes, and links between children that are the same state."""

from __future__ import annotations

from .nodes import Node, Tree


def note_hash(tree: Tree, node: Node, hash_: int) -> None:
    """Gives a new node its state hash; 0 is none."""
    node.hash = hash_
    if hash_:
        node.duplicates = tree.nodes_with.get(hash_, 0)
        tree.nodes_with[hash_] = node.duplicates + 1


def forget_hash(tree: Tree, node: Node) -> None:
    """Takes a node that is given back out of the count, and of what stands for states."""
    if not node.hash:
        return
    tree.nodes_with[node.hash] -= 1
    if tree.standing.get(node.hash) is node:
        del tree.standing[node.hash]


def join(tree: Tree, node: Node) -> None:
    """Makes a new child a link if its state is known further down than its parent; else it may stand for the state."""
    assert node.parent is not None
    if not node.hash:
        return
    target = tree.standing.setdefault(node.hash, node)
    if target is node or target.depth <= node.parent.depth:
        return
    node.target = target
    node.terminal = False
    target.links.append(node)
    if target.known:
        node.q = node.reward + (target.q - target.reward)
