"""Replay: searches a minute on one core, with a recorded run in place of the models.

`python bench/replay.py` records a search of 64 expansions a tree with scripted models, then replays it with several
exploration constants. The first replay, which shows each state to the domain once, is not counted. Prints one table.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from journal import searched
from rich.console import Console
from rich.table import Table

from treewright.search import Budget, Replay, mcts

CONSTANTS = (0.5, 1.25, 2.0, 4.0)


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=64)
    parser.add_argument("--expansions", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3, help="replays of each constant")
    args = parser.parse_args()
    table = Table("run", "expansions a tree", "nodes a tree", "misses", "searches a minute", "us an expansion")
    with tempfile.TemporaryDirectory() as directory:
        for load in ("math", "game24"):
            run = Path(directory) / load

            async def collect(load: str = load, run: Path = run) -> None:
                async for _ in searched(load, run, args.tasks, args.expansions):
                    pass

            asyncio.run(collect())
            replay, budget = Replay(run), Budget(expansions=args.expansions)
            for c in CONSTANTS:
                replay.search(mcts(c=c), budget)
            started = time.perf_counter()
            replayed = [replay.search(mcts(c=c), budget) for c in CONSTANTS for _ in range(args.rounds)]
            seconds = time.perf_counter() - started
            results = [result for one in replayed for result in one.results]
            expansions = sum(result.cost.expansions for result in results)
            table.add_row(
                load,
                f"{expansions / len(results):.1f}",
                f"{sum(len(result.tree.nodes) for result in results) / len(results):.0f}",
                f"{sum(one.missed for one in replayed) / sum(one.asked for one in replayed):.1%}",
                f"{60 * len(results) / seconds:,.0f}",
                f"{1e6 * seconds / expansions:.0f}",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
