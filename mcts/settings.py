"""How a forest searches: every setting, checked once for both implementations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from .errors import InvalidInput, LimitExceeded, unknown_choice
from .fields import MAX_MAGNITUDE, MAX_SLOTS
from .rules import PUCT, Rule

Backup = Literal["mean", "max"]
InFlight = Literal["wu_uct", "virtual_loss"]
Ties = Literal["lowest", "random"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a forest.

    Attributes:
        rule: the selection formula.
        backup: whether Q is the mean or the highest of the returns.
        in_flight: "wu_uct": a visit in flight counts in N alone (Liu et al. 2020). "virtual_loss": while it lasts
            it also counts in Q as a return of `value_range[0]`.
        discount: in [0, 1], multiplies the return once an edge.
        value_range: lowest and highest value that backup takes; rewards may carry Q outside it.
        skip_exhausted: whether descents avoid nodes below which everything has been visited.
        ties: which of equal scores wins: the lowest child index, or a draw from `seed`.
        seed: in [0, 2^64).
        capacity: slots to begin with, in [2, 2^31 - 2]; the arena doubles when it is full.

    Raises:
        InvalidInput: a setting out of its range.
        LimitExceeded: a capacity beyond 2^31 - 2 slots.
    """

    rule: Rule = field(default_factory=PUCT)
    backup: Backup = "mean"
    in_flight: InFlight = "wu_uct"
    discount: float = 1.0
    value_range: tuple[float, float] = (0.0, 1.0)
    skip_exhausted: bool = True
    ties: Ties = "lowest"
    seed: int = 0
    capacity: int = 1024

    def __post_init__(self) -> None:
        if not isinstance(self.rule, Rule):
            raise InvalidInput(f"rule is {self.rule!r}: expected UCT(c=...) or PUCT(c=...)")
        for name, choices in (("backup", Backup), ("in_flight", InFlight), ("ties", Ties)):
            if getattr(self, name) not in get_args(choices):
                raise unknown_choice(name, getattr(self, name), get_args(choices))
        if not 0.0 <= self.discount <= 1.0:
            raise InvalidInput(f"discount is {self.discount}: expected a number in [0, 1]")
        low, high = self.value_range
        if not (low >= -MAX_MAGNITUDE and high <= MAX_MAGNITUDE and np.float32(low) < np.float32(high)):
            raise InvalidInput(
                f"value_range is {self.value_range}: expected (low, high) with low < high in float32, neither beyond "
                f"{MAX_MAGNITUDE:g} in magnitude"
            )
        if not 0 <= self.seed < 2**64:
            raise InvalidInput(f"seed is {self.seed}: expected an integer in [0, 2^64)")
        if self.capacity < 2:
            raise InvalidInput(f"capacity is {self.capacity}: expected at least 2 slots")
        if self.capacity > MAX_SLOTS:
            raise LimitExceeded(f"capacity is {self.capacity}: a forest holds at most {MAX_SLOTS} slots")
