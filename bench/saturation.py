"""How busy a search keeps a GPU-speed server: a stub of 0.5 s and 2,000 requests a second, 512 tasks at once.

    python bench/saturation.py            the table
    python bench/saturation.py --profile  where the driver's process spends its time

The stub (stub_server.py, a process of its own, which takes a tenth of a core) has latency x rate places, 1,000. "Busy"
is the part of their time in which a request is being served, from the first request to the last answer. The start, when
512 trees of one node each can use half of the places at most, and the end are included; "busy later" leaves out the
first three seconds and the last one. "CPU us a request" is this process's, all of it: engine, forest, domain, client,
journal. The load is word problems: the policy draws steps, the value model scores every leaf.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from stub_server import Load, StubServer
from word_problems import word_problems

from treewright.search import Budget, Status, mcts, run_async, search
from treewright.value_models import VLLM


@dataclass(frozen=True)
class Run:
    """One search: its nodes, wall and CPU seconds, and what the server saw."""

    expansions: int
    wall: float
    cpu: float
    server_cpu: float
    load: Load


async def searched(url: str, args: argparse.Namespace, run: Path | None) -> tuple[int, float, float]:
    """Expansions, wall and CPU seconds of one search."""
    wall, cpu = time.perf_counter(), time.process_time()
    stream = search(
        word_problems(args.tasks),
        domain="math",
        policy=VLLM(url),
        recipe=mcts(n=args.n),
        budget=Budget(expansions=args.expansions),
        concurrency=args.concurrency,
        run=run,
        status=Status(),
    )
    expansions = sum([result.cost.expansions async for result in stream])
    return expansions, time.perf_counter() - wall, time.process_time() - cpu


def measure(args: argparse.Namespace, *, journal: bool) -> Run:
    """One search against a fresh stub."""
    with tempfile.TemporaryDirectory() as directory, StubServer(args.latency, args.rate) as stub:
        before = stub.load()[1]
        run = Path(directory) / "run" if journal else None
        expansions, wall, cpu = run_async(searched(stub.url, args, run))
        load, after = stub.load()
        return Run(expansions, wall, cpu, after - before, load)


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
        profile.runcall(measure, args, journal=False)
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        return
    table = Table(title=f"{args.tasks} tasks at once, stub of {args.latency} s and {args.rate:,.0f} requests/s")
    for name in (
        "journal",
        "requests",
        "requests/s",
        "seconds",
        "busy",
        "busy later",
        "CPU us a request",
        "stub's CPU",
    ):
        table.add_column(name, justify="left" if name == "journal" else "right")
    for journal in (False, True):
        run = measure(args, journal=journal)
        seconds = run.load.last - run.load.first
        table.add_row(
            "yes" if journal else "no",
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
