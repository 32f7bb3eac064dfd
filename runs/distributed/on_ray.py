"""The part of a distributed run that knows Ray: the cluster, the workers as its actors, and its nodes' disks."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domains.protocol import Task
from ...search import JournalError, RunInUse
from ...search.errors import MissingPart, SearchError
from ...search.journal import FILE_NAME, RunLock
from ...search.journal.shipping import News, Position, news
from .job import Cluster, Job
from .worker import Report, ShardWorker

PATIENCE = 10.0  # seconds until a journal whose worker is gone is read although somebody still holds it

try:
    import ray
    from ray.exceptions import RayActorError, RayError
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
except ModuleNotFoundError as error:
    raise MissingPart(f"--runner ray needs the package {error.name}: pip install treewright[ray]") from None

WorkerLost = RayActorError


@contextmanager
def connected(cluster: Cluster) -> Iterator[None]:
    """A connection to the cluster; one that is there already is used and left alone.

    Raises:
        SearchError: there is no cluster at the address.
    """
    if ray.is_initialized():
        yield
        return
    if cluster.address is not None:
        _look_for(cluster.address)
    # Neither figures of use sent elsewhere nor a web server: a run asks for neither.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    started: dict[str, Any] = {} if cluster.address else {"include_dashboard": False}
    try:
        ray.init(cluster.address, log_to_driver=False, logging_level=logging.ERROR, **started)
    except (ConnectionError, RayError, ValueError) as error:
        raise SearchError(f"no Ray cluster at {cluster.address or 'this machine'}: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _look_for(address: str) -> None:
    """Raises SearchError where nobody listens at HOST:PORT; Ray itself would look for minutes."""
    host, _, port = address.rpartition(":")
    if port.isdecimal():
        try:
            socket.create_connection((host, int(port)), timeout=5.0).close()
        except OSError as error:
            raise SearchError(f"no Ray cluster at {address}: {error}; ray start --head starts one") from error


def node_count() -> int:
    """How many nodes the cluster has."""
    return len(_alive())


def _alive() -> set[str]:
    return {node["NodeID"] for node in ray.nodes() if node["Alive"]}  # type: ignore[no-untyped-call]


class _Actor(ShardWorker):
    async def node(self) -> str:
        """The id of the node that it is on."""
        node: str = ray.get_runtime_context().get_node_id()
        return node


@dataclass(slots=True)
class Hired:
    """A worker that is there.

    Attributes:
        node: the id of its node.
    """

    actor: Any
    node: str

    async def start(self, name: str, tasks: Sequence[Task], content: bytes | None) -> str:
        """See `ShardWorker.start`."""
        directory: str = await self.actor.start.remote(name, tasks, content)
        return directory

    async def report(self, since: Position) -> Report:
        """See `ShardWorker.report`."""
        report: Report = await self.actor.report.remote(since)
        return report

    async def pause(self) -> None:
        """See `ShardWorker.pause`."""
        await self.actor.pause.remote()

    async def forget(self) -> None:
        """See `ShardWorker.forget`."""
        await self.actor.forget.remote()

    def dismiss(self) -> None:
        """Ends its process."""
        ray.kill(self.actor)


async def hire(job: Job, number: int, of: int, cluster: Cluster) -> Hired:
    """Starts a worker wherever there is room, on as many nodes as can be; waits until it is there.

    Raises:
        SearchError: it could not start.
    """
    scratch = cluster.scratch or Path(tempfile.gettempdir()) / "treewright"
    actor: Any = (
        ray.remote(_Actor)
        .options(
            num_cpus=cluster.cpus,
            resources=dict(cluster.resources),
            scheduling_strategy="SPREAD",
            max_restarts=0,
            # A report waits while the worker is asked to pause.
            max_concurrency=4,
        )
        .remote(job, number, of, scratch)
    )
    try:
        node: str = await actor.node.remote()
    except BaseException as error:
        ray.kill(actor)
        if isinstance(error, RayError):
            raise SearchError(f"worker {number + 1} of {of} could not start: {error}") from error
        raise
    return Hired(actor, node)


async def rest_of(directory: Path, node: str, since: Position) -> News | None:
    """What a journal whose worker is gone holds beyond a position; None where its disk cannot be reached.

    The disk is looked for on this machine first, then through Ray on the worker's node.
    """
    if (directory / FILE_NAME).exists():
        return await asyncio.to_thread(left_behind, directory, since)
    if node not in _alive():
        return None
    there = NodeAffinitySchedulingStrategy(node, soft=False)
    fetch = ray.remote(left_behind).options(num_cpus=0, scheduling_strategy=there, max_retries=0)
    try:
        found: News | None = await fetch.remote(directory, since)
    except RayError:  # the node went away meanwhile
        return None
    return found


def left_behind(directory: Path, since: Position) -> News | None:
    """What a journal on this machine holds beyond a position, once its writer is gone; None where there is none."""
    if not (directory / FILE_NAME).exists():
        return None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            RunLock(directory).release()
            break
        except RunInUse:
            time.sleep(0.1)
    try:
        return news(directory, since)
    except JournalError:  # its tables were never committed, or the disk is damaged: what was shipped has to do
        return None
