"""Faults on the way from a local server: the results are those of a run without them, and the journal says what was."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from counted import COUNTED
from durable_run import TEXTS, load, tree
from processes import processes_that_write_to, wait_until_gone
from scripted_process import ServerProcess, serving
from servers import Served

from treewright.search import Budget, RunPaused, RunReader, Status, mcts, search
from treewright.value_models import VLLM
from treewright.value_models.client import Client
from treewright.value_models.errors import ServerUnreachable
from treewright.value_models.faulty_proxy import FAULTS, Fault, FaultyProxy

pytestmark = [pytest.mark.durability, pytest.mark.slow]

# The first requests find out about the model and its labels: they are no model calls.
SPOILT = (8, 9, 15, 22)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("server"), TEXTS) as started:
        yield started


async def run_of(name: str, url: str, run: Path, **options: Any) -> dict[str, Any]:
    stream = search(
        load(name),
        domain=name,
        policy=VLLM(url, timeout=options.pop("timeout", 600.0), retries=options.pop("retries", 4)),
        recipe=mcts(leaves=4),
        budget=Budget(expansions=6),
        concurrency=8,
        deterministic=True,
        run=run,
        **options,
    )
    async with aclosing(stream):
        return {result.task.id: {**tree(result), "paid": None} async for result in stream}


@pytest.fixture(scope="module")
def faultless(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    directory = tmp_path_factory.mktemp("faultless")
    return {name: asyncio.run(run_of(name, server.url, directory / name)) for name in ("game24", "math")}


SAID = {
    "garbage": "broken JSON",
    "no choices": r"0 choices; \d were asked for|0 scores for|has no choices",
    "wrong n": r"\d choices; \d+ were asked for|scores for \d+ items",
    "nan": "log-probability nan|probability nan",
}


@pytest.mark.parametrize("name", ["game24", "math"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_changes_no_result(
    fault: Fault, name: str, server: ServerProcess, faultless: dict[str, Any], tmp_path: Path
) -> None:
    # The first requests find out about the model and its labels: they are no model calls.
    faults = dict.fromkeys((8, 9, 15, 22), fault)
    async with FaultyProxy(server.url, faults, seconds=0.6) as proxy:
        trees = await run_of(name, proxy.url, tmp_path / "run", timeout=0.4 if fault == "stall" else 600.0)
    assert len(proxy.done) >= (1 if fault == "refuse" else 3)
    COUNTED[f"faults: {fault}"] += len(proxy.done)
    assert trees == faultless[name]
    errors = [event for event in RunReader(tmp_path / "run").events() if event["error"] is not None]
    if fault in SAID:
        assert errors
        for event in errors:
            assert event["answer"] is None
            assert any(part in event["error"] for part in ("choices", "scores", "JSON", "nan")), event["error"]
    else:
        assert not errors, "the client's own retries were enough"


@pytest.mark.parametrize("fault", ["garbage", "wrong n", "nan"])
async def test_a_fault_that_stays_fails_its_node_and_says_why(
    fault: Fault, server: ServerProcess, tmp_path: Path
) -> None:
    async with FaultyProxy(server.url, dict.fromkeys(range(30, 1000), fault)) as proxy:
        stream = search(
            load("math"), domain="math", policy=VLLM(proxy.url), budget=Budget(expansions=6), deterministic=True,
            run=tmp_path / "run",
        )  # fmt: skip
        results = [result async for result in stream]
    failures = [error for result in results for _, error in result.failures]
    assert failures
    assert all(error.startswith("BadAnswer: ") for error in failures)
    events = list(RunReader(tmp_path / "run").events())
    tries = Counter((event["trial"], event["kind"]) for event in events if event["error"] is not None)
    assert set(tries.values()) == {3}
    assert all(not math.isnan(node.q) for result in results for node in result.tree.nodes)


@pytest.mark.parametrize("fault", ["broken", "busy", "reset", "refuse"])
async def test_a_server_that_stays_away_pauses_the_run_with_what_it_said(
    fault: Fault, server: ServerProcess, faultless: dict[str, Any], tmp_path: Path
) -> None:
    async with FaultyProxy(server.url, dict.fromkeys(range(20, 1000), fault), seconds=30.0) as proxy:
        with pytest.raises(RunPaused) as paused:
            await run_of("math", proxy.url, tmp_path / "run", retries=1, patience=0.3)
    said = {"broken": "answered HTTP 500", "busy": "answered HTTP 429"}.get(fault, "broke the connection off|No server")
    assert paused.match(said)
    assert paused.match(r"The run is paused; go on with: treewright resume .*run")


async def test_a_server_that_restarts_twice_is_waited_for(
    server: ServerProcess, faultless: dict[str, Any], tmp_path: Path
) -> None:
    async def restarts() -> None:
        start = server.count()
        for share in (10, 25):
            while server.count() < start + share:  # noqa: ASYNC110 -- another process counts
                await asyncio.sleep(0.001)
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(1.0)
            await asyncio.to_thread(server.start)
            COUNTED["server restarted"] += 1

    restarting = asyncio.create_task(restarts())
    trees = await run_of("game24", server.url, tmp_path / "run", retries=1, patience=20.0)
    await restarting
    assert trees == faultless["game24"]
    errors = {event["error"] for event in RunReader(tmp_path / "run").events() if event["error"] is not None}
    assert errors
    assert all("No server answers" in error or "broke the connection off" in error for error in errors)


@pytest.mark.deep
@pytest.mark.server
async def test_a_real_server_that_restarts_is_waited_for(local_server: Served, tmp_path: Path) -> None:
    """`treewright serve`, stopped by Ctrl-C in the middle of a run and started again at the same address."""
    status = Status()
    tasks = load("game24")
    stream = search(
        tasks, domain="game24", policy=VLLM(local_server.url, retries=1), budget=Budget(expansions=12), concurrency=8,
        run=tmp_path / "run", status=status, patience=240.0,
    )  # fmt: skip

    async def collect() -> list[Any]:
        return [result async for result in stream]

    searching = asyncio.create_task(collect())
    while status.policy_tokens < 1000 and not searching.done():  # noqa: ASYNC110 -- nothing tells
        await asyncio.sleep(0.01)
    assert not searching.done()
    group = processes_that_write_to(local_server.log)
    assert len(group) >= 3, "a server is several processes"
    assert await asyncio.to_thread(local_server.stop) == 0
    try:
        assert wait_until_gone(group, 2) == []
        client = Client(local_server.url, retries=0)
        with pytest.raises(ServerUnreachable, match="No server answers"):
            await client.model()
        await client.close()
    finally:
        await asyncio.to_thread(local_server.start)
    results = await searching
    assert {result.task.id for result in results} == {task.id for task in tasks}
    assert not [failure for result in results for failure in result.failures]
    errors = [event["error"] for event in RunReader(tmp_path / "run").events() if event["error"] is not None]
    assert errors
    COUNTED["real server restarted"] += 1
