"""Marks: what was asked for, what was measured, and whether the one meets the other."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A figure that a part of the bench is to reach.

    Attributes:
        what: the quantity, with its unit.
        bound: the figure asked for.
        figure: the figure measured, or None if it could not be.
        at_most: whether the bound is an upper one.
        why: of a figure that could not be measured.
    """

    what: str
    bound: float
    figure: float | None
    at_most: bool = False
    why: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of the bound."""
        if self.figure is None or math.isnan(self.figure):
            return False
        return self.figure <= self.bound if self.at_most else self.figure >= self.bound

    def row(self) -> str:
        """One line of the table."""
        asked = f"{'at most' if self.at_most else 'at least'} {number(self.bound)}"
        if self.figure is None:
            return f"{self.what:<72} {asked:>20} {'-':>12}  not measured: {self.why}"
        return f"{self.what:<72} {asked:>20} {number(self.figure):>12}  {'met' if self.met else 'NOT MET'}"


def number(figure: float) -> str:
    """Four digits or thousands."""
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.4g}"


def print_marks(marks: list[Mark]) -> None:
    """The table of marks."""
    print(f"\n{'mark':<72} {'asked':>20} {'measured':>12}")
    for mark in marks:
        print(mark.row())
