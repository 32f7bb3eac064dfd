"""What every selection rule has, and how its numbers are checked."""

from __future__ import annotations

import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidInput, unknown_choice

if TYPE_CHECKING:
    from .view import NodeView


class Rule(ABC):
    """A way to choose where the next visit goes: a frozen dataclass of constants.

    Attributes:
        KIND: the rule's name in the native core.
        CHOICES: the words that each field of words may hold, in the order in which the native core counts them.
    """

    __slots__ = ()

    KIND: ClassVar[str]
    CHOICES: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @property
    def widens(self) -> bool:
        """Whether the rule itself asks for more children of a node that has some."""
        return False

    def constants(self) -> tuple[float, ...]:
        """The fields in their order as numbers: a word as its place among the choices, None as NaN."""
        return tuple(self._constant(field.name) for field in fields(self))  # type: ignore[arg-type]

    def _constant(self, name: str) -> float:
        value: Any = getattr(self, name)
        if value is None:
            return math.nan
        if name in self.CHOICES:
            return float(self.CHOICES[name].index(value))
        return float(value)

    def _check_choices(self) -> None:
        for name, choices in self.CHOICES.items():
            if getattr(self, name) not in choices:
                raise unknown_choice(f"{name} of {type(self).__name__}", getattr(self, name), choices)

    def _check_number(self, name: str, low: float, high: float) -> None:
        number: Any = getattr(self, name)
        if not (isinstance(number, Real) and low <= float(number) <= high):
            raise InvalidInput(f"{type(self).__name__}({name}={number}): expected a number in [{low:g}, {high:g}]")

    def _check_integer(self, name: str, low: int, high: int) -> None:
        number: Any = getattr(self, name)
        try:
            inside = low <= operator.index(number) <= high
        except TypeError:
            inside = False
        if not inside:
            raise InvalidInput(f"{type(self).__name__}({name}={number}): expected an integer in [{low}, {high}]")


class ScoredRule(Rule):
    """A rule that goes from the root down, at each node to the child of the highest score."""

    __slots__ = ()

    def candidates(self, view: NodeView) -> NDArray[np.bool_]:
        """Which of the k eligible children may be chosen now, bool [k], at least one."""
        return np.ones(len(view.index), np.bool_)

    @abstractmethod
    def scores(self, view: NodeView) -> NDArray[np.float32]:
        """Scores of the k eligible children of a node, float32 [k]; at least one child is eligible."""
