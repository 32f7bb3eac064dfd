"""A part of a report that is a table: what others than the report itself know of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..statistics import Estimate


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a heading.

    Attributes:
        title: the heading.
        head: names of the columns; the first one holds texts, the others numbers.
        rows: their cells.
        note: a sentence below.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


class Trusted(Protocol):
    """What a report says of one value model."""

    @property
    def model(self) -> str:
        """Its name."""
        ...

    @property
    def states(self) -> int:
        """How many states it scored whose outcome is known."""
        ...

    @property
    def auroc(self) -> Estimate:
        """The chance that a good state is valued above a bad one."""
        ...

    @property
    def calibration_error(self) -> Estimate:
        """The expected calibration error."""
        ...

    @property
    def siblings(self) -> Estimate | None:
        """The mean rank correlation among siblings; None where no family tells."""
        ...


class Said(Protocol):
    """What a report says of one part of a value model's scores."""

    @property
    def model(self) -> str:
        """The value model's name."""
        ...

    @property
    def part(self) -> str:
        """The part's name."""
        ...

    @property
    def states(self) -> int:
        """How many states have it."""
        ...

    @property
    def mean(self) -> float:
        """Over these states."""
        ...

    @property
    def answers(self) -> int:
        """How many of these states are the answer of their task."""
        ...

    @property
    def mean_of_answers(self) -> float:
        """Over those; NaN where there is none."""
        ...


def parts_section(said: Sequence[Said]) -> Section:
    """What value models said beside or below their values: a judge's flags, the metrics of a rubric."""
    rows = (
        (
            f"{one.model}: {one.part}",
            f"{one.states:,}",
            f"{one.mean:.2f}",
            f"{one.answers:,}",
            f"{one.mean_of_answers:.2f}" if one.answers else "–",
        )
        for one in said
    )
    return Section(
        "Parts of the scores",
        ("part", "states", "mean", "answers", "mean of the answers"),
        tuple(rows),
        "A flag's mean is the share of the states for which it was raised. Answers are states that a task ended with.",
    )


def trust_section(accounts: Sequence[Trusted]) -> Section:
    """How far a run's value models can be trusted."""
    rows = (
        (
            account.model,
            f"{account.states:,}",
            _told(account.auroc),
            _told(account.calibration_error),
            _told(account.siblings),
        )
        for account in accounts
    )
    return Section(
        "Trust of the value models",
        ("model", "states", "AUROC", "calibration error", "rank among siblings"),
        tuple(rows),
        "What each model said of a state beside whether a right answer was found below it; 95% intervals over tasks.",
    )


def _told(estimate: Estimate | None) -> str:
    return "–" if estimate is None or math.isnan(estimate.value) else f"{estimate:.2f}"
