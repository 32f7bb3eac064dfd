"""A tree of the oracle: linked nodes with their statistics, and ids that are reused last in, first out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .fields import EXHAUSTED, TERMINAL

_NAN = np.float32(np.nan)


@dataclass(slots=True)
class Node:
    id: int
    tree: int
    parent: Node | None
    depth: int
    prior: np.float32
    q: np.float32
    reward: np.float32
    terminal: bool = False
    exhausted: bool = False
    pending: bool = False
    started: int = 0
    in_flight: int = 0
    raw: np.float32 = _NAN
    mean: np.float32 = _NAN
    max: np.float32 = _NAN
    m2: np.float32 = field(default_factory=lambda: np.float32(0))
    children: list[Node] = field(default_factory=list)

    @property
    def visits(self) -> int:
        return self.started - self.in_flight

    @property
    def flags(self) -> int:
        return TERMINAL * self.terminal + EXHAUSTED * self.exhausted

    def record(self, ret: np.float32) -> None:
        """Adds a return to the statistics (Welford 1962); the visit has just been counted as completed."""
        if self.visits == 1:
            self.mean = self.max = ret
            return
        delta = ret - self.mean
        self.mean = self.mean + delta / np.float32(self.visits)
        self.m2 = self.m2 + delta * (ret - self.mean)
        self.max = max(self.max, ret)

    def path(self) -> Iterator[Node]:
        """This node, its parent, ..., the root."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent


@dataclass(slots=True)
class Tree:
    root: Node
    generation: int
    descents: int = 0


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
    level = [root]
    while level:
        yield from level
        level = [child for node in level for child in node.children]
