"""Every search in turn on the same tasks: proposals a second of each."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine_peers.asking import Asking, Blocking
from treewright.domains.protocol import Task
from treewright.search import Budget, mcts, search
from treewright.value_models import VLLM

Peer = Callable[[list[Asking], int, Blocking], None]
PEERS = {
    "TreeQuest, its loop (step)": ("treequest_loops", "loop"),
    "TreeQuest, ask_batch(5) and threads": ("treequest_loops", "batches"),
    "its_hub beam search, width 2": ("its_hub_beam", "beam"),
    "plain MCTS, one request at a time": ("plain_mcts", "sequential"),
}


@dataclass(frozen=True)
class Row:
    """One search's figures; `absent` says why it could not run."""

    name: str
    proposals: int = 0
    seconds: float = 0.0
    absent: str = ""


def compare(url: str, tasks: list[Task], proposals: int, reset: Callable[[], None]) -> Iterator[Row]:
    """Each search draws about `proposals` single lines a task; the server's prefix cache is reset before each."""
    for name, (module, function) in PEERS.items():
        try:
            peer: Peer = getattr(importlib.import_module(f"engine_peers.{module}"), function)
        except ImportError as error:
            yield Row(name, absent=str(error))
            continue
        reset()
        blocking = Blocking()
        askings = [Asking(VLLM(url), task) for task in tasks]
        started = time.perf_counter()
        peer(askings, proposals, blocking)
        yield Row(name, sum(asking.proposals for asking in askings), time.perf_counter() - started)
        blocking.close()
    reset()
    yield asyncio.run(_treewright(url, tasks, proposals))


async def _treewright(url: str, tasks: list[Task], proposals: int) -> Row:
    recipe = mcts(n=4, evaluate="children", rule="uct")
    started = time.perf_counter()
    stream = search(
        tasks, domain="math", policy=VLLM(url), recipe=recipe, budget=Budget(expansions=max(1, proposals // 4)),
        concurrency=64,
    )  # fmt: skip
    expansions = sum([result.cost.expansions async for result in stream])
    return Row("Treewright, mcts", 4 * expansions, time.perf_counter() - started)
