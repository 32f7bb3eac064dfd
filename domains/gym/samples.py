"""States of the search: one episode, or several samples of a stochastic one, that took the same actions."""

from __future__ import annotations

from dataclasses import dataclass

from .restoring import Point
from .specification import Specification


@dataclass(frozen=True, slots=True)
class Sample:
    """One episode at a state.

    Attributes:
        point: where it is.
        total: its return so far.
        ended, solved: whether it is over, and whether at its goal.
        place: a hash of all that its future depends on, where that is known.
    """

    point: Point
    total: float
    ended: bool
    solved: bool
    place: str | None


@dataclass(frozen=True, slots=True)
class Situation:
    """A state: what the same actions led to in each sample.

    Attributes:
        actions: the texts of the actions so far.
        samples: one of a deterministic environment; episodes with other random numbers of a stochastic one.
        screen: what the first sample that goes on shows.
        legal: the actions that it offers; empty where they are free text.
        visited: places that the path has been through, this one included.
    """

    specification: Specification
    actions: tuple[str, ...]
    samples: tuple[Sample, ...]
    screen: str
    legal: tuple[str, ...]
    visited: frozenset[str] = frozenset()

    @property
    def ended(self) -> bool:
        """Whether every sample is over."""
        return all(sample.ended for sample in self.samples)
