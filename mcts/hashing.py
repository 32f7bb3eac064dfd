"""Counter-based random numbers: equal (seed, tree, generation, descent, depth, child) draw equally anywhere."""

from __future__ import annotations

import math
from itertools import count

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
# In place of a descent's number: the key of what is drawn once a tree.
WHOLE_TREE = _MASK
_forests = count()


def splitmix64(x: int) -> int:
    """The splitmix64 finaliser of Steele, Lea & Flood 2014: 64 bits in, 64 well-mixed bits out."""
    z = (x + _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def descent_key(seed: int, tree: int, generation: int, descent: int) -> int:
    """The key of one descent: `descent` counts those of this tree since it was opened."""
    return splitmix64(splitmix64(splitmix64(seed) ^ (generation << 32 | tree)) ^ descent)


def tie_draws(key: int, depth: int, children: list[int]) -> list[int]:
    """A draw for each child index below a node at `depth`; of equal scores the highest draw wins."""
    level = splitmix64(key ^ depth)
    return [splitmix64(level ^ child) for child in children]


def uniform(bits: int) -> float:
    """64 random bits as a number strictly between 0 and 1, a multiple of 2^-53 and exact."""
    return ((bits >> 12) + 0.5) * 2.0**-52


class Draws:
    """The numbers that one key draws, one after the other: the j-th is uniform(splitmix64(key + j * golden ratio))."""

    def __init__(self, key: int) -> None:
        self._key = key

    def next(self) -> float:
        """Uniform in (0, 1)."""
        drawn = uniform(splitmix64(self._key))
        self._key = (self._key + _GOLDEN) & _MASK
        return drawn

    def normal(self) -> float:
        """Normal with mean 0 and variance 1 (Box & Muller 1958), from two numbers."""
        radius = math.sqrt(-2.0 * math.log(self.next()))
        return radius * math.cos(2.0 * math.pi * self.next())

    def gamma(self, shape: float) -> float:
        """Gamma with mean and variance `shape` > 0 (Marsaglia & Tsang 2000; below 1 by their boost)."""
        if shape < 1.0:
            larger = self.gamma(shape + 1.0)
            return larger * math.exp(math.log(self.next()) / shape)
        d = shape - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        while True:
            x = self.normal()
            v = 1.0 + c * x
            if v <= 0.0:
                continue
            v = v * v * v
            if math.log(self.next()) < 0.5 * x * x + d - d * v + d * math.log(v):
                return d * v


def new_salt() -> int:
    """Where the ticket generations of the next forest of this process begin: 31 bits, far apart between forests."""
    return splitmix64(next(_forests)) >> 33
