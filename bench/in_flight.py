"""What waiting for answers costs: searches with many evaluations in flight against the search that waits for each.

Each of 600 latent-value trees (latent_trees.py; 150 at a time) is searched with 256 evaluations, up to 1, 8, 32 or 128
of them in flight. Leaves are selected as the engine does it: one descent at a time, and a tree whose descent ends on a
leaf that is out already waits for its next answer. The answers arrive one by one, a random one of those out. A search
agrees if its most visited root action is that of a search of 6,000 evaluations that waits for each. The rule is
PUCT with its default constant; nothing is fitted to the ways of counting a visit in flight that are compared.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from latent_trees import ACTIONS, LatentTrees
from marks import Mark
from numpy.typing import NDArray

from treewright.mcts import Forest
from treewright.mcts.settings import InFlight

TREES = 150
SETS = 4
EVALUATIONS = 256
REFERENCE = 6000
ROOMS = (1, 8, 32, 128)
METHODS: tuple[InFlight, ...] = ("wu_uct", "virtual_loss")


class Searches:
    """Searches of many trees side by side, each with up to `room` evaluations in flight."""

    def __init__(self, trees: range, informed: bool, method: InFlight, room: int) -> None:
        self.forest = Forest(in_flight=method)
        self.ids = self.forest.new_trees(len(trees))
        roots = np.array([self.forest.root(tree) for tree in self.ids], np.int32)
        self._latent = LatentTrees(roots, trees.start, informed)
        self._random = np.random.default_rng(room)
        # Those in flight of tree t are columns 0 ... out[t] - 1 of row t.
        self._tickets = np.empty((len(trees), room), np.int64)
        self._nodes = np.empty((len(trees), room), np.int32)
        self._depths = np.empty((len(trees), room), np.int32)
        self._out = np.zeros(len(trees), np.int64)
        self._started = np.zeros(len(trees), np.int64)
        self._rows = np.arange(len(trees))
        self.mean_out = 0.0

    def best_actions(self, evaluations: int) -> NDArray[np.int64]:
        """Searches with so many evaluations a tree; the most visited action of each root."""
        for _ in range(evaluations):
            self._send(evaluations)
            self.mean_out += float(self._out.mean()) / evaluations
            self._receive()
        return np.array([int(self.forest.root_stats(tree).visits.argmax()) for tree in self.ids])

    def _send(self, evaluations: int) -> None:
        """Selects leaves until each tree's room is full or its descent has met a leaf that is out."""
        going = np.ones(len(self._rows), np.bool_)
        while True:
            going &= (self._out < self._tickets.shape[1]) & (self._started < evaluations)
            if not going.any():
                return
            found = self.forest.select_batch(self.ids[going])
            row = np.searchsorted(self.ids, found.tree)
            place = (row, self._out[row])
            self._tickets[place], self._nodes[place], self._depths[place] = found.ticket, found.node, found.depth
            self._out[row] += 1
            self._started[row] += 1
            going &= np.isin(self._rows, row)

    def _receive(self) -> None:
        """One answer a tree."""
        place = (self._rows, (self._random.random(len(self._rows)) * self._out).astype(np.int64))
        ticket, node, depth = self._tickets[place], self._nodes[place], self._depths[place]
        self._out -= 1
        for column in (self._tickets, self._nodes, self._depths):
            column[place] = column[self._rows, self._out]
        counts = np.full(len(ticket), ACTIONS, np.int32)
        children = self.forest.expand_batch(ticket, counts, self._latent.priors(node).astype(np.float32).ravel())
        self._latent.add_children(node, depth, children)
        self.forest.backup_batch(ticket, self._latent.evaluate(node).astype(np.float32))


class Agreement(NamedTuple):
    """Share of the trees where a search agrees with the long one, and how many evaluations were out on average."""

    share: float
    out: float


def agreement(sets: int, reference: int, informed: bool) -> dict[tuple[InFlight, int], Agreement]:
    """Agreement by method and room."""
    hits = {(method, room): [0.0, 0.0] for method in METHODS for room in ROOMS}
    for index in range(sets):
        trees = range(TREES * index, TREES * (index + 1))
        wanted = Searches(trees, informed, "wu_uct", 1).best_actions(reference)
        for method, room in hits:
            searches = Searches(trees, informed, method, room)
            hits[method, room][0] += float(np.mean(searches.best_actions(EVALUATIONS) == wanted)) / sets
            hits[method, room][1] += searches.mean_out / sets
    return {key: Agreement(*sums) for key, sums in hits.items()}


def measure(quick: bool) -> list[Mark]:
    """Prints the table of agreement; the mark is that of WU-UCT with 32 in flight and equal priors."""
    sets, reference = (1, REFERENCE // 10) if quick else (SETS, REFERENCE)
    print(f"agreement with a search of {reference:,} evaluations: {sets * TREES} trees, {EVALUATIONS} evaluations each")
    print(
        f"{'priors':>10} {'room':>6} {'sequential':>12} "
        f"{'WU-UCT':>10} {'mean out':>10} {'virtual loss':>14} {'mean out':>10}"
    )
    equal, informed = (agreement(sets, reference, priors) for priors in (False, True))
    for name, found in (("equal", equal), ("informed", informed)):
        for room in ROOMS:
            ours, loss = found["wu_uct", room], found["virtual_loss", room]
            figures = f"{ours.share:>10.3f} {ours.out:>10.1f} {loss.share:>14.3f} {loss.out:>10.1f}"
            print(f"{name:>10} {room:>6} {found['wu_uct', 1].share:>12.3f} {figures}")
    return [Mark("agreement with the long search, WU-UCT, 32 in flight", 0.94, equal["wu_uct", 32].share)]
