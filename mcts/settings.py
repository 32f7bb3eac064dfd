"""How a forest searches: every setting, checked once for both implementations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypedDict, get_args

import numpy as np

from .backups import Backup, PowerMean
from .errors import InvalidInput, LimitExceeded, unknown_choice
from .fields import MAX_MAGNITUDE, MAX_SLOTS, MAX_THREADS
from .rules import PUCT, BestFirst, Rule, Thompson
from .widening import Widening

InFlight = Literal["wu_uct", "virtual_loss"]
Ties = Literal["lowest", "random"]


class Options(TypedDict, total=False):
    """What a forest may be given beside its rule: the other fields of `Settings`."""

    backup: Backup
    in_flight: InFlight
    discount: float
    value_range: tuple[float, float]
    skip_exhausted: bool
    ties: Ties
    seed: int
    capacity: int
    widening: Widening | None
    solver: bool
    normalise: bool
    transpositions: bool
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a forest.

    Attributes:
        rule: how descents choose.
        backup: whether Q is the mean of the returns, the highest of them, or a power mean of what lies below.
        in_flight: "wu_uct": a visit in flight counts in N alone (Liu et al. 2020). "virtual_loss": while it lasts
            it also counts in Q as a return of `value_range[0]`.
        discount: in [0, 1], multiplies the return once an edge.
        value_range: lowest and highest value that backup takes; rewards may carry Q outside it.
        skip_exhausted: whether descents avoid nodes below which everything has been visited.
        ties: which of equal scores wins: the lowest child index, or a draw from `seed`.
        seed: in [0, 2^64).
        capacity: slots to begin with, in [2, 2^31 - 8]; the arena doubles when it is full.
        widening: when a descent ends at a node that has children, for more of them; None: never.
        solver: whether values that are known for certain are proved upward (MCTS-Solver: Winands et al. 2008). A
            terminal node that was visited is proven, and so is a node with a proven child of the highest value or all
            of whose children are proven; its Q is then its best proven child's.
        normalise: whether rules are shown Q as its place in the range of all Q of the tree so far, in [0, 1]
            (MuZero: Schrittwieser et al. 2020); 0.5 while that range is empty.
        transpositions: whether a new child whose state hash is known becomes a link to the node that has it.
        threads: that share the trees of a call, in [1, 256]; no result depends on them.

    Raises:
        InvalidInput: a setting out of its range, or settings that contradict each other.
        LimitExceeded: a capacity beyond 2^31 - 8 slots.
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
    widening: Widening | None = None
    solver: bool = False
    normalise: bool = False
    transpositions: bool = False
    threads: int = 1

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_numbers()
        for refused, reason in self._contradictions():
            if refused:
                raise InvalidInput(reason)

    @property
    def widens(self) -> bool:
        """Whether nodes with children may get more in the course of a search: all of them done is not all there is."""
        return self.widening is not None or self.rule.widens

    @property
    def hashes(self) -> bool:
        """Whether state hashes are kept."""
        return self.transpositions or isinstance(self.rule, BestFirst)

    def _check_choices(self) -> None:
        if not isinstance(self.rule, Rule):
            raise InvalidInput(f"rule is {self.rule!r}: expected a rule, such as UCT(c=1.4) or PUCT(c=1.25)")
        if not isinstance(self.backup, PowerMean) and self.backup not in ("mean", "max"):
            raise unknown_choice("backup", self.backup, ("mean", "max", "PowerMean(p)"))
        for name, choices in (("in_flight", InFlight), ("ties", Ties)):
            if getattr(self, name) not in get_args(choices):
                raise unknown_choice(name, getattr(self, name), get_args(choices))
        if not isinstance(self.widening, Widening | None):
            raise InvalidInput(f"widening is {self.widening!r}: expected Widening(c, a) or None")

    def _check_numbers(self) -> None:
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
        if not 1 <= self.threads <= MAX_THREADS:
            raise InvalidInput(f"threads is {self.threads}: expected an integer in [1, {MAX_THREADS}]")

    def _contradictions(self) -> list[tuple[bool, str]]:
        rule = type(self.rule).__name__
        return [
            (
                self.solver and not self.skip_exhausted,
                "solver=True needs skip_exhausted=True: proven nodes are not visited again",
            ),
            (
                isinstance(self.backup, PowerMean) and self.transpositions,
                "backup=PowerMean does not go with transpositions: a parent's Q would miss what its children learn "
                "through other parents",
            ),
            (
                self.normalise and isinstance(self.rule, Thompson),
                f"normalise=True does not go with {rule}: it works on returns as they are, within value_range",
            ),
            (
                self.widening is not None and self.rule.widens | isinstance(self.rule, BestFirst),
                f"widening does not go with {rule}: it decides itself where children are added",
            ),
            (
                self.ties == "random" and isinstance(self.rule, BestFirst),
                "ties='random' does not go with BestFirst: of equal scores the one that has waited longest wins",
            ),
        ]
