"""What a run keeps of the job that asked for it, and what can be had again from that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..domains.protocol import Task
from ..search import Course, JournalError, RunReader, anytime
from ..search.described import domain_name as name_given
from ..search.journal import FILE_NAME as JOURNAL
from ..search.registry import load
from .job import FILE_NAME, Job
from .suites import Suite, load_suite


def keep_job(directory: Path, job: Job) -> dict[str, Any]:
    """Writes a job into a run directory, made when absent, and gives it as plain data for the journal.

    Raises:
        JournalError: the directory cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / FILE_NAME).write_text(job.toml(), encoding="utf-8")
    except OSError as error:
        raise JournalError(f"{directory} cannot be written: {error}") from error
    return job.model_dump(mode="json", exclude_none=True)


def forget_job(directory: Path) -> None:
    """Takes a job out of the directory of a run that never began, and the directory with it."""
    if directory.exists() and not (directory / JOURNAL).exists():
        (directory / FILE_NAME).unlink(missing_ok=True)
        directory.rmdir()


def described_suite(suite: Suite) -> dict[str, Any]:
    """A suite as plain data, without its tasks."""
    return {
        "name": suite.name,
        "version": suite.version,
        "digest": suite.digest,
        "split": suite.split,
        "left_out": list(suite.left_out),
    }


def job_of(meta: Mapping[str, Any]) -> Job | None:
    """The job that a run was started by; None where it was started otherwise."""
    data = (meta.get("about") or {}).get("job")
    return None if data is None else Job.made(data, "the run's job")


def domain_name(meta: Mapping[str, Any]) -> str:
    """The name under which a run's domain is registered, also where it was made with options."""
    return str((meta.get("about") or {}).get("domain") or name_given(meta))


def domain_of(meta: Mapping[str, Any], **more: Any) -> Any:
    """A run's domain, made anew with the options that it had, and more.

    Raises:
        UnknownName: it is not installed.
    """
    given = (meta.get("about") or {}).get("domain_options", {})
    return load("domains", domain_name(meta))(**{**given, **more})


def courses_of(run: Path) -> list[Course]:
    """What each finished task of a run would have been answered at any smaller budget; see `treewright.search.anytime`.

    Raises:
        JournalError: no run there, or one without an order of outcomes.
    """
    reader = RunReader(run)
    return anytime(run, domain=domain_of(reader.meta()), tasks=tasks_of(reader))


def tasks_of(reader: RunReader) -> list[Task]:
    """A run's tasks with their hidden parts: from its journal, or loaded anew by its job where that cannot hold them.

    Raises:
        JournalError: neither has them, or the suite's tasks are no longer the run's.
    """
    try:
        return reader.given()
    except JournalError:
        job = job_of(reader.meta())
        if job is None:
            raise
    loaded = {task.id: task for task in load_suite(job.suite.name, job.choice).tasks}
    missing = [name for name in reader.task_ids() if name not in loaded]
    if missing:
        raise JournalError(f"{reader.directory}: suite {job.suite.name!r} has no task {missing[0]!r} any more")
    return [loaded[name] for name in reader.task_ids()]
