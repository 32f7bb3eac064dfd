"""How much of the server's speed a search leaves: tokens/s of a search, and of its requests sent with no tree between.

`python bench/engine.py` starts a local server with the small model, searches 64 tasks at once, reads the requests back
from the run's journal and sends the same ones again, at the same concurrency, in the recorded order. The server's
prefix cache is emptied before each leg. Two loads: Game of 24 (the policy ranks listed moves) and short word problems
(the policy draws steps); the value model scores every leaf in both. `--full` takes 16 expansions a task, more than
2,000 requests a load, in place of 4.

A second table runs other projects' searches on the same server (see engine_peers/), each with the same number of
proposals for the same word problems; `--peer-tasks 0` leaves it out.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from engine_peers.compare import Row, compare
from rich.console import Console
from rich.table import Table
from word_problems import word_problems

from treewright.domains.math import game24_tasks
from treewright.domains.protocol import Task
from treewright.search import Budget, RunReader, Status, mcts, search
from treewright.value_models import VLLM, Batched, Evidence, Prompt, Sampling, Server, Usage


@dataclass(frozen=True)
class Leg:
    """One leg of the measurement: requests answered, tokens used, seconds taken, CPU seconds of this process.

    A proposal is one drawn continuation or one ranked move. The hit rate is the server's, of its prefix cache.
    """

    requests: int
    tokens: int
    seconds: float
    cpu: float
    proposals: int
    hit_rate: float | None = None

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return self.tokens / self.seconds


async def reset_prefix_cache(url: str) -> None:
    """Empties the server's prefix cache, so that no leg profits from the one before."""
    root = url.removesuffix("/v1")
    async with aiohttp.ClientSession() as session, session.post(f"{root}/reset_prefix_cache") as answer:
        answer.raise_for_status()


async def searched(url: str, domain: str, tasks: list[Task], args: argparse.Namespace, run: Path) -> Leg:
    """The search itself."""
    await reset_prefix_cache(url)
    started, cpu = time.perf_counter(), time.process_time()
    status = Status()
    stream = search(
        tasks,
        domain=domain,
        policy=VLLM(url),
        recipe=mcts(n=4),
        budget=Budget(expansions=args.expansions),
        concurrency=args.concurrency,
        run=run,
        status=status,
    )
    results = [result async for result in stream]
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    tokens = sum(result.cost.policy_tokens + result.cost.value_tokens for result in results)
    asked = requests_of(run)
    return Leg(len(asked), tokens, seconds, cpu, sum(map(_proposals, asked)), status.prefix_hit_rate)


def requests_of(run: Path) -> list[dict[str, Any]]:
    """The model requests of a run, in the order in which they were started."""
    events = [event for event in RunReader(run).events() if event["kind"] in ("propose", "rank", "score")]
    return sorted(events, key=lambda event: event["started"])


async def open_loop(url: str, run: Path, concurrency: int) -> Leg:
    """The same requests with no tree in between."""
    await reset_prefix_cache(url)
    model, slots = VLLM(url), asyncio.Semaphore(concurrency)
    value = Batched(model)
    used: list[Usage] = []

    async def send(call: Callable[[], Awaitable[list[Any]]]) -> None:
        async with slots:
            (answer,) = await call()
            used.append(answer.usage)

    calls = [_call(event, model, value) for event in requests_of(run)]
    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(send(call) for call in calls))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    await model.close()
    asked = requests_of(run)
    return Leg(len(calls), sum(usage.tokens for usage in used), seconds, cpu, sum(map(_proposals, asked)))


def _proposals(event: dict[str, Any]) -> int:
    request = event["request"]
    return 0 if event["kind"] == "score" else request["n"] or len(request["candidates"])


def _call(event: dict[str, Any], model: VLLM, value: Batched) -> Callable[[], Awaitable[list[Any]]]:
    request = event["request"]
    if event["kind"] == "score":
        evidence = Evidence(**request["evidence"])
        return lambda: value.score([evidence])
    given = dict(request["prompt"])
    sampling = given.pop("sampling")
    prompt = Prompt(**given, sampling=Sampling(**{**sampling, "stop": tuple(sampling["stop"])}))
    if event["kind"] == "rank":
        return lambda: model.rank([prompt], [request["candidates"]])
    return lambda: model.propose([prompt], request["n"])


