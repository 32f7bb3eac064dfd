"""Two runs over the same tasks, task by task: at what each spent, and at equal spending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..search import Course, RunReader, SearchError, Unit
from .curve import budget_for, solved_within, spent_within
from .kept import courses_of, tasks_of
from .statistics import Estimate, McNemar, mcnemar, paired_difference, wilson


class DifferentTasks(SearchError):
    """Two runs that are not over the same tasks."""


@dataclass(frozen=True, slots=True)
class Side:
    """One run at one budget.

    Attributes:
        budget: what a task may cost.
        spent: what all tasks cost together.
        accuracy: with its Wilson interval.
    """

    budget: float
    spent: float
    accuracy: Estimate


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared.

    Attributes:
        tasks: how many they have in common, finished in both.
        unit: what budgets are counted in.
        first, second: the runs.
        difference: the second's accuracy less the first's, with its paired bootstrap interval.
        test: McNemar's.
    """

    tasks: int
    unit: Unit
    first: Side
    second: Side
    difference: Estimate
    test: McNemar


def compare_runs(
    first: Path, second: Path, *, unit: Unit = "policy_tokens", shared: bool = False
) -> tuple[Comparison, Comparison]:
    """Two runs compared at what each spent in all, and at equal spending.

    At equal spending the run that spent more is cut: each of its tasks may cost so much that all together cost no more
    than the other run's; see `treewright.search.anytime` for what a run would have answered then.

    Args:
        first, second: run directories.
        unit: what spending is counted in.
        shared: compare over the tasks that both have, where they have different ones.

    Raises:
        DifferentTasks: they have different tasks; the message says which and what to do.
        JournalError: one of them cannot be read, or has no order of outcomes.
    """
    names = _in_both(RunReader(first), RunReader(second), shared=shared)
    courses = [_courses(run, names) for run in (first, second)]
    whole = [max((getattr(c.moments[-1].cost, unit) for c in side if c.moments), default=0.0) for side in courses]
    least = min(spent_within(side, budget, unit) for side, budget in zip(courses, whole, strict=True))
    equal = [budget_for(side, least, unit) for side in courses]
    return _compared(courses, whole, unit), _compared(courses, equal, unit)


def _compared(courses: Sequence[Sequence[Course]], budgets: Sequence[float], unit: Unit) -> Comparison:
    solved = [solved_within(side, budget, unit) for side, budget in zip(courses, budgets, strict=True)]
    one, other = (
        Side(budget, spent_within(side, budget, unit), wilson(sum(right), len(right)))
        for side, budget, right in zip(courses, budgets, solved, strict=True)
    )
    return Comparison(len(solved[0]), unit, one, other, paired_difference(*solved), mcnemar(*solved))


def _courses(run: Path, names: Sequence[str]) -> list[Course]:
    found = {course.task: course for course in courses_of(run)}
    return [found[name] for name in names]


def _in_both(first: RunReader, second: RunReader, *, shared: bool) -> list[str]:
    """Ids of the tasks that are finished in both runs, once it is clear that both were given the same ones."""
    one, other = ({task.id: task.text for task in tasks_of(reader)} for reader in (first, second))
    same = {name for name, text in one.items() if other.get(name) == text}
    if not shared and not (len(same) == len(one) == len(other)):
        raise DifferentTasks(
            f"{first.directory} and {second.directory} have different tasks: {_some(one.keys() - same)} in the first "
            f"alone, {_some(other.keys() - same)} in the second alone. Run both over the same (--tasks, or the "
            f"{len(same)} that they share: --shared compares over those)"
        )
    done = set(first.tasks()) & set(second.tasks())
    names = [name for name in one if name in same and name in done]
    if not names:
        raise DifferentTasks(f"{first.directory} and {second.directory} have no finished task in common")
    return names


def _some(names: set[str]) -> str:
    if not names:
        return "none"
    more = ", ..." if len(names) > 3 else ""
    return f"{len(names)} ({', '.join(sorted(names)[:3])}{more})"
