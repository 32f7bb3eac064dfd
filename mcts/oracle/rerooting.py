"""A node becomes the root of its tree; what is not below it goes."""

from __future__ import annotations

import numpy as np

from .nodes import NAN, ZERO, Node, Ticket, Tree, breadth_first
from .transpositions import forget_hash


def make_root(tree: Tree, root: Node, tickets: list[Ticket]) -> list[Node]:
    """Makes `root` the root, given all tickets of the tree; returns the nodes that are no more.

    A kept link to a node that would go changes places with it. A ticket whose end is kept now charges the path from
    there to the new root, by those of its links that are kept; the others charge nothing.
    """
    everyone = list(breadth_first(tree.root))
    for ticket in tickets:
        ticket.charge(-1)
    kept = _kept(root)
    gone = [node for node in everyone if id(node) not in kept]
    for node in gone:
        if node.target is not None:
            node.target.links.remove(node)
        forget_hash(tree, node)
    depth = root.depth
    for node in kept.values():
        node.depth -= depth
    _shift(root, -root.reward)
    root.parent, root.prior, root.reward = None, np.float32(1), ZERO
    tree.root = root
    for ticket in tickets:
        if id(ticket.end) in kept:
            _way_back(ticket, kept)
            ticket.charge(1)
    return gone


def _kept(root: Node) -> dict[int, Node]:
    """What is below the new root, once links have changed places with targets that otherwise were not."""
    kept = {id(node): node for node in breadth_first(root)}
    waiting = [root]
    for node in waiting:
        for child in list(node.children):
            if child.target is None:
                waiting.append(child)
            elif id(child.target) not in kept:
                target = child.target
                _exchange(child, target)
                kept.pop(id(child))
                kept.update({id(below): below for below in breadth_first(target)})
                waiting.append(target)
    return kept


def _exchange(link: Node, target: Node) -> None:
    """A link and the node that it stands for change places, edges included."""
    assert link.parent is not None
    assert target.parent is not None
    _replace(link.parent, link, target)
    _replace(target.parent, target, link)
    link.parent, target.parent = target.parent, link.parent
    link.depth = target.depth
    _shift(target, link.reward - target.reward)
    link.prior, target.prior = target.prior, link.prior
    link.reward, target.reward = target.reward, link.reward
    link.started = link.in_flight = 0
    link.raw = link.mean = link.max = NAN
    link.m2 = ZERO
    if target.known:
        target.share_q()


def _replace(parent: Node, old: Node, new: Node) -> None:
    parent.children[next(i for i, child in enumerate(parent.children) if child is old)] = new


def _shift(node: Node, reward: np.float32) -> None:
    """The edge into a node pays more: so did all of its returns."""
    if node.known:
        node.q = node.q + reward
    if node.visits > 0:
        node.mean = node.mean + reward
        node.max = node.max + reward


def _way_back(ticket: Ticket, kept: dict[int, Node]) -> None:
    """Forgets the links of a ticket by which it no longer comes."""
    ticket.links = [link for link in ticket.links if id(link) in kept]
    path = {id(node) for node in ticket.path()}
    ticket.links = [link for link in ticket.links if id(link) in path]
