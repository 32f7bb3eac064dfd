"""Sweeps: a recipe's constants tried by replay, with confidence intervals and accuracy against budget."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..search import Budget, Replay, Replayed, make_recipe
from .statistics import ROUNDS, Estimate, bootstrap

Constants = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, to draw from: log-uniformly where both are positive, else uniformly."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"a range goes from a lower to a higher number, not from {self.low} to {self.high}")

    def draw(self, rng: np.random.Generator) -> float:
        """One number."""
        if self.low > 0:
            return float(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True, slots=True)
class Point:
    """One setting at one budget.

    Attributes:
        expansions: the budget a task.
        accuracy: share of the tasks solved, with its 95% bootstrap interval over tasks.
        policy_tokens, value_tokens: over all tasks, as the run's server counted them.
        miss_rate: share of the requests that the journal could not answer.
    """

    expansions: int
    accuracy: Estimate
    policy_tokens: int
    value_tokens: int
    miss_rate: float


@dataclass(frozen=True, slots=True)
class Setting:
    """One choice of constants, and how it does at each budget."""

    constants: dict[str, Any]
    curve: tuple[Point, ...]


def grid(constants: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of the values given; one empty choice where none are."""
    return [dict(zip(constants, values, strict=True)) for values in itertools.product(*constants.values())]


def at_random(constants: Mapping[str, Sequence[Any] | Range], count: int, seed: int = 0) -> list[dict[str, Any]]:
    """So many random choices: from a range, or one of the values given."""
    rng = np.random.default_rng(seed)

    def draw(values: Sequence[Any] | Range) -> Any:
        return values.draw(rng) if isinstance(values, Range) else values[int(rng.integers(len(values)))]

    return [{name: draw(values) for name, values in constants.items()} for _ in range(count)]


def sweep(
    replay: Replay, recipe: str, settings: Sequence[Constants], expansions: Sequence[int], *, rounds: int = ROUNDS
) -> Iterator[Setting]:
    """Replays the run with each choice of constants at each budget.

    A search cut at a budget is a search with that budget, so each point is a replayed search of its own.

    Args:
        replay: the run.
        recipe: a registered recipe.
        settings: its constants.
        expansions: budgets a task.
        rounds: of the bootstrap.

    Raises:
        UnknownName: no such recipe or constant.
        SearchError: a constant's value is not valid.
    """
    recipes = [make_recipe(recipe, **constants) for constants in settings]
    for constants, made in zip(settings, recipes, strict=True):
        curve = (point(replay.search(made, Budget(expansions=limit)), rounds) for limit in expansions)
        yield Setting(dict(constants), tuple(curve))


def point(replayed: Replayed, rounds: int = ROUNDS) -> Point:
    """One replayed search as a point of a curve."""
    solved = [result.solved for result in replayed.results]
    accuracy = bootstrap(solved, rounds=rounds)
    assert replayed.budget.expansions is not None
    return Point(
        expansions=replayed.budget.expansions,
        accuracy=accuracy,
        policy_tokens=sum(result.cost.policy_tokens for result in replayed.results),
        value_tokens=sum(result.cost.value_tokens for result in replayed.results),
        miss_rate=replayed.miss_rate,
    )
