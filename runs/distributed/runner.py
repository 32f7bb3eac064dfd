"""A run whose tasks are searched by several processes, on one machine or many, and end in one journal."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...domains.protocol import Task
from ...search import Budget, Concurrency, Journal, Recipe, RunReader, Status
from ...search.api import run_meta
from ...search.described import recipe_of
from ...search.journal.copying import Shards
from ...search.journal.merging import merged_meta
from ...search.parts import Parts
from ...search.watch import check_concurrency
from ...value_models.protocols import Policy, Ranker, ValueModel
from ..interrupt import pause_on_interrupt
from ..kept import tasks_of
from ..pending import FOLDER, pending, take_out
from ..progress import Progress
from ..results import write_results
from ..run import Summary, kept_with_run
from ..shards import split
from ..suites import Suite
from .job import Cluster, Job, Models


@dataclass(frozen=True, slots=True)
class RayRunner:
    """Runs suites on a Ray cluster; called as `treewright.runs.run_suite` is.

    Each worker is an actor with a forest of its own. It searches one shard of the suite after the other, each with a
    journal on its own machine, of which the run keeps a copy that is a second old at most. A finished shard goes into
    the run's journal. Where a worker or its node dies, its shard goes on elsewhere: from its own disk where that can be
    reached, else from the copy. With `deterministic`, each task's tree is that of a run in one process.

    Args:
        models: makes a worker's policy and value model where it runs.
        cluster: where the workers are.
    """

    models: Models
    cluster: Cluster

    async def __call__(
        self,
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
        """Runs one recipe over a suite.

        Args:
            policy, value: only looked at, to find out what the workers' models can do.
            concurrency: model requests that one worker has in flight at once.
            suite, recipe, budget, directory, seed, progress, deterministic, cache, about: as for `run_suite`.

        Raises:
            RunPaused: the run stopped before its end and can be resumed.
            SearchError: no cluster, or a search that failed for good.
        """
        from .on_ray import connected, node_count

        parts = Parts.load(suite.domain, policy, value, recipe)
        with connected(self.cluster):
            workers = self.cluster.workers or node_count()
            shards = [tasks for tasks in split(suite.tasks, workers * self.cluster.shards_a_worker) if tasks]
            concurrency = check_concurrency(concurrency, parts.policy, deterministic=deterministic)
            about = kept_with_run(suite, about)
            meta = run_meta(parts, budget, seed, concurrency, about, deterministic=deterministic)
            Journal(directory, merged_meta(meta, [len(tasks) for tasks in shards]), suite.tasks).close()
            job = Job(suite.domain, self.models, recipe, budget, seed, concurrency, deterministic, cache, about)
            return await self._work(directory, job, suite.tasks, progress)

    async def resume(
        self,
        directory: Path,
        *,
        tasks: Sequence[Task] | None = None,
        progress: Progress | None = None,
        cache: Path | None = None,
    ) -> Summary:
        """Goes on with a run that stopped before its end, wherever it was begun.

        Args:
            directory: the run directory.
            tasks: the run's tasks; needed only where their hidden part is no plain data.
            progress, cache: as for a new run.

        Raises:
            JournalError: no run is there.
            RunInUse: another process writes it.
            RunPaused, SearchError: as for a new run.
        """
        from .on_ray import connected

        reader = RunReader(directory)
        meta = reader.meta()
        budget = Budget.model_validate(meta["budget"])
        recipe, domain = recipe_of(meta["recipe"]), meta["names"].get("domain") or meta["domain"]
        job = Job(
            domain, self.models, recipe, budget, meta["seed"], meta["concurrency"], meta["deterministic"], cache,
            meta["about"],
        )  # fmt: skip
        with connected(self.cluster):
            return await self._work(directory, job, tasks_of(reader) if tasks is None else tasks, progress)

    async def _work(self, directory: Path, job: Job, tasks: Sequence[Task], progress: Progress | None) -> Summary:
        from .driver import ShardDriver, catch_up

        status, progress = Status(), progress or Progress.silent()
        known = {task.id: task for task in tasks}
        with (
            Shards(directory) as into,
            pause_on_interrupt(status, progress.say),
            progress.follow(job.recipe.name, status),
        ):
            left = pending(directory)
            for shard in left:
                take_out(directory, shard)
                await catch_up(shard)
            await ShardDriver(directory, into, known, job, self.cluster, status, progress.say).work(left)
        shutil.rmtree(directory / FOLDER, ignore_errors=True)
        reader = RunReader(directory)
        results = [replace(reader.result(task.id), task=task) for task in tasks]
        write_results(directory, results)
        return Summary(
            recipe=job.recipe.name,
            budget=job.budget,
            directory=directory,
            results=tuple(results),
            seconds=status.seconds,
            late=status.late,
            cached=status.cached,
        )
