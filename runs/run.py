"""Runs: recipes over a suite, each at the same token budget, each in a directory of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..search import Budget, Recipe, Result, Status, check_parts, search
from ..value_models.protocols import Policy, Ranker, ValueModel
from .progress import Progress
from .suites import Suite


@dataclass(frozen=True, slots=True)
class Summary:
    """One finished run.

    Attributes:
        recipe, budget: what was run.
        directory: its run directory.
        results: one a task, in the suite's order.
        seconds: wall-clock time of the whole run.
    """

    recipe: str
    budget: Budget
    directory: Path
    results: tuple[Result, ...]
    seconds: float

    @property
    def solved(self) -> int:
        """Tasks whose answer passed the hidden checks."""
        return sum(result.solved for result in self.results)

    @property
    def policy_tokens(self) -> int:
        """Policy tokens over all tasks."""
        return sum(result.cost.policy_tokens for result in self.results)

    @property
    def value_tokens(self) -> int:
        """Value tokens over all tasks."""
        return sum(result.cost.value_tokens for result in self.results)

    @property
    def failures(self) -> int:
        """Nodes that failed, over all tasks."""
        return sum(len(result.failures) for result in self.results)


async def run_suite(
    suite: Suite,
    recipe: Recipe,
    budget: Budget,
    *,
    policy: Policy | Ranker,
    value: ValueModel | None,
    directory: Path,
    seed: int = 0,
    concurrency: int = 32,
    progress: Progress | None = None,
) -> Summary:
    """Runs one recipe over a suite and writes its journal to `directory`."""
    status = Status()
    order = {task.id: position for position, task in enumerate(suite.tasks)}
    stream = search(
        suite.tasks,
        domain=suite.domain,
        policy=policy,
        value=value,
        recipe=recipe,
        budget=budget,
        seed=seed,
        concurrency=concurrency,
        run=directory,
        status=status,
    )
    with (progress or Progress.silent()).follow(recipe.name, status):
        async with aclosing(stream):
            results = [result async for result in stream]
    results.sort(key=lambda result: order[result.task.id])
    return Summary(recipe.name, budget, directory, tuple(results), status.seconds)


async def compare(
    suite: Suite,
    recipes: Sequence[Recipe],
    expansions: Sequence[int],
    *,
    policy: Policy | Ranker,
    value: ValueModel | None,
    root: Path,
    seed: int = 0,
    concurrency: int = 32,
    progress: Progress | None = None,
) -> list[Summary]:
    """Runs several recipes over a suite at equal token budgets.

    For each number in `expansions`, the first recipe may expand that many nodes a task. Each further recipe may spend,
    on every task, as many policy tokens as the first one spent a task on average, so that both have the same number of
    tokens for the suite. Where the first spent none (a uniform prior), the others get the same number of expansions.
    """
    for recipe in recipes:
        check_parts(recipe, policy, value)
    summaries = []
    for limit in expansions:
        budget = Budget(expansions=limit)
        for position, recipe in enumerate(recipes):
            summary = await run_suite(
                suite,
                recipe,
                budget,
                policy=policy,
                value=value,
                directory=new_directory(root, suite.name, f"{recipe.name}-{limit}"),
                seed=seed,
                concurrency=concurrency,
                progress=progress,
            )
            summaries.append(summary)
            if position == 0 and summary.policy_tokens > 0:
                budget = Budget(policy_tokens=-(-summary.policy_tokens // len(summary.results)))
    return summaries


def new_directory(root: Path, suite: str, name: str) -> Path:
    """A run directory that does not exist yet: `root/<time>-<suite>-<name>`, with a number where that is taken."""
    stem = f"{datetime.now():%Y%m%d-%H%M%S}-{suite}-{name}"
    taken = 1
    directory = root / stem
    while directory.exists():
        taken += 1
        directory = root / f"{stem}-{taken}"
    return directory
