"""Runs on a local Ray cluster of several nodes: the trees of one process, whoever is killed on the way.

The workers' models log each request that they answer, so that what is asked twice is seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from processes import alive, wait_until_gone
from ray_workers import answered, broken, logged
from scripted_process import environment

from treewright.domains.math import game24_tasks
from treewright.runs import Suite, Summary, resume_run, run_suite
from treewright.runs.accounts import accounts
from treewright.runs.distributed import Cluster, RayRunner
from treewright.runs.pending import FOLDER, Pending, pending
from treewright.search import Budget, Interrupted, RunPaused, RunReader, SearchError, mcts
from treewright.value_models import ScriptedPolicy, ScriptedValue

ray = pytest.importorskip("ray", reason="needs Ray: pip install treewright[ray]")

pytestmark = [pytest.mark.deep, pytest.mark.ray, pytest.mark.slow, pytest.mark.filterwarnings("default")]

SUITE = Suite("game24", "game24", tuple(game24_tasks(12, 0)))
BUDGET = Budget(expansions=24)
IN_FLIGHT = 4
LATENCY = 0.05


class Nodes:
    """A cluster of a head without room and as many nodes with room for one worker as are wanted."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster as Local

        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": 80 << 20}
        self._cluster = Local(initialize_head=True, head_node_args=head)
        self._workers: list[Any] = []
        ray.init(address=self._cluster.address, log_to_driver=False)

    def want(self, count: int) -> None:
        while len(self._workers) < count:
            self._workers.append(self._cluster.add_node(num_cpus=1, object_store_memory=80 << 20))
        self._cluster.wait_for_nodes()

    def kill(self, node_id: str) -> None:
        (node,) = [node for node in self._workers if node.node_id == node_id]
        self._workers.remove(node)
        self._cluster.remove_node(node, allow_graceful=False)

    def close(self) -> None:
        ray.shutdown()
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    before = {int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # What nodes start finds the package and the models as these tests do.
        patch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
        nodes = Nodes()
        try:
            yield nodes
        finally:
            nodes.close()
    left = [
        int(path.name)
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and int(path.name) not in before and b"ray" in _command(path)
    ]
    assert wait_until_gone(left, 20) == [], "Ray left processes behind"


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


@dataclass(frozen=True)
class Whole:
    """The run of one process, and what its models answered."""

    summary: Summary
    asked: Counter[tuple[str, ...]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    policy, value = logged(folder / "answers")(0, 1)
    summary = asyncio.run(
        run_suite(
            SUITE, mcts(leaves=4), BUDGET, policy=policy, value=value, directory=folder / "run", deterministic=True,
            concurrency=IN_FLIGHT,
        )
    )  # fmt: skip
    return Whole(summary, answered(folder / "answers"))


class Run:
    """A run of the suite by two workers, and what their models answered."""

    def __init__(self, folder: Path, latency: float = LATENCY) -> None:
        self.directory = folder / "run"
        self.scratch = folder / "scratch"
        self.log = folder / "answers"
        self.log.touch()
        self.runner = RayRunner(logged(self.log, latency), Cluster(workers=2, scratch=self.scratch, shards_a_worker=2))

    async def go(self) -> Summary:
        return await self.runner(
            SUITE, mcts(leaves=4), BUDGET, policy=ScriptedPolicy(), value=ScriptedValue(), directory=self.directory,
            deterministic=True, concurrency=IN_FLIGHT,
        )  # fmt: skip

    def pids(self) -> set[int]:
        """The processes that asked."""
        return {json.loads(line)[0] for line in self.log.read_text().splitlines()}

    def again(self, whole: Whole) -> Counter[tuple[str, ...]]:
        """What was answered more often than in the run of one process."""
        return answered(self.log) - whole.asked

    async def half_done(self, enough: Callable[[Pending], bool]) -> Pending:
        """A shard that has a worker and is far enough."""
        while True:
            await asyncio.sleep(0.1)
            if (self.directory / "journal.db").exists():
                for shard in pending(self.directory):
                    if shard.home is not None and enough(shard):
                        return shard


def trees(summary: Summary) -> dict[str, Any]:
    return {
        result.task.id: (
            [(n.parent, n.text, n.prior, n.reward, n.value, n.visits, n.q) for n in result.tree.nodes],
            (result.answer, result.value, result.grade, result.cost.policy, result.cost.value),
        )
        for result in summary.results
    }


def begun(shard: Pending) -> bool:
    return shard.replica.position.last.get("events", 0) > 40


def one_finished(shard: Pending) -> bool:
    return 0 < len(shard.replica.position.finished) < len(shard.tasks)


def requests_by_task(run: Path) -> dict[str, set[tuple[str, ...]]]:
    """What was asked for each task, as the models log it."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for event in RunReader(run).events():
        asked = found.setdefault(event["task"], set())
        if event["kind"] == "rank":
            prompt = event["request"]["prompt"]
            asked.add(("rank", prompt["user"], prompt["prefix"]))
        elif event["kind"] == "score":
            evidence = event["request"]["evidence"]
            asked.add(("score", evidence["task"], evidence["state"], evidence["question"]))
    return found


def same(run: Run, summary: Summary, whole: Whole) -> None:
    """The run is the one of one process, and all that was spent is in it, once."""
    assert trees(summary) == trees(whole.summary)
    assert [result.task.id for result in summary.results] == [task.id for task in SUITE.tasks]
    mine, theirs = (
        accounts(RunReader(directory), by=["task"]) for directory in (run.directory, whole.summary.directory)
    )
    paid = [{account.group: (account.policy, account.value) for account in each} for each in (mine, theirs)]
    assert paid[0] == paid[1]
    assert not (run.directory / FOLDER).exists()


async def test_two_workers_grow_the_trees_of_one_process(nodes: Nodes, whole: Whole, tmp_path: Path) -> None:
    nodes.want(2)
    run = Run(tmp_path, latency=0.005)
    summary = await run.go()
    same(run, summary, whole)
    assert not run.again(whole)
    assert len(run.pids()) == 2, "one of the workers had nothing to do"
    assert list(run.scratch.iterdir()) == []
    policy = ScriptedPolicy()
    again = await resume_run(run.directory, policy=policy, value=ScriptedValue())
    assert trees(again) == trees(whole.summary)
    assert policy.calls == 0


async def test_a_killed_worker_loses_what_was_in_flight_alone(nodes: Nodes, whole: Whole, tmp_path: Path) -> None:
    nodes.want(2)
    run = Run(tmp_path)
    going = asyncio.create_task(run.go())
    shard = await run.half_done(begun)
    assert shard.home is not None
    pid = json.loads((shard.home[1] / "writer.lock").read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    same(run, await going, whole)
    assert run.again(whole).total() <= 2 * IN_FLIGHT
    assert not alive(pid)


async def test_a_killed_node_whose_disk_is_there_loses_no_more(nodes: Nodes, whole: Whole, tmp_path: Path) -> None:
    nodes.want(2)
    run = Run(tmp_path)
    going = asyncio.create_task(run.go())
    shard = await run.half_done(begun)
    assert shard.home is not None
    await asyncio.to_thread(nodes.kill, shard.home[0])
    same(run, await going, whole)
    assert run.again(whole).total() <= 2 * IN_FLIGHT


async def test_a_node_lost_with_its_disk_costs_a_second_of_its_unfinished_tasks(
    nodes: Nodes, whole: Whole, tmp_path: Path
) -> None:
    nodes.want(2)
    run = Run(tmp_path)
    going = asyncio.create_task(run.go())
    shard = await run.half_done(one_finished)
    assert shard.home is not None
    finished = set(RunReader(shard.replica.directory).tasks())
    pid = json.loads((shard.home[1] / "writer.lock").read_text())["pid"]
    assert pid in run.pids()
    os.kill(pid, signal.SIGSTOP)
    shutil.rmtree(shard.home[1])
    await asyncio.to_thread(nodes.kill, shard.home[0])
    os.kill(pid, signal.SIGKILL)
    same(run, await going, whole)
    again, asked_for = run.again(whole), requests_by_task(whole.summary.directory)
    unfinished = set().union(*(asked for task, asked in asked_for.items() if task not in finished))
    assert not again.keys() & set().union(*(asked_for[task] for task in finished)) - unfinished
    assert again.total() <= 3 * IN_FLIGHT / LATENCY, "more than what the last reports had not told was redone"


async def test_an_interrupted_run_finishes_what_is_in_flight_and_goes_on(
    nodes: Nodes, whole: Whole, tmp_path: Path
) -> None:
    nodes.want(2)
    run = Run(tmp_path)
    going = asyncio.create_task(run.go())
    await run.half_done(begun)
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(RunPaused, match=r"what was in flight is finished\n.*treewright resume") as paused:
        await going
    assert isinstance(paused.value.__cause__, Interrupted)
    before = answered(run.log).total()
    same(run, await run.runner.resume(run.directory), whole)
    assert answered(run.log).total() > before
    assert not run.again(whole)


async def test_a_worker_that_cannot_start_says_why(nodes: Nodes, tmp_path: Path) -> None:
    nodes.want(1)
    run = Run(tmp_path)
    with pytest.raises(SearchError, match=r"(?s)worker 1 of 1 could not start.*no such model"):
        await RayRunner(broken, Cluster(workers=1))(
            SUITE, mcts(), BUDGET, policy=ScriptedPolicy(), value=ScriptedValue(), directory=run.directory
        )
