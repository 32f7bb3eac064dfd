"""Random trees with a hidden quality: the tasks of in_flight.py.

Every node has ACTIONS children and a latent quality x. The root has x = 0.5; a child has x = x(parent) + SPREAD *
SMOOTHNESS^depth(parent) * e, e standard normal: deeper steps decide less, so that what is below a node resembles it. An
evaluation of the node answers

    value = clip(x + NOISE * e', 0, 1)
    prior of child i = softmax_i(e_i + e''_i), or 1 / ACTIONS

with fresh normal e' and e'': the value is a noisy view of the node's own quality; the prior knows as much about each
step as it errs ("informed"), or is that of a policy that gives no probabilities ("equal"). The constants are those of
several tried for which the search that waits for each answer agreed most with the long search, equal priors; the other
searches had no part in the choice. All draws are read off the hash of the path: a tree is the same in every search.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from table_evaluator import TableEvaluator, mixed

ACTIONS = 8
ROOT = 0.5
SPREAD = 0.25
SMOOTHNESS = 0.4
NOISE = 0.05


def normal(keys: NDArray[np.uint64], stream: int) -> NDArray[np.float64]:
    """A standard normal draw for each key (Box & Muller 1958), a different one in each stream."""
    bits = mixed(keys + mixed(np.array([stream], np.uint64)))
    radius = (bits >> np.uint64(32)) + 0.5
    angle = (bits & np.uint64(0xFFFFFFFF)) + 0.5
    draws: NDArray[np.float64] = np.sqrt(-2 * np.log(radius / 2**32)) * np.cos(2 * np.pi * angle / 2**32)
    return draws


class LatentTrees:
    """The trees from number `first` on, as far as they have been grown: hash and latent quality, by node id."""

    def __init__(self, roots: NDArray[np.int32], first: int, informed: bool) -> None:
        self._informed = informed
        self._paths = TableEvaluator(ACTIONS)
        self._keys = np.zeros(1, np.uint64)
        self._latent = np.zeros(1)
        self._put(roots, self._paths.root_keys(first + len(roots))[first:], np.full(len(roots), ROOT))

    def evaluate(self, nodes: NDArray[np.int32]) -> NDArray[np.float64]:
        """Values [M] of the nodes [M]."""
        return np.clip(self._latent[nodes] + NOISE * normal(self._keys[nodes], 1), 0, 1)

    def priors(self, nodes: NDArray[np.int32]) -> NDArray[np.float64]:
        """Priors [M, A] of the children of the nodes [M]."""
        if not self._informed:
            return np.full((len(nodes), ACTIONS), 1 / ACTIONS)
        keys = self._paths.child_keys(self._keys[nodes])
        weights = np.exp(normal(keys, 2) + normal(keys, 3))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def add_children(self, nodes: NDArray[np.int32], depths: NDArray[np.int32], children: NDArray[np.int32]) -> None:
        """Gives the children [M * A] of the nodes [M] at the given depths [M] their qualities."""
        keys = self._paths.child_keys(self._keys[nodes])
        steps = SPREAD * SMOOTHNESS ** depths[:, None] * normal(keys, 2)
        self._put(children, keys.ravel(), (self._latent[nodes][:, None] + steps).ravel())

    def _put(self, nodes: NDArray[np.int32], keys: NDArray[np.uint64], latent: NDArray[np.float64]) -> None:
        size = int(nodes.max()) + 1
        if size > len(self._keys):
            self._keys = np.resize(self._keys, 2 * size)
            self._latent = np.resize(self._latent, 2 * size)
        self._keys[nodes] = keys
        self._latent[nodes] = latent
