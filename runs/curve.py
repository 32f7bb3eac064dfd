"""Accuracy against budget, for every budget below a run's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..search import Course, Unit
from .statistics import Estimate, wilson


@dataclass(frozen=True, slots=True)
class BudgetPoint:
    """How many tasks are solved when each may cost at most `budget`, as a share with its Wilson interval."""

    budget: float
    accuracy: Estimate


def accuracy_within(courses: Sequence[Course], budget: float, unit: Unit) -> BudgetPoint:
    """The accuracy at one budget a task: a task's answer is that of its last turn at a cost of at most `budget`; a task
    whose first turn cost more has none, and is not solved.
    """
    return BudgetPoint(budget, wilson(sum(solved_within(courses, budget, unit)), len(courses)))


def accuracy_curve(courses: Sequence[Course], unit: Unit) -> list[BudgetPoint]:
    """The accuracy at every budget a task, as a step function: each point holds from its budget to the next one's.

    The first point is at 0, the last one where the costliest task ended; between them there is one wherever an answer
    turned right or wrong.
    """
    changes: defaultdict[float, int] = defaultdict(int)
    changes[0.0] = changes[max(_ends(courses, unit), default=0.0)] = 0
    for course in courses:
        solved = False
        for moment in course.moments:
            if moment.solved != solved:
                solved = moment.solved
                changes[getattr(moment.cost, unit)] += 1 if solved else -1
    points, right = [], 0
    for budget in sorted(changes):
        right += changes[budget]
        points.append(BudgetPoint(budget, wilson(right, len(courses))))
    return points


def solved_within(courses: Iterable[Course], budget: float, unit: Unit) -> list[bool]:
    """For each task whether its answer within the budget is right."""
    moments = [course.within(budget, unit) for course in courses]
    return [moment is not None and moment.solved for moment in moments]


def spent_within(courses: Iterable[Course], budget: float, unit: Unit) -> float:
    """What all tasks cost together when each may cost at most `budget`."""
    moments = (course.within(budget, unit) for course in courses)
    return float(sum(getattr(moment.cost, unit) for moment in moments if moment is not None))


def budget_for(courses: Sequence[Course], total: float, unit: Unit) -> float:
    """The largest budget a task within which all tasks together cost at most `total`; 0 where even that is too much.

    Where `total` is as much as they did cost, it is the cost of the costliest task.
    """
    levels = sorted({float(getattr(moment.cost, unit)) for course in courses for moment in course.moments})
    low, high = 0, len(levels)
    while low < high:
        middle = (low + high) // 2
        if spent_within(courses, levels[middle], unit) <= total:
            low = middle + 1
        else:
            high = middle
    return levels[low - 1] if low else 0.0


def _ends(courses: Iterable[Course], unit: Unit) -> Iterable[float]:
    return (float(getattr(course.moments[-1].cost, unit)) for course in courses if course.moments)
