"""A worker of a distributed run, in this process: what it reports, and how its shard goes on elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adding import Adding
from ray_workers import answered, logged

from treewright.domains.math import game24_tasks
from treewright.runs.distributed import Models
from treewright.runs.distributed.job import Job
from treewright.runs.distributed.worker import Report, ShardWorker
from treewright.search import Budget, JournalError, RunReader, mcts
from treewright.search.journal.shipping import Position, Replica

TASKS = list(game24_tasks(4, 0))


def worker(folder: Path, models: Models, **more: Any) -> ShardWorker:
    job = Job(
        **{
            "domain": "game24", "models": models, "recipe": mcts(leaves=4), "budget": Budget(expansions=12), "seed": 0,
            "concurrency": 4, "deterministic": True, "cache": None, "about": {}, **more,
        }
    )  # fmt: skip
    return ShardWorker(job, 0, 1, folder / "scratch")


async def until_ended(worker: ShardWorker, replica: Replica) -> Report:
    """Ships the worker's journal until its search has ended; the last report."""
    while True:
        report = await worker.report(replica.position)
        replica.apply(report.news)
        if report.ended:
            return report


async def test_a_shard_is_shipped_as_it_is_searched(tmp_path: Path) -> None:
    replica, made = Replica(tmp_path / "copy"), worker(tmp_path, logged(tmp_path / "log"))
    directory = Path(await made.start("one", TASKS, None))
    report = await until_ended(made, replica)
    assert (report.done, report.paused, report.failed) == (4, None, None)
    assert report.policy_tokens == sum(RunReader(replica.directory).result(t.id).cost.policy_tokens for t in TASKS)
    assert RunReader(replica.directory).tasks() == RunReader(directory).tasks()
    await made.forget()
    with pytest.raises(JournalError):
        RunReader(directory)


async def test_a_paused_shard_goes_on_with_another_worker(tmp_path: Path) -> None:
    whole = Replica(tmp_path / "whole")
    alone = worker(tmp_path, logged(tmp_path / "alone"))
    await alone.start("whole", TASKS, None)
    await until_ended(alone, whole)
    replica, first = Replica(tmp_path / "copy"), worker(tmp_path, logged(tmp_path / "log", latency=0.02))
    await first.start("first", TASKS, None)
    await first.pause()
    report = await until_ended(first, replica)
    assert report.interrupted
    assert report.paused == "interrupted; what was in flight is finished"
    second = worker(tmp_path, logged(tmp_path / "log"))
    await second.start("second", TASKS, replica.content())
    assert (await until_ended(second, replica)).done == 4
    for task in TASKS:
        mine, theirs = (RunReader(run.directory).result(task.id).tree.render() for run in (replica, whole))
        assert mine == theirs
    assert answered(tmp_path / "log") == answered(tmp_path / "alone")


async def test_an_error_is_told_as_text(tmp_path: Path) -> None:
    refused = worker(tmp_path, logged(tmp_path / "log"), budget=Budget(seconds=1.0))
    await refused.start("one", TASKS, None)
    report = await refused.report(Position())
    assert report.ended
    assert report.failed == "a deterministic search cannot stop by the clock; leave seconds out of its budget"

    class Broken(Adding):
        def reset(self, task: object) -> Any:
            raise ZeroDivisionError("no room")

    broken = worker(tmp_path, logged(tmp_path / "log"), domain=Broken())
    await broken.start("two", TASKS, None)
    report = await broken.report(Position())
    assert report.failed is not None
    assert "ZeroDivisionError: no room" in report.failed.splitlines()[-1]


async def test_a_report_is_asked_of_a_shard_only(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="start a shard"):
        await worker(tmp_path, logged(tmp_path / "log")).report(Position())
