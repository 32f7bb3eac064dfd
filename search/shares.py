"""A population that goes through a tree level by level, its members shared out among the states of a level."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from ..mcts import Forest
from .live import LiveTree
from .selection import Leaf, reserved
from .tree import ROOT

EDGE = 1e-9  # how near to 0 and 1 a value is taken before its logit


@dataclass(frozen=True, slots=True)
class Balanced:
    """Each level's states get draws by the softmax of their values (REBASE, Wu et al. 2024, its code).

    With b draws left and the states from the highest value down, state i gets ceil(b e_i / sum of e_j over j >= i) of
    them, e_i = exp(v_i / temperature), which is taken from b before the next one. Every proposal is a state of its own
    here: one that was drawn twice counts twice. Every end takes one from the `width` draws of all further levels.

    Attributes:
        width: draws a level.
        temperature: above 0.
    """

    widens: ClassVar[bool] = False
    width: int = 16
    temperature: float = 0.1

    def __post_init__(self) -> None:
        _check(self.width, self.temperature)

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next state of each tree's level; none while the level is unfinished."""
        return _selected(forest, trees, self._level)

    def _level(self, live: LiveTree) -> list[int]:
        nodes = live.tree.nodes
        if live.level == 0:
            return [ROOT] * self.width
        level = [node for node in nodes if node.depth == live.level for _ in range(node.multiplicity)]
        left = self.width - sum(node.multiplicity for node in nodes if node.ended)
        able = sorted((n for n in level if not n.ended and n.failure is None), key=lambda n: (-n.worth, n.id))
        shares = zip(able, self.draws([node.worth for node in able], left), strict=True)
        return [node.id for node, count in shares for _ in range(count)]

    def draws(self, values: Sequence[float], left: int) -> list[int]:
        """How many of `left` draws each of the values gets, given from the highest down."""
        weights = [math.exp((value - values[0]) / self.temperature) for value in values]
        given = []
        for i, weight in enumerate(weights):
            count = max(0, math.ceil(left * weight / math.fsum(weights[i:]) - EDGE))
            given.append(count)
            left -= count
        return given


@dataclass(frozen=True, slots=True)
class Resampled:
    """Particles, each one step further a level, drawn anew by their values in between (Puri et al. 2025, its code).

    `width` particles are drawn with replacement, by the softmax of logit(v) / temperature; those that came to an end
    are drawn like the others, and stay. Each of the rest makes one step.

    Attributes:
        width: particles.
        temperature: above 0.
        ends: whether particles that came to an end are drawn again; else they stay apart, and only the others are.
    """

    widens: ClassVar[bool] = False
    width: int = 4
    temperature: float = 1.0
    ends: bool = True

    def __post_init__(self) -> None:
        _check(self.width, self.temperature)

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The next state of each tree's level; none while the level is unfinished."""
        return _selected(forest, trees, self._level)

    def _level(self, live: LiveTree) -> list[int]:
        nodes = live.tree.nodes
        if live.level == 0:
            live.places = [ROOT] * self.width
            return live.places
        rng = random.Random(live.seed + live.level)
        moved = [nodes[place] for place in self._moved(live)]
        apart = [] if self.ends else [node for node in moved if node.ended]
        drawn_from = [node for node in moved if self.ends or not node.ended]
        if not drawn_from or all(node.ended for node in moved):
            return []
        logits = [math.log(v) - math.log1p(-v) for v in (min(max(n.worth, EDGE), 1 - EDGE) for n in drawn_from)]
        weights = [math.exp((logit - max(logits)) / self.temperature) for logit in logits]
        drawn = rng.choices(drawn_from, weights, k=self.width - len(apart))
        live.places = [node.id for node in (*apart, *drawn)]
        return [node.id for node in drawn if not node.ended]

    def _moved(self, live: LiveTree) -> list[int]:
        """Where each particle is after its step; one whose proposal was dropped is lost."""
        nodes = live.tree.nodes
        drawn = {place: [child for child in nodes[place].children for _ in range(nodes[child].multiplicity)]
                 for place in set(live.places)}  # fmt: skip
        taken: Counter[int] = Counter()
        moved = []
        for place in live.places:
            if nodes[place].ended:
                moved.append(place)
            elif taken[place] < len(drawn[place]):
                moved.append(drawn[place][taken[place]])
                taken[place] += 1
        return moved


def _selected(forest: Forest, trees: Sequence[LiveTree], level: Callable[[LiveTree], list[int]]) -> list[Leaf]:
    """The next state of each tree's level, with all of its draws at once."""
    chosen: list[tuple[LiveTree, int]] = []
    counts: list[int] = []
    for live in trees:
        if live.idle and (live.level == 0 or not live.frontier):
            live.frontier = level(live)
            live.level += 1
        if live.frontier:
            node = live.frontier[0]
            counts.append(live.frontier.count(node))
            live.frontier = [other for other in live.frontier if other != node]
            chosen.append((live, node))
    leaves = reserved(forest, chosen)
    return [replace(leaf, n=count) for leaf, count in zip(leaves, counts, strict=True)]


def _check(width: int, temperature: float) -> None:
    if width < 1:
        raise ValueError(f"width is a number of draws and at least 1, not {width}")
    if temperature <= 0:
        raise ValueError(f"temperature is above 0, not {temperature}")
