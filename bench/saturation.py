"""How busy a search keeps a GPU-speed server: a stub of 0.5 s and 2,000 requests a second, 512 tasks at once.

    python bench/saturation.py            the table
    python bench/saturation.py --profile  where the driver's process spends its time

The stub (stub_server.py, a process of its own, which takes a tenth of a core) has latency x rate places, 1,000. "Busy"
is the part of their time in which a request is being served, from the first request to the last answer. The start, when
512 trees of one node each can use half of the places at most, and the end are included; "busy later" leaves out the
first three seconds and the last one. "CPU us a request" is that of the searching processes, all of it: engine, forest,
domain, client, journal. The load is word problems: the policy draws steps, the value model scores every leaf. Of two
processes each has every second task and a journal of its own, as the shards of a run have.
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import pstats
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from rich.console import Console
from rich.table import Table
from stub_server import Load, StubServer
from word_problems import word_problems

from treewright.search import Budget, Status, mcts, run_async, search
from treewright.value_models import VLLM


@dataclass(frozen=True)
class Run:
    """One search: its wall and CPU seconds, and what the server saw."""

    wall: float
    cpu: float
    server_cpu: float
    load: Load


async def searched(url: str, args: argparse.Namespace, run: Path | None, shard: int, shards: int) -> None:
    """Searches one shard's part of the tasks."""
    stream = search(
        word_problems(args.tasks)[shard::shards],
        domain="math",
        policy=VLLM(url),
        recipe=mcts(n=args.n),
        budget=Budget(expansions=args.expansions),
        concurrency=args.concurrency // shards,
        run=run,
        status=Status(),
    )
    async for _ in stream:
        pass


def seconds_of_cpu(url: str, args: argparse.Namespace, run: Path | None, shard: int, shards: int) -> float:
    """CPU seconds that this process took for its shard."""
    before = time.process_time()
    run_async(searched(url, args, run, shard, shards))
    return time.process_time() - before


def measure(args: argparse.Namespace, *, journal: bool, processes: int) -> Run:
    """One search against a fresh stub."""
    with tempfile.TemporaryDirectory() as directory, StubServer(args.latency, args.rate) as stub:
        runs = [Path(directory) / str(shard) if journal else None for shard in range(processes)]
        before, began = stub.load()[1], time.perf_counter()
        if processes == 1:
            cpu = seconds_of_cpu(stub.url, args, runs[0], 0, 1)
        else:
            with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
                shards = range(processes)
                cpu = sum(pool.map(seconds_of_cpu, repeat(stub.url), repeat(args), runs, shards, repeat(processes)))
        wall = time.perf_counter() - began
        load, after = stub.load()
        return Run(wall, cpu, after - before, load)


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=512)
    parser.add_argument("--expansions", type=int, default=64, help="nodes expanded a task")
    parser.add_argument("--n", type=int, default=2, help="proposals a request")
    parser.add_argument("--concurrency", type=int, default=2048, help="requests in flight at once")
    parser.add_argument("--latency", type=float, default=0.5, help="seconds a request takes")
    parser.add_argument("--rate", type=float, default=2000.0, help="requests a second that the stub can answer")
    parser.add_argument("--profile", action="store_true")
    args = parser.parse_args()
    if args.profile:
        profile = cProfile.Profile()
        profile.runcall(measure, args, journal=False, processes=1)
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        return
    table = Table(title=f"{args.tasks} tasks at once, stub of {args.latency} s and {args.rate:,.0f} requests/s")
    for name in (
        "journal",
        "processes",
        "requests",
        "requests/s",
        "seconds",
        "busy",
        "busy later",
        "CPU us a request",
        "stub's CPU",
    ):
        table.add_column(name, justify="left" if name == "journal" else "right")
    for journal, processes in ((False, 1), (True, 1), (True, 2)):
        run = measure(args, journal=journal, processes=processes)
        seconds = run.load.last - run.load.first
        table.add_row(
            "yes" if journal else "no",
            str(processes),
            f"{run.load.requests:,}",
            f"{run.load.requests / seconds:,.0f}",
            f"{run.wall:.1f}",
            f"{run.load.busy:.1%}",
            f"{run.load.busy_later:.1%}",
            f"{1e6 * run.cpu / run.load.requests:,.0f}",
            f"{run.server_cpu / run.wall:.0%}",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