async def measure(url: str, args: argparse.Namespace) -> list[tuple[str, list[Leg], list[Leg]]]:
    """Both legs of both loads, in turn, `--rounds` times."""
    rows = []
    for domain in args.loads:
        tasks = game24_tasks(args.tasks, 0) if domain == "game24" else word_problems(args.tasks)
        ours: list[Leg] = []
        bare: list[Leg] = []
        for _ in range(args.rounds):
            with tempfile.TemporaryDirectory() as directory:
                run = Path(directory) / "run"
                ours.append(await searched(url, domain, list(tasks), args, run))
                bare.append(await open_loop(url, run, args.concurrency))
        rows.append((domain, ours, bare))
    return rows


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=64)
    parser.add_argument("--loads", nargs="+", choices=["game24", "math"], default=["game24", "math"])
    parser.add_argument("--expansions", type=int, default=4, help="nodes expanded a task")
    parser.add_argument("--full", action="store_true", help="16 expansions a task")
    parser.add_argument("--concurrency", type=int, default=64, help="requests in flight at once")
    parser.add_argument("--rounds", type=int, default=1, help="repetitions; medians are printed")
    parser.add_argument("--peer-tasks", type=int, default=4, help="word problems for the second table")
    parser.add_argument("--peer-proposals", type=int, default=20, help="proposals a task for the second table")
    parser.add_argument("--url", help="a running server (with VLLM_SERVER_DEV_MODE=1) instead of an own one")
    args = parser.parse_args()
    if args.full:
        args.expansions = 16
    if args.url:
        print_all(args.url, args)
    else:
        with Server(environment={"VLLM_SERVER_DEV_MODE": "1"}) as server:
            print_all(server.url, args)


def print_all(url: str, args: argparse.Namespace) -> None:
    """Measures and prints both tables."""
    print_engine(asyncio.run(measure(url, args)), args)
    if args.peer_tasks:

        def reset() -> None:
            asyncio.run(reset_prefix_cache(url))

        print_peers(compare(url, word_problems(args.peer_tasks), args.peer_proposals, reset), args)


def print_engine(rows: list[tuple[str, list[Leg], list[Leg]]], args: argparse.Namespace) -> None:
    """The search beside its own requests."""
    table = Table(title=f"{args.tasks} tasks at once, {args.concurrency} requests in flight")
    names = ("load", "requests", "tokens", "search tokens/s", "bare tokens/s", "wall ratio", "engine CPU")
    for name in (*names, "CPU a 100 proposals/s", "prefix hits"):
        table.add_column(name, justify="left" if name == "load" else "right")
    for domain, ours, bare in rows:
        ratio = median(leg.seconds for leg in ours) / median(leg.seconds for leg in bare)
        table.add_row(
            domain,
            f"{ours[-1].requests:,}",
            f"{ours[-1].tokens:,}",
            f"{median(leg.rate for leg in ours):,.0f}",
            f"{median(leg.rate for leg in bare):,.0f}",
            f"{ratio:.3f}",
            f"{100 * median(leg.cpu / leg.seconds for leg in ours):.1f}% of one core",
            f"{100 * median(100 * leg.cpu / leg.proposals for leg in ours):.1f}%",
            "-" if ours[-1].hit_rate is None else f"{ours[-1].hit_rate:.0%}",
        )
    Console(width=160).print(table)


def print_peers(rows: Iterable[Row], args: argparse.Namespace) -> None:
    """The searches side by side."""
    table = Table(title=f"{args.peer_tasks} word problems, about {args.peer_proposals} proposals each, all scored")
    for name in ("search", "proposals", "seconds", "proposals/s"):
        table.add_column(name, justify="left" if name == "search" else "right")
    for row in rows:
        if row.absent:
            table.add_row(row.name, "absent", "", row.absent)
        else:
            rate = row.proposals / row.seconds
            table.add_row(row.name, f"{row.proposals:,}", f"{row.seconds:.1f}", f"{rate:.2f}")
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
