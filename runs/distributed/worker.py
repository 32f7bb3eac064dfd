"""A worker of a distributed run: one process that searches one shard after the other, each in a journal of its own."""

from __future__ import annotations

import asyncio
import shutil
import traceback
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from ...domains.protocol import DomainError, Task
from ...search import Interrupted, Result, RunPaused, SearchError, Status, resume, search
from ...search.journal import FILE_NAME
from ...search.journal.shipping import News, Position, Replica, news
from ...value_models.errors import ModelError
from .job import Job

LONGEST = 1.0  # seconds until news are given, although nothing has ended


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says of its shard: rows of its journal that are new, and how far it is.

    Attributes:
        ended: whether it works on the shard no more.
        paused: why the search stopped before its end and can be resumed.
        interrupted: it stopped because it was asked to.
        failed: the error that ended it, for good.
        solved, requests, policy_tokens, value_tokens, late, cached, dollars: as in `Status`.
        done: tasks finished.
    """

    news: News
    ended: bool
    paused: str | None
    interrupted: bool
    failed: str | None
    done: int
    solved: int
    requests: int
    policy_tokens: int
    value_tokens: int
    late: int
    cached: int
    dollars: float


class ShardWorker:
    """Searches shards, one at a time.

    Args:
        job: the search.
        number, of: which worker this is, from 0, and how many there are.
        scratch: folder for its journals.
    """

    def __init__(self, job: Job, number: int, of: int, scratch: Path) -> None:
        self._job = job
        self._scratch = scratch
        self._policy, self._value = job.models(number, of)
        self._status = Status()
        self._work: asyncio.Task[None] | None = None
        self._paused: RunPaused | None = None
        self._failed: str | None = None

    async def start(self, name: str, tasks: Sequence[Task], content: bytes | None) -> str:
        """Starts a search of these tasks, or goes on with the one whose journal is given; says where its journal is.

        Args:
            name: of the shard; never used before on this machine.
            tasks: of the shard, in order.
            content: a journal that another worker began, as bytes; None begins one.
        """
        directory = self._scratch / name
        self._status, self._paused, self._failed = Status(), None, None
        if content is None:
            results = self._new(directory, tasks)
        else:
            Replica(directory).write(content)
            results = resume(
                directory, domain=self._job.domain, policy=self._policy, value=self._value, recipe=self._job.recipe,
                tasks=tasks, status=self._status, cache=self._job.cache,
            )  # fmt: skip
        self._directory = directory
        self._work = asyncio.create_task(self._go(results))
        return str(directory)

    async def report(self, since: Position) -> Report:
        """How far the shard is and what its journal holds beyond a position, after a second or when it has ended."""
        assert self._work is not None, "start a shard before asking for a report"
        await asyncio.wait([self._work], timeout=LONGEST)
        ended, status = self._work.done(), self._status
        # A search that has failed at once may have no journal.
        there = (self._directory / FILE_NAME).exists()
        rows = await asyncio.to_thread(news, self._directory, since) if there else News({})
        return Report(
            news=rows,
            ended=ended,
            paused=None if self._paused is None else str(self._paused.__cause__),
            interrupted=self._paused is not None and isinstance(self._paused.__cause__, Interrupted),
            failed=self._failed,
            done=status.done,
            solved=status.solved,
            requests=status.requests,
            policy_tokens=status.policy_tokens,
            value_tokens=status.value_tokens,
            late=status.late,
            cached=status.cached,
            dollars=status.dollars,
        )

    async def pause(self) -> None:
        """Asks the search to finish what is in flight and stop."""
        self._status.pause()

    async def forget(self) -> None:
        """Removes the journal of the shard that has ended: what it holds is safe elsewhere."""
        await asyncio.to_thread(shutil.rmtree, self._directory)

    def _new(self, directory: Path, tasks: Sequence[Task]) -> AsyncGenerator[Result]:
        job = self._job
        return search(
            tasks, domain=job.domain, policy=self._policy, value=self._value, recipe=job.recipe, budget=job.budget,
            seed=job.seed, concurrency=job.concurrency, deterministic=job.deterministic, cache=job.cache,
            about=job.about, run=directory, status=self._status,
        )  # fmt: skip

    async def _go(self, results: AsyncGenerator[Result]) -> None:
        try:
            async with aclosing(results):
                async for _ in results:
                    pass
        except RunPaused as paused:
            self._paused = paused
        except (SearchError, ModelError, DomainError) as error:
            self._failed = str(error)
        except Exception:
            # Told to whoever started the run: an error's own type may not be there, or not unpickle.
            self._failed = traceback.format_exc()
