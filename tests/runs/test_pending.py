"""What a distributed run leaves of its shards: taken into its journal, or out of it, whoever goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from treewright.domains.math import game24_tasks
from treewright.runs import resume_run
from treewright.runs.pending import FOLDER, Pending, pending, take_in, take_in_all, take_out
from treewright.search import Budget, Journal, Result, RunPaused, RunReader, mcts, resume, search
from treewright.search.api import run_meta
from treewright.search.journal.copying import Shards
from treewright.search.journal.merging import merged_meta
from treewright.search.journal.shipping import news
from treewright.search.parts import Parts
from treewright.value_models.errors import ServerUnreachable
from treewright.value_models.protocols import Prompt, Ranking
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

TASKS = list(game24_tasks(6, 0))
BUDGET = Budget(expansions=10)


class Ends(ScriptedPolicy):
    """Goes away after so many calls."""

    def __init__(self, calls: int = 10**9) -> None:
        super().__init__()
        self.left = calls

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        if self.calls >= self.left:
            raise ServerUnreachable("nobody home")
        return await super().rank(prompts, candidates)


def options(policy: ScriptedPolicy) -> dict[str, Any]:
    return {"domain": "game24", "policy": policy, "value": ScriptedValue(), "patience": 0.0}


async def worked(shard: Pending, directory: Path, policy: Ends) -> None:
    """Searches a shard as a worker does, until its server goes away, and ships its journal."""
    tasks = [task for task in TASKS if task.id in shard.tasks]
    stream = search(
        tasks, **options(policy), recipe=mcts(leaves=4), budget=BUDGET, deterministic=True, concurrency=8, run=directory
    )
    with suppress(RunPaused):
        async for _ in stream:
            pass
    shard.replica.apply(news(directory, shard.replica.position))
    shard.settle("node", str(directory))


def trees(results: Sequence[Result]) -> dict[str, Any]:
    return {r.task.id: [(n.parent, n.text, n.prior, n.value, n.visits, n.q) for n in r.tree.nodes] for r in results}


@pytest.fixture
async def run(tmp_path: Path) -> tuple[Path, list[Ends]]:
    """A run of three shards: one taken in, one half done, one not begun; and who was asked for it."""
    directory, policies = tmp_path / "run", [Ends(), Ends(9)]
    parts = Parts.load("game24", policies[0], ScriptedValue(), mcts(leaves=4))
    meta = run_meta(parts, BUDGET, 0, 8, {"url": "there"}, deterministic=True)
    Journal(directory, merged_meta(meta, [2, 2, 2]), TASKS).close()
    first, second, _ = pending(directory)
    for shard, policy in ((first, policies[0]), (second, policies[1])):
        await worked(shard, tmp_path / f"worker{shard.number}", policy)
    with Shards(directory) as into:
        take_in(into, first)
    return directory, policies


async def whole(directory: Path, policy: Ends) -> list[Result]:
    stream = search(
        TASKS, **options(policy), recipe=mcts(leaves=4), budget=BUDGET, deterministic=True, concurrency=8, run=directory
    )
    return [result async for result in stream]


async def test_one_process_goes_on_where_workers_stopped(run: tuple[Path, list[Ends]], tmp_path: Path) -> None:
    directory, policies = run
    alone = Ends()
    expected = trees(await whole(tmp_path / "whole", alone))
    assert [shard.number for shard in pending(directory)] == [1, 2]
    last = Ends()
    summary = await resume_run(directory, policy=last, value=ScriptedValue())
    assert trees(summary.results) == expected
    assert [result.task.id for result in summary.results] == [task.id for task in TASKS]
    assert sum(policy.calls for policy in (*policies, last)) == alone.calls, "no answer was asked for twice"
    assert pending(directory) == []
    assert not any((directory / FOLDER).glob("*"))
    again = Ends(0)
    assert trees((await resume_run(directory, policy=again, value=ScriptedValue())).results) == expected


async def test_a_shard_that_one_process_began_is_taken_out_for_a_worker(
    run: tuple[Path, list[Ends]], tmp_path: Path
) -> None:
    directory, policies = run
    expected = trees(await whole(tmp_path / "whole", alone := Ends()))
    third = Ends(6)
    take_in_all(directory)
    with pytest.raises(RunPaused):
        _ = [result async for result in resume(directory, **options(third))]
    calls = []
    for shard in pending(directory):
        take_out(directory, shard)
        if shard.replica.content() is None:
            calls.append(Ends())
            await worked(shard, tmp_path / f"again{shard.number}", calls[-1])
        else:
            calls.append(Ends())
            stream = resume(shard.replica.directory, **options(calls[-1]))
            _ = [result async for result in stream]
        with Shards(directory) as into:
            take_in(into, shard)
    reader = RunReader(directory)
    assert trees([reader.result(task) for task in reader.tasks()]) == expected
    assert sum(policy.calls for policy in (*policies, third, *calls)) == alone.calls
    assert not any((directory / FOLDER).glob("*"))


async def test_the_home_of_a_shard_is_kept(run: tuple[Path, list[Ends]], tmp_path: Path) -> None:
    second, third = pending(run[0])
    assert second.home == ("node", tmp_path / "worker1")
    assert third.home is None
    await asyncio.to_thread(second.settle, "other", "/there")
    assert pending(run[0])[0].home == ("other", Path("/there"))
