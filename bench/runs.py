"""Batch runs: how many tasks a second one process carries when the models answer at once.

`python bench/runs.py [PART ...]` runs the parts named, or all: each is a module of this folder whose `main` takes the
arguments that follow `--`, or else its default ones. `make bench-runs` runs all.

- `one`: 2,000 Countdown tasks with scripted models in one process, with a journal and its table of results; then the
  same run's figures read back: listing, tally, accuracy against budget. It prints a signature (nodes, expansions, tasks
  solved), which a change that alters no search leaves as it is.
- `scale`: the same over two Ray actors, and the merge of their journals.
- `viewer`: a tree of 50,000 nodes in a browser: time to the first paint, frames a second.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from treewright.runs import Summary, accuracy_curve, load_suite, run_suite
from treewright.runs.store import listed
from treewright.search import Budget, anytime, mcts
from treewright.value_models import ScriptedPolicy, ScriptedValue

# Modules of this folder that are parts, and what their `main` is given by default.
MODULES: dict[str, list[str]] = {"scale": ["runs"], "viewer": []}
PARTS = ("one", *MODULES)

T = TypeVar("T")


def run_one(arguments: list[str]) -> None:
    """The part `one`."""
    parser = argparse.ArgumentParser(prog="runs.py one", description="Tasks a second in one process.")
    parser.add_argument("--tasks", type=int, default=2_000)
    parser.add_argument("--expansions", type=int, default=16)
    parser.add_argument("--concurrency", type=int, default=256)
    args = parser.parse_args(arguments)
    suite = load_suite("countdown", limit=args.tasks)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "run"
        budget = Budget(expansions=args.expansions)
        policy, value = ScriptedPolicy(), ScriptedValue()
        summary, seconds = timed(
            lambda: asyncio.run(
                run_suite(
                    suite, mcts(), budget, policy=policy, value=value, directory=directory,
                    concurrency=args.concurrency,
                )
            )
        )  # fmt: skip
        size = (directory / "journal.db").stat().st_size
        print(f"searched     {args.tasks / seconds:9,.0f} tasks/s   {seconds:7.2f} s")
        print(f"journal      {size / args.tasks:9,.0f} bytes/task {size / 2**20:7.1f} MiB")
        run, seconds = timed(lambda: listed(directory))
        print(f"listed       {run.tally.done:9,} tasks     {seconds:7.2f} s")
        courses, seconds = timed(lambda: anytime(directory))
        points = accuracy_curve(courses, "expansions")
        print(f"re-executed  {args.tasks / seconds:9,.0f} tasks/s   {seconds:7.2f} s, a curve of {len(points)} points")
        print(f"signature    {signature(summary)}")


def signature(summary: Summary) -> str:
    """What the searches did, in three numbers."""
    nodes = sum(len(result.tree.nodes) for result in summary.results)
    expansions = sum(result.cost.expansions for result in summary.results)
    return f"{nodes} nodes, {expansions} expansions, {summary.solved} solved"


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What the work gave, and its seconds."""
    start = time.perf_counter()
    done = work()
    return done, time.perf_counter() - start


def main() -> None:
    """Runs the parts asked for."""
    typed = sys.argv[1:]
    split = typed.index("--") if "--" in typed else len(typed)
    parts, arguments = typed[:split] or list(PARTS), typed[split + 1 :]
    for part in parts:
        if part not in PARTS:
            sys.exit(f"no part {part!r}; there are {', '.join(PARTS)}")
    for part in parts:
        print(f"== {part}")
        if part == "one":
            run_one(arguments)
        else:
            sys.argv[1:] = arguments or MODULES[part]
            importlib.import_module(part).main()


if __name__ == "__main__":
    main()
