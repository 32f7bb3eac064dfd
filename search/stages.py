"""Stages: a fixed schedule of operators over the nodes of a tree, levels and generations alike."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ..mcts import Forest
from .gates import Gate
from .live import Due, LiveTree
from .operators import Operator
from .picks import Pick, Root
from .selection import Leaf
from .shown import Source, bootstrap_interval


@dataclass(frozen=True, slots=True)
class Stage:
    """One operator over what a pick gives.

    Attributes:
        operator: makes the children.
        also: further operators over the same nodes, after it.
        on: picks the nodes to work on when the stage begins, and those that the operator is shown.
        times: requests a node, each with a draw of its own.
        tells: whether the operator is told the value of what it is shown, and the value model's words on it.
        when: the stage is passed over where this gate does not hold.
    """

    operator: Operator
    on: Pick = field(default_factory=Root)
    times: int = 1
    tells: bool = False
    when: Gate | None = None
    also: tuple[Operator, ...] = ()

    def __post_init__(self) -> None:
        if self.times < 1:
            raise ValueError(f"times is a number of requests and at least 1, not {self.times}")


@dataclass(frozen=True, slots=True)
class Stages:
    """Stage after stage; one begins when all that the one before made has been scored.

    Attributes:
        opening: worked through once.
        cycle: worked through `cycles` times after that.
        cycles: rounds of the cycle.
        until: ends the search, as "settled", before a round where it holds.
    """

    widens: ClassVar[bool] = True
    opening: tuple[Stage, ...]
    cycle: tuple[Stage, ...] = ()
    cycles: int = 0
    until: Gate | None = None

    def __post_init__(self) -> None:
        if self.cycles < 0:
            raise ValueError(f"cycles is a number of rounds and at least 0, not {self.cycles}")

    @property
    def count(self) -> int:
        """How many stages there are, all rounds counted."""
        return len(self.opening) + len(self.cycle) * self.cycles

    @property
    def operators(self) -> tuple[Operator, ...]:
        """All operators that a stage has."""
        return tuple(made for stage in (*self.opening, *self.cycle) for made in (stage.operator, *stage.also))

    def stage(self, number: int) -> Stage:
        """The stage of this number, from 0."""
        if number < len(self.opening):
            return self.opening[number]
        return self.cycle[(number - len(self.opening)) % len(self.cycle)]

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next piece of each tree's stage; none while the stage before is in work, or where all are done."""
        chosen = []
        for live in trees:
            if not live.due and live.idle:
                self._next_stage(live)
            if live.due:
                chosen.append((live, live.due.popleft()))
        nodes = np.array([live.forest_node[due.node] for live, due in chosen], np.int32)
        tickets = forest.reserve_batch(nodes).tolist()
        return [
            Leaf(live, due.node, ticket, due.operator, due.sources)
            for (live, due), ticket in zip(chosen, tickets, strict=True)
        ]

    def _begins_a_round(self, number: int) -> bool:
        return number >= len(self.opening) and (number - len(self.opening)) % len(self.cycle) == 0

    def _next_stage(self, live: LiveTree) -> None:
        """Fills the queue from the next stage that has anything to do."""
        while not live.due and live.stage < self.count:
            if self._begins_a_round(live.stage) and self.until is not None and self.until.holds(live.tree):
                live.stopped = "settled"
                return
            stage, rng = self.stage(live.stage), random.Random(live.seed + live.stage)
            since, live.since = live.since, len(live.tree.nodes)
            live.stage += 1
            if stage.when is not None and not stage.when.holds(live.tree):
                live.since = since
                continue
            for picked in stage.on.pick(live.tree, since, rng):
                sources = tuple(_source(live, node, tells=stage.tells) for node in picked.shown)
                for operator in (stage.operator, *stage.also):
                    if not picked.kinds or operator.kind in picked.kinds:
                        live.due.extend([Due(picked.node, operator, sources)] * stage.times)


def _source(live: LiveTree, node: int, *, tells: bool) -> Source:
    if not tells:
        return Source(node)
    shown = live.tree.nodes[node]
    tests = int(shown.measures.get("tests", 0))
    interval = bootstrap_interval(int(shown.measures["passed"]), tests) if tests else None
    return Source(node, shown.value, shown.feedback, tuple(shown.parts.items()), interval)
