"""Runs: recipes over a suite, each at the same token budget, each in a directory of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..search import Budget, Concurrency, Recipe, Result, RunReader, Status, check_parts, resume, search
from ..value_models.protocols import Policy, Ranker, ValueModel
from .interrupt import pause_on_interrupt
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
        prefix_hit_rate: share of prompt tokens that the policy's server found in its prefix cache meanwhile; None where
            it does not say.
        late: requests and steps given up past a deadline.
        cached: model calls that the cache answered.
    """

    recipe: str
    budget: Budget
    directory: Path
    results: tuple[Result, ...]
    seconds: float
    prefix_hit_rate: float | None = None
    late: int = 0
    cached: int = 0

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
    concurrency: Concurrency = "auto",
    progress: Progress | None = None,
    deterministic: bool = False,
    cache: Path | None = None,
    about: Mapping[str, Any] | None = None,
) -> Summary:
    """Runs one recipe over a suite and writes its journal to `directory`.

    Ctrl-C finishes what is in flight and raises RunPaused, a second one drops it.

    Args:
        suite, recipe, budget, policy, value, seed, concurrency, deterministic, cache, about: as for `search`.
        directory: the run directory, a new one.
        progress: shows how far it is.
    """
    status = Status()
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
        deterministic=deterministic,
        cache=cache,
        about=about,
    )
    results = await _collect(stream, recipe.name, status, progress, [task.id for task in suite.tasks])
    return _summary(recipe.name, budget, directory, results, status)


async def resume_run(
    directory: Path,
    *,
    policy: Policy | Ranker | None = None,
    value: ValueModel | None = None,
    progress: Progress | None = None,
    cache: Path | None = None,
) -> Summary:
    """Goes on with a run that stopped before its end; see `treewright.search.resume`. Ctrl-C as in `run_suite`."""
    status, reader = Status(), RunReader(directory)
    meta = reader.meta()
    stream = resume(directory, policy=policy, value=value, status=status, cache=cache)
    name, order = meta["recipe"]["name"], [task.id for task in reader.given()]
    results = await _collect(stream, name, status, progress, order)
    return _summary(name, Budget.model_validate(meta["budget"]), directory, results, status)


def _summary(recipe: str, budget: Budget, directory: Path, results: tuple[Result, ...], status: Status) -> Summary:
    return Summary(
        recipe=recipe,
        budget=budget,
        directory=directory,
        results=results,
        seconds=status.seconds,
        prefix_hit_rate=status.prefix_hit_rate,
        late=status.late,
        cached=status.cached,
    )


async def _collect(
    stream: AsyncGenerator[Result], name: str, status: Status, progress: Progress | None, order: Sequence[str]
) -> tuple[Result, ...]:
    """All results of a search, in the order of the tasks given."""
    progress = progress or Progress.silent()
    with pause_on_interrupt(status, progress.say), progress.follow(name, status):
        async with aclosing(stream):
            results = {result.task.id: result async for result in stream}
    return tuple(results[task] for task in order)


async def compare(
    suite: Suite,
    recipes: Sequence[Recipe],
    expansions: Sequence[int],
    *,
    policy: Policy | Ranker,
    value: ValueModel | None,
    root: Path,
    seed: int = 0,
    concurrency: Concurrency = "auto",
    progress: Progress | None = None,
    deterministic: bool = False,
    cache: Path | None = None,
    about: Mapping[str, Any] | None = None,
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
                deterministic=deterministic,
                cache=cache,
                about=about,
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
