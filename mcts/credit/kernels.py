"""Loops over rows, parents first; compiled by Numba at their first call, and kept on disk for the next process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
Floats = NDArray[np.float64]
Rows = NDArray[np.int32]


def compiled(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The function, compiled when it is first called: to import it does not import Numba."""

    @cache
    def native() -> Callable[Given, Answer]:
        import numba

        try:
            made: Callable[Given, Answer] = numba.njit(cache=True)(function)
        except RuntimeError:  # nowhere to write: neither beside this file nor in the user's cache
            made = numba.njit(function)
        return made

    @wraps(function)
    def call(*args: Given.args, **keywords: Given.kwargs) -> Answer:
        return native()(*args, **keywords)

    return call


@compiled
def add_upward(parent: Rows, total: Floats) -> None:
    """Makes each row's number the sum over the row and all below it."""
    for row in range(len(parent) - 1, -1, -1):
        if parent[row] >= 0:
            total[parent[row]] += total[row]


@compiled
def best_upward(parent: Rows, best: Floats, where: Rows) -> None:
    """Makes each row's number the highest of the row and all below it, and `where` the first row that has it.

    NaN is no number: there `where` must be -1 to begin with.
    """
    for row in range(len(parent) - 1, -1, -1):
        above = parent[row]
        if above < 0 or where[row] < 0:
            continue
        if where[above] < 0 or best[row] > best[above] or (best[row] == best[above] and where[row] < where[above]):
            best[above], where[above] = best[row], where[row]


@compiled
def add_downward(parent: Rows, total: Floats) -> None:
    """Makes each row's number the sum over the path from the root to the row."""
    for row in range(len(parent)):
        if parent[row] >= 0:
            total[row] += total[parent[row]]


@compiled
def group_moments(parent: Rows, number: Floats) -> tuple[Floats, Floats, Floats]:
    """How many numbers each row's children have, their mean, and the sum of squared deviations from it (Welford 1962).

    NaN is no number. Equal numbers have exactly themselves as their mean.
    """
    count, mean, m2 = np.zeros(len(parent)), np.zeros(len(parent)), np.zeros(len(parent))
    for row in range(len(parent)):
        above = parent[row]
        if above >= 0 and not np.isnan(number[row]):
            count[above] += 1
            ahead = number[row] - mean[above]
            mean[above] += ahead / count[above]
            m2[above] += ahead * (number[row] - mean[above])
    return count, mean, m2


@compiled
def add_to_parent(parent: Rows, number: Floats) -> Floats:
    """The sum of each row's children's numbers."""
    total = np.zeros(len(parent))
    for row in range(len(parent)):
        if parent[row] >= 0:
            total[parent[row]] += number[row]
    return total


@compiled
def highest_child(parent: Rows, number: Floats) -> Floats:
    """The highest of each row's children's numbers, 0 if it is lower or there are none."""
    highest = np.zeros(len(parent))
    for row in range(len(parent)):
        if parent[row] >= 0:
            highest[parent[row]] = max(highest[parent[row]], number[row])
    return highest
