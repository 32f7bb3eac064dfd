"""What a report says, before it is written: tasks, figures, and the trees worth a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domains.protocol import DomainError
from ...search import Result, RunReader, SearchError, Unit
from ..accounts import Account, accounts
from ..curve import BudgetPoint, accuracy_curve
from ..failures import error_class
from ..kept import courses_of
from ..statistics import Estimate, wilson

SHOWN = 2  # trees of a kind
LOOKED_THROUGH = 200  # trees with failed nodes that are read for their errors


@dataclass(frozen=True, slots=True)
class ShownTree:
    """A tree to be drawn, and why this one."""

    why: str
    result: Result


@dataclass(frozen=True, slots=True)
class Contents:
    """What is known of a run.

    Attributes:
        name, meta: of the run.
        rows: its tasks, as `RunReader.overview` has them.
        solved: share of the tasks that were graded; None where none was.
        curve: accuracy against budget in `unit`; `curve_missing` says why there is none.
        costs: by operator and model; the last one is their sum.
        errors: how many nodes failed by the class of their error.
        trees: the best and the worst.
    """

    name: str
    meta: dict[str, Any]
    rows: list[dict[str, Any]]
    solved: Estimate | None
    unit: Unit
    curve: list[BudgetPoint]
    curve_missing: str
    costs: list[Account]
    errors: Counter[str]
    trees: list[ShownTree]

    @property
    def finished(self) -> list[dict[str, Any]]:
        """The tasks that have finished."""
        return [row for row in self.rows if row["stopped"] is not None]


def gather(run: Path | str, unit: Unit | None = None, *, curve: bool = True) -> Contents:
    """Reads a run, finished or not.

    Args:
        run: its directory.
        unit: of the budget that accuracy is plotted against; by default that of the run's own first limit.
        curve: whether to work out accuracy against budget: the search is repeated from its journal, and answers that
            the run did not give are graded.

    Raises:
        JournalError: no run is there.
    """
    reader = RunReader(run)
    meta, rows = reader.meta(), reader.overview()
    graded = [row for row in rows if row["correct"] is not None]
    unit = unit or _unit(meta)
    points, missing = _curve(run, unit) if curve else ([], f"treewright report {run} works it out")
    return Contents(
        name=Path(run).resolve().name,
        meta=meta,
        rows=rows,
        solved=wilson(sum(bool(row["correct"]) for row in graded), len(graded)) if graded else None,
        unit=unit,
        curve=points,
        curve_missing=missing,
        costs=[*accounts(reader, ("operator", "model")), *accounts(reader, ())],
        errors=_errors(reader, rows),
        trees=[ShownTree(why, reader.result(row["id"])) for why, row in _worth_a_look(rows)],
    )


def _curve(run: Path | str, unit: Unit) -> tuple[list[BudgetPoint], str]:
    """Accuracy against budget, or none and why."""
    try:
        courses = courses_of(Path(run))
    except (SearchError, DomainError) as error:  # the rest of the report needs no second run of the search
        return [], str(error)
    return (accuracy_curve(courses, unit), "") if courses else ([], "no task has finished yet")


def _unit(meta: dict[str, Any]) -> Unit:
    limits = meta.get("budget") or {}
    units: tuple[Unit, ...] = ("expansions", "policy_tokens", "value_tokens", "calls", "seconds", "dollars")
    return next((unit for unit in units if limits.get(unit) is not None), "expansions")


def _worth_a_look(rows: Sequence[dict[str, Any]]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Solved with the least work; wrong although the search thought most of its answer; no answer for all the work."""
    finished = [row for row in rows if row["stopped"] is not None]

    def work(row: dict[str, Any]) -> int:
        return int(row["cost"].expansions)

    best = sorted((row for row in finished if row["correct"] == 1), key=work)
    worst = sorted((row for row in finished if row["correct"] == 0 and row["answer"] is not None), key=_doubt)
    none = sorted((row for row in finished if row["answer"] is None), key=work, reverse=True)
    yield from (("Best: solved with the least work", row) for row in best[:SHOWN])
    yield from (("Worst: wrong, and most sure of it", row) for row in worst[:SHOWN])
    yield from (("Worst: no answer after the most work", row) for row in none[: SHOWN - min(SHOWN, len(worst))])


def _doubt(row: dict[str, Any]) -> float:
    return -float(row["value"])


def _errors(reader: RunReader, rows: Sequence[dict[str, Any]]) -> Counter[str]:
    failed = [row["id"] for row in rows if row["failures"] and row["stopped"] is not None]
    found: Counter[str] = Counter()
    for task in failed[:LOOKED_THROUGH]:
        found.update(error_class(failure) for _, failure in reader.result(task).failures)
    return found
