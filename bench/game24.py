"""Game of 24 with the small model: MCTS against best-of-n at the same policy tokens, and against a uniform prior.

`python bench/game24.py` starts a local server and runs, over the first 100 problems of the generator at seed 0:
`mcts` with 100 expansions a task and the model's prior; `best_of_n` with, on every task, as many policy tokens as
`mcts` spent a task on average; `mcts` with the same expansions and equal priors. All keep their run directories.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from rich.console import Console

from treewright.cli.show import print_comparison
from treewright.runs.progress import Progress
from treewright.runs.run import Summary, compare
from treewright.runs.suites import load_suite
from treewright.search import Budget, best_of_n, mcts
from treewright.value_models import VLLM, Server, Uniform


async def measure(url: str, args: argparse.Namespace, console: Console) -> list[Summary]:
    """The three runs, one after the other."""
    suite = load_suite("game24", limit=args.tasks, seed=0)
    model = VLLM(url)
    root = Path(args.out)
    progress = Progress(console)
    summaries = await compare(
        suite,
        [mcts(), best_of_n(n=args.n)],
        [Budget(expansions=args.expansions)],
        policy=model,
        value=model,
        root=root,
        concurrency=args.concurrency,
        progress=progress,
    )
    summaries += await compare(
        suite,
        [mcts()],
        [Budget(expansions=args.expansions)],
        policy=Uniform(),
        value=model,
        root=root,
        concurrency=args.concurrency,
        progress=progress,
    )
    return summaries


def main() -> None:
    """Measures and prints one table: the rows are in the order of the first sentence above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--expansions", type=int, default=100)
    parser.add_argument("--n", type=int, default=16, help="solutions drawn in one request of best_of_n")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--out", default="results")
    parser.add_argument("--url", help="a running server instead of an own one")
    args = parser.parse_args()
    console = Console()
    if args.url:
        summaries = asyncio.run(measure(args.url, args, console))
    else:
        with Server() as server:
            summaries = asyncio.run(measure(server.url, args, console))
    print_comparison(console, summaries)


if __name__ == "__main__":
    main()
