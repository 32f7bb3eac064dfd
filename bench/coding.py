"""Code: best-of-n, self-repair, CodeTree and MCTS at the same policy tokens, judged by hidden tests.

`python bench/coding.py` starts a local server with the small model and runs the four recipes over 20 problems of
HumanEval, each with the same policy tokens a task: about ten minutes on 2 cores. One row a recipe: solved on hidden
tests with its 95% Wilson interval, and how many tasks only it, and only best-of-n, solved.

`--url` takes a running server, `--model` another model to serve; `--suite mbpp --data FILE` other problems; `--last`
the last tasks instead of the first; `--failed-by-greedy` keeps the tasks that one greedy sample does not solve.

What was cut off goes on: the same command again takes the runs of `--out` that are finished as they are, goes on with
the one that stopped, and makes those that are missing. Ctrl-C stops it, and the table of what stands is printed.

The file is not called code.py: the standard library has a module of that name, which a script beside it would hide.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from treewright.runs import Job, Listed, Progress, Suite, load_suite, run_of, run_once
from treewright.runs.store import listed
from treewright.search import RunPaused, RunReader
from treewright.search.journal import verdicts
from treewright.search.registry import load
from treewright.value_models import VLLM, Server

INTERRUPTED = 130
RECIPES = ("best_of_n", "self_repair", "codetree", "mcts")


@dataclass(frozen=True)
class Bench:
    """What was asked for, and where its runs are.

    Attributes:
        suite: all tasks of its file.
        model: answers everything.
        about: what is kept with each run beside its job: which model answered.
    """

    args: argparse.Namespace
    suite: Suite
    model: VLLM
    about: Mapping[str, Any]
    console: Console

    def job(self, recipe: str, constants: Mapping[str, Any], limits: Mapping[str, int], suite: Suite) -> Job:
        """One recipe over some of the tasks; equal arguments give equal jobs."""
        data = None if self.args.data is None else str(self.args.data.absolute())
        tasks = [task.id for task in suite.tasks]
        return Job.made(
            {
                "suite": {"name": self.args.suite, "data": data, "tasks": tasks, "skip_bad": True},
                "search": {
                    "recipes": [recipe],
                    "constants": dict(constants),
                    "seed": self.args.seed,
                    "concurrency": self.args.concurrency,
                },
                "budget": {"expansions": [], **limits},
            },
            "bench/coding.py",
        )

    async def done(self, job: Job, suite: Suite) -> RunReader:
        """The job's run, once nothing of it is left to do."""
        directory = await run_once(
            job, suite, policy=self.model, value=self.model, root=self.args.out, about=self.about,
            progress=Progress(self.console),
        )  # fmt: skip
        return RunReader(directory)

    async def failed_by_greedy(self) -> Suite:
        """The tasks that one greedy sample does not solve."""
        candidates = chosen(self.suite, self.args.candidates, last=self.args.last)
        greedy = {"n": 1, "temperature": 0.0, "leaves": 1}
        run = await self.done(self.job("best_of_n", greedy, {"calls": 1}, candidates), candidates)
        solved = {name for name, correct in verdicts(run).items() if correct}
        left = len(candidates.tasks) - len(solved)
        said = f"greedy: {len(solved)}/{len(candidates.tasks)} solved; {min(self.args.tasks, left)} of the others taken"
        self.console.print(said, highlight=False)
        return replace(candidates, tasks=tuple(task for task in candidates.tasks if task.id not in solved))

    def jobs(self, suite: Suite) -> list[Job]:
        """One a recipe, at the same policy tokens."""
        constants = {
            "best_of_n": {"n": self.args.n},
            "self_repair": {},
            "codetree": {"temperature": self.args.temperature},
            "mcts": {"n": self.args.n},
        }
        return [self.job(name, constants[name], {"policy_tokens": self.args.tokens}, suite) for name in RECIPES]

    def standing(self, jobs: Sequence[Job]) -> list[Listed]:
        """The runs of these jobs that have begun."""
        found = (run_of(self.args.out, self.about, job) for job in jobs)
        return [run for run in found if run is not None]


def chosen(suite: Suite, count: int, *, last: bool) -> Suite:
    """The first or the last tasks of a suite."""
    return replace(suite, tasks=suite.tasks[-count:] if last else suite.tasks[:count])


async def measure(model: VLLM, args: argparse.Namespace, console: Console) -> None:
    """Does what is left to do, and prints the table of what stands then, also where it was stopped."""
    suite = load_suite(args.suite, data=args.data, skip_bad=True)
    if isinstance(suite.domain, str):
        suite = replace(suite, domain=load("domains", suite.domain)())  # one sandbox for all runs
    bench = Bench(args, suite, model, {"model": await model.identity()}, console)
    if args.failed_by_greedy:
        suite = await bench.failed_by_greedy()
    suite = chosen(suite, args.tasks, last=args.last)
    if not suite.tasks:
        raise SystemExit("one greedy sample solves all of them: no task is left to compare the recipes on")
    jobs = bench.jobs(suite)
    try:
        for job in jobs:
            await bench.done(job, suite)
    finally:
        print_table(console, bench.standing(jobs))


def print_table(console: Console, runs: Sequence[Listed]) -> None:
    """One row a run, against the first one, over the tasks that both have finished."""
    names = ("recipe", "done", "solved", "95% interval", "only it : only the first", "policy tokens", "value tokens")
    table = Table(*names)
    found = [verdicts(RunReader(run.directory)) for run in runs]
    for run, own in zip(runs, found, strict=True):
        both = own.keys() & found[0].keys()
        alone = sum(own[name] is True is not found[0][name] for name in both)
        first_alone = sum(found[0][name] is True is not own[name] for name in both)
        table.add_row(
            run.recipe,
            f"{run.tally.done}/{run.tally.tasks}",
            str(run.tally.solved),
            f"{run.accuracy.low:.2f} to {run.accuracy.high:.2f}",
            f"{alone} : {first_alone}",
            f"{run.tally.policy.tokens:,}",
            f"{run.tally.value.tokens:,}",
        )
    console.print(table)


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--suite", default="humaneval")
    found.add_argument("--data", type=Path, help="the file of a suite that is read")
    found.add_argument("--tasks", type=int, default=20)
    found.add_argument("--last", action="store_true", help="the last tasks instead of the first")
    found.add_argument("--failed-by-greedy", action="store_true", help="tasks that one greedy sample does not solve")
    found.add_argument("--candidates", type=int, default=300, help="tasks that are tried greedily first")
    found.add_argument("--tokens", type=int, default=6_000, help="policy tokens a task, for each recipe")
    found.add_argument("--n", type=int, default=4, help="proposals in one request of best_of_n and mcts")
    found.add_argument("--temperature", type=float, default=0.0, help="of codetree's draws")
    found.add_argument("--concurrency", type=int, default=16)
    found.add_argument("--seed", type=int, default=0)
    found.add_argument("--out", type=Path, default=Path("results"))
    found.add_argument("--url", help="a running server instead of an own one")
    found.add_argument("--model", help="a model to serve; by default the small one")
    return found


def main() -> None:
    """Measures."""
    args, console = parser().parse_args(), Console()
    try:
        if args.url:
            asyncio.run(measure(VLLM(args.url), args, console))
        else:
            with Server(args.model) as server:
                asyncio.run(measure(VLLM(server.url), args, console))
    except RunPaused as paused:
        run = listed(paused.directory)
        console.print(
            f"stopped at {run.tally.done}/{run.tally.tasks} tasks of {run.directory}; the same command goes on"
        )
        raise SystemExit(INTERRUPTED) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("stopped; the same command goes on")
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
