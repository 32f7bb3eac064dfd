"""Runs: recipes over a suite, each at the same token budget, each in a directory of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..domains.protocol import Domain, Task
from ..search import Budget, Concurrency, Recipe, Result, RunReader, Status, check_parts, resume, search
from ..value_models.protocols import Policy, Ranker, ValueModel
from .interrupt import pause_on_interrupt
from .job import Job
from .kept import described_suite, forget_job, keep_job, tasks_of
from .pending import take_in_all
from .progress import Progress
from .results import write_results
from .suites import Suite
from .surroundings import surroundings

SuiteRunner = Callable[..., Awaitable["Summary"]]  # called as `run_suite` is


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
    """Runs one recipe over a suite, and writes its journal and its table of results to `directory`.

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
        about=kept_with_run(suite, about),
    )
    results = await _collect(stream, recipe.name, status, progress, [task.id for task in suite.tasks])
    write_results(directory, results)
    return _summary(recipe.name, budget, directory, results, status)


def kept_with_run(suite: Suite, about: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a run's journal keeps beside its recipe: the given plain data, its suite, and what it ran on."""
    return {**(about or {}), "suite": described_suite(suite), "surroundings": surroundings()}


async def resume_run(
    directory: Path,
    *,
    policy: Policy | Ranker | None = None,
    value: ValueModel | None = None,
    domain: str | Domain | None = None,
    progress: Progress | None = None,
    cache: Path | None = None,
    tasks: Sequence[Task] | None = None,
) -> Summary:
    """Goes on with a run that stopped before its end; see `treewright.search.resume`. Ctrl-C as in `run_suite`.

    Tasks whose hidden part is no plain data are loaded anew, by the run's job, where `tasks` does not give them.
    """
    take_in_all(directory)
    status, reader = Status(), RunReader(directory)
    meta, tasks = reader.meta(), list(tasks) if tasks is not None else tasks_of(reader)
    stream = resume(directory, domain=domain, policy=policy, value=value, status=status, cache=cache, tasks=tasks)
    name, order = meta["recipe"]["name"], [task.id for task in tasks]
    results = await _collect(stream, name, status, progress, order)
    write_results(directory, results)
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
            results = {}
            async for result in stream:
                results[result.task.id] = result
                progress.finished(name, result)
    return tuple(results[task] for task in order)


async def compare(
    suite: Suite,
    recipes: Sequence[Recipe],
    budgets: Sequence[Budget],
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
    job: Job | None = None,
    runner: SuiteRunner | None = None,
) -> list[Summary]:
    """Runs several recipes over a suite at equal token budgets.

    Each of the budgets is the first recipe's, a task. Each further recipe may spend, on every task, as many policy
    tokens as the first one spent a task on average, so that both have the same number of tokens for the suite; other
    limits than on expansions and policy tokens hold for it too. Where the first spent none (a uniform prior), the
    others get the same budget.

    Args:
        suite, recipes, policy, value, seed, concurrency, progress, deterministic, cache: as for `run_suite`.
        budgets: a run of each recipe for each of them.
        root: where the run directories are made.
        about: plain data to be kept with each run.
        job: what each run was asked for; each keeps the part that repeats it alone.
        runner: runs each of them; `run_suite` by default.
    """
    for recipe in recipes:
        check_parts(recipe, policy, value)
    summaries = []
    for first in budgets:
        budget = first
        for position, recipe in enumerate(recipes):
            directory = new_directory(root, suite.name, f"{recipe.name}-{_limit(first)}")
            kept = dict(about or {})
            if job is not None:
                kept["job"] = keep_job(directory, job.of_run(recipe, budget))
            try:
                summary = await (runner or run_suite)(
                    suite,
                    recipe,
                    budget,
                    policy=policy,
                    value=value,
                    directory=directory,
                    seed=seed,
                    concurrency=concurrency,
                    progress=progress,
                    deterministic=deterministic,
                    cache=cache,
                    about=kept,
                )
            except BaseException:
                forget_job(directory)
                raise
            summaries.append(summary)
            if position == 0 and summary.policy_tokens > 0:
                mean = -(-summary.policy_tokens // len(summary.results))
                budget = first.model_copy(update={"expansions": None, "policy_tokens": mean})
    return summaries


def _limit(budget: Budget) -> str:
    """The budget's first limit, as a run directory's name has it."""
    limits = budget.model_dump(exclude_none=True, exclude={"prices"})
    return f"{next(iter(limits.values())):g}"


def new_directory(root: Path, suite: str, name: str) -> Path:
    """A run directory that does not exist yet: `root/<time>-<suite>-<name>`, with a number where that is taken."""
    stem = f"{datetime.now():%Y%m%d-%H%M%S}-{suite}-{name}"
    taken = 1
    directory = root / stem
    while directory.exists():
        taken += 1
        directory = root / f"{stem}-{taken}"
    return directory
