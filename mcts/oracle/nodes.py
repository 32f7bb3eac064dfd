"""Trees of the oracle: linked nodes with their statistics, tickets with the way that they charge, and ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ..fields import COMPLETE, EXHAUSTED, LINK, PROVEN, TERMINAL

NAN = np.float32(np.nan)
ZERO = np.float32(0)


@dataclass(slots=True, eq=False)
class Node:
    """A node, or with a `target` a link: an edge of its own into a node that has another parent."""

    id: int
    tree: int
    parent: Node | None
    depth: int
    prior: np.float32
    q: np.float32
    reward: np.float32
    terminal: bool = False
    proven: bool = False
    exhausted: bool = False
    complete: bool = False
    target: Node | None = None
    links: list[Node] = field(default_factory=list)  # to this node, in the order of their making
    hash: int = 0
    duplicates: int = 0  # nodes of the tree that had the same hash when it was made
    push: int = 0  # when it was made, or a ticket on it was last consumed
    held: int = 0  # tickets out on this very node
    started: int = 0
    in_flight: int = 0
    raw: np.float32 = NAN
    mean: np.float32 = NAN
    max: np.float32 = NAN
    m2: np.float32 = ZERO
    children: list[Node] = field(default_factory=list)

    @property
    def real(self) -> Node:
        """The node itself, or what a link stands for: it has the flags and the children."""
        return self.target or self

    @property
    def visits(self) -> int:
        return self.started - self.in_flight

    @property
    def known(self) -> bool:
        """Whether Q comes from returns or a proof, and not from an urgency."""
        return self.visits > 0 or self.proven

    @property
    def flags(self) -> int:
        real = self.real
        shared = TERMINAL * real.terminal | PROVEN * real.proven | EXHAUSTED * real.exhausted
        return shared | COMPLETE * self.complete | LINK * (self.target is not None)

    def parents(self) -> list[Node]:
        """The nodes that this one is a child of, by itself or by a link; its own parent first."""
        above = [] if self.parent is None else [self.parent]
        return above + [link.parent for link in self.links if link.parent is not None]

    def share_q(self) -> None:
        """Shows a changed Q at all links: with their reward in place of this node's."""
        for link in self.links:
            link.q = link.reward + (self.q - self.reward)


@dataclass(slots=True)
class Tree:
    root: Node
    generation: int
    descents: int = 0
    pushes: int = 0
    standing: dict[int, Node] = field(default_factory=dict)  # by state hash: the node that stands for the state
    nodes_with: dict[int, int] = field(default_factory=dict)  # by state hash: how many nodes have it
    lowest: np.float32 = field(default_factory=lambda: np.float32(np.inf))  # Q of any node so far
    highest: np.float32 = field(default_factory=lambda: np.float32(-np.inf))

    def push(self, node: Node) -> None:
        """Puts a node behind all others."""
        node.push = self.pushes
        self.pushes += 1

    def take_in(self, q: np.float32) -> None:
        """Widens the range of Q."""
        self.lowest = min(self.lowest, q)
        self.highest = max(self.highest, q)


@dataclass(slots=True)
class Ticket:
    """A visit: the node where it ends, and the links that it came by."""

    end: Node
    links: list[Node] = field(default_factory=list)

    def path(self) -> Iterator[Node]:
        """The end, the node above it or the link that led to it, ..., the root."""
        came_by = {id(link.target): link for link in self.links}
        node: Node | None = self.end
        while node is not None:
            yield node
            link = came_by.get(id(node))
            if link is not None:
                yield link
                node = link
            node = node.parent

    def charge(self, visits: int) -> None:
        """Adds visits in flight along the path; negative ones give them back."""
        for node in self.path():
            node.started += visits
            node.in_flight += visits


class Ids:
    """Hands out 0, 1, 2, ...; an id given back is handed out next (last in, first out)."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._next = 0

    def take(self) -> int:
        if self._free:
            return self._free.pop()
        self._next += 1
        return self._next - 1

    def give_back(self, id_: int) -> None:
        self._free.append(id_)


def breadth_first(root: Node) -> Iterator[Node]:
    """A tree's nodes level by level, siblings in child order; what links stand for comes where it is a child itself."""
    level = [root]
    while level:
        yield from level
        level = [child for node in level for child in node.children]
