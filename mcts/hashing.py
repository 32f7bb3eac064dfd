"""Counter-based random numbers: equal (seed, tree, generation, descent, depth, child) draw equally anywhere."""

from __future__ import annotations

from itertools import count

_MASK = (1 << 64) - 1
_forests = count()


def splitmix64(x: int) -> int:
    """The splitmix64 finaliser of Steele, Lea & Flood 2014: 64 bits in, 64 well-mixed bits out."""
    z = (x + 0x9E3779B97F4A7C15) & _MASK
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


def new_salt() -> int:
    """Where the ticket generations of the next forest of this process begin: 31 bits, far apart between forests."""
    return splitmix64(next(_forests)) >> 33
