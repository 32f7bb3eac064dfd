"""A job that is done once: a run of it that is finished is taken as it is, one that stopped goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..search import RunInUse, RunReader
from ..value_models.protocols import Policy, Ranker, ValueModel
from .job import Job
from .kept import forget_job, keep_job
from .progress import Progress
from .run import new_directory, resume_run, run_suite
from .store import Listed, listed, runs_in
from .suites import Suite


def run_of(root: Path, about: Mapping[str, Any], job: Job | None = None) -> Listed | None:
    """The latest run in a directory that keeps the same plain data, and was asked for by an equal job.

    Args:
        root: where run directories are made; it need not be there.
        about: what must be equal, such as which model answers; a run may keep more.
        job: of one run; None: whether there was a job does not matter.
    """
    wanted = dict(about) if job is None else {**about, "job": _plain(job)}
    for directory in reversed(list(runs_in(root)) if root.is_dir() else []):
        run = listed(directory)
        if run.state == "unreadable":
            continue
        kept = RunReader(directory).meta().get("about") or {}
        if all(kept.get(name) == value for name, value in wanted.items()):
            return run
    return None


async def run_once(
    job: Job,
    suite: Suite,
    *,
    policy: Policy | Ranker,
    value: ValueModel | None,
    root: Path,
    about: Mapping[str, Any],
    progress: Progress | None = None,
) -> Path:
    """Does what of a job is not done yet, and gives its run directory. Ctrl-C as in `run_suite`.

    Args:
        job: of one run: one recipe at one budget.
        suite: its tasks.
        policy, value, progress: as for `run_suite`.
        root: where the run is looked for, and made where it is not there.
        about: as for `run_of`; kept with a new run.

    Raises:
        ValueError: the job is of several runs.
        RunInUse: another process works on it.
        RunPaused: it stopped before its end; calling this again goes on with it.
    """
    recipes, budgets = job.search.made(), job.budget.budgets()
    cache = None if job.search.cache is None else Path(job.search.cache)
    if len(recipes) != 1 or len(budgets) != 1:
        raise ValueError(f"a job of {len(recipes)} recipes at {len(budgets)} budgets is no single run")
    known = run_of(root, about, job)
    if known is None:
        directory = new_directory(root, suite.name, recipes[0].name)
        kept = {**about, "job": keep_job(directory, job)}
        try:
            await run_suite(
                suite, recipes[0], budgets[0], policy=policy, value=value, directory=directory, seed=job.search.seed,
                concurrency=job.search.concurrency or "auto", deterministic=job.search.deterministic, cache=cache,
                progress=progress, about=kept,
            )  # fmt: skip
        except BaseException:
            forget_job(directory)
            raise
        return directory
    if known.state == "running":
        raise RunInUse(f"{known.directory} is being written by another process; wait for it, or stop it")
    if known.state == "stopped":
        await resume_run(
            known.directory, policy=policy, value=value, domain=suite.domain, progress=progress, cache=cache
        )
    return known.directory


def _plain(job: Job) -> dict[str, Any]:
    return job.model_dump(mode="json", exclude_none=True)
