"""Hands shards to workers, keeps copies of their journals, and takes finished shards into the run's journal."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from ...domains.protocol import Task
from ...search import Interrupted, RunPaused, SearchError, Status
from ...search.journal.copying import Shards
from ..pending import Pending, take_in
from . import on_ray
from .job import Cluster, Job
from .on_ray import Hired
from .worker import Report

LONG = 30.0  # seconds until a worker that is not there yet is spoken of
MOST_LOSSES = 3  # workers that one shard may lose before the run pauses: it may be the shard that kills them


@dataclass(slots=True)
class ShardDriver:
    """Works off the shards of one run.

    Each worker has one shard at a time. Once a second it tells what is new in its journal, which is written to a copy
    in the run; when the shard is finished, the copy goes into the run's journal. A worker that is lost is replaced, and
    its shard goes on elsewhere from the copy, brought up to date from the lost worker's disk where that can be reached.

    Attributes:
        run: the run directory.
        into: its journal.
        tasks: the run's tasks, by id.
        job, cluster: what the workers do, and where.
        status: kept up to date.
        say: shows a line to the user.
    """

    run: Path
    into: Shards
    tasks: Mapping[str, Task]
    job: Job
    cluster: Cluster
    status: Status
    say: Callable[[str], None]
    _waiting: deque[Pending] = field(default_factory=deque)
    _left: int = 0
    _before: int = 0  # tasks that were finished before
    _at_work: dict[int, Hired] = field(default_factory=dict)
    _reports: dict[int, Report] = field(default_factory=dict)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _taking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stopped: RunPaused | None = None
    _asking: asyncio.Task[None] | None = None

    async def work(self, shards: Sequence[Pending]) -> None:
        """Returns when all shards are in the run's journal.

        Raises:
            RunPaused: the run was interrupted, a model server stayed away, or a shard lost too many workers.
            SearchError: a search failed for good.
        """
        self._waiting.extend(shards)
        self._left = len(shards)
        self._before = len(self.tasks) - sum(len(shard.tasks) for shard in shards)
        count = min(self.cluster.workers or on_ray.node_count(), len(shards))
        self.status.tasks, self.status.started = len(self.tasks), monotonic()
        self.status.on_pause = self._ask_to_pause
        try:
            async with asyncio.TaskGroup() as group:
                desks = [group.create_task(self._desk(number, count)) for number in range(count)]
                group.create_task(self._watch(desks))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            self.status.ended = monotonic()
            self.status.on_pause = None
        if self._left:
            raise self._stopped or self._pause("interrupted", interrupted=True)

    async def _watch(self, desks: Sequence[asyncio.Task[None]]) -> None:
        """Sends home who has nothing to do any more, such as a worker that no node has room for."""
        async with self._news:
            await self._news.wait_for(lambda: self._left == 0 or (self._ending and not self._at_work))
        for desk in desks:
            desk.cancel()

    @property
    def _ending(self) -> bool:
        return self._stopped is not None or self.status.pausing

    async def _desk(self, number: int, count: int) -> None:
        """One place for a worker: a worker as long as it lives, then another one."""
        while self._left and not self._ending:
            worker = await self._hired(number, count)
            try:
                await self._employ(worker)
            finally:
                worker.dismiss()

    async def _hired(self, number: int, count: int) -> Hired:
        """A new worker; says so where there is no room for one."""
        hiring = asyncio.ensure_future(on_ray.hire(self.job, number, count, self.cluster))
        try:
            done, _ = await asyncio.wait([hiring], timeout=LONG)
            if not done:
                self.say(f"worker {number + 1} of {count} waits for a node with room for {self.cluster.needs}")
            return await hiring
        finally:
            hiring.cancel()
            await asyncio.gather(hiring, return_exceptions=True)

    async def _employ(self, worker: Hired) -> None:
        """Gives a worker one shard after the other until there is none left, or it is lost."""
        while shard := await self._next():
            try:
                await self._search(worker, shard)
            except on_ray.WorkerLost as lost:
                await self._recover(shard, lost)
                return
            finally:
                self._at_work.pop(shard.number, None)
                await self._tell()

    async def _next(self) -> Pending | None:
        """The next shard that waits, or, as long as others may lose theirs, one that comes back."""
        async with self._news:
            await self._news.wait_for(lambda: self._waiting or not self._left or self._ending)
            return self._waiting.popleft() if self._waiting and not self._ending else None

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _search(self, worker: Hired, shard: Pending) -> None:
        self._at_work[shard.number] = worker
        replica = shard.replica
        name = f"{self.run.name}-{shard.number}-{uuid.uuid4().hex[:8]}"
        tasks = [self.tasks[task] for task in shard.tasks]
        directory = await worker.start(name, tasks, replica.content())
        shard.settle(worker.node, directory)
        if self._ending:  # whoever asked the workers to pause did so before this search began
            await worker.pause()
        ended = False
        while not ended:
            report = await worker.report(replica.position)
            replica.apply(report.news)
            self._reports[shard.number] = report
            self._sum_up()
            ended = report.ended
        if report.failed is not None:
            raise SearchError(report.failed)
        if report.paused is not None:
            self._pause(report.paused, interrupted=report.interrupted)
            return
        async with self._taking:
            await asyncio.to_thread(take_in, self.into, shard)
        self._left -= 1
        with suppress(on_ray.WorkerLost):  # then its next shard is what goes elsewhere
            await worker.forget()

    async def _recover(self, shard: Pending, lost: Exception) -> None:
        """Brings the copy up to date from the lost worker's disk, and lets the shard wait for another worker."""
        shard.losses += 1
        if shard.losses > MOST_LOSSES:
            self._pause(f"shard {shard.number} lost {shard.losses} workers: {lost}")
            return
        await catch_up(shard)
        self._waiting.appendleft(shard)

    def _pause(self, why: str, *, interrupted: bool = False) -> RunPaused:
        """Notes why the run stops, the first time, and lets all searches finish what they have in flight."""
        if self._stopped is None:
            self._stopped = RunPaused(why, self.run)
            if interrupted:
                self._stopped.__cause__ = Interrupted(why)
            self._ask_to_pause()
        return self._stopped

    def _ask_to_pause(self) -> None:
        async def ask() -> None:
            await asyncio.gather(*(worker.pause() for worker in self._at_work.values()), return_exceptions=True)
            await self._tell()

        self._asking = asyncio.get_running_loop().create_task(ask())

    def _sum_up(self) -> None:
        reports = self._reports.values()
        self.status.done = self._before + sum(report.done for report in reports)
        for name in ("solved", "requests", "policy_tokens", "value_tokens", "late", "cached", "dollars"):
            setattr(self.status, name, sum(getattr(report, name) for report in reports))


async def catch_up(shard: Pending) -> None:
    """Adds what the disk of a shard's last worker has and its copy has not, where that disk can be reached."""
    home = shard.home
    if home is not None:
        node, directory = home
        rest = await on_ray.rest_of(directory, node, shard.replica.position)
        if rest is not None:
            shard.replica.apply(rest)
