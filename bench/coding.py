"""Code: best-of-n, self-repair, CodeTree and MCTS at the same policy tokens, judged by hidden tests.

`python bench/coding.py` starts a local server with the small model and runs the four recipes over 20 problems of
HumanEval, each with the same policy tokens a task: about ten minutes on 2 cores. One row a recipe: solved on hidden
tests with its 95% Wilson interval, and how many tasks only it, and only best-of-n, solved.

`--url` takes a running server, `--model` another model to serve; `--suite mbpp --data FILE` other problems; `--last`
the last tasks instead of the first; `--failed-by-greedy` keeps the tasks that one greedy sample does not solve.

The file is not called code.py: the standard library has a module of that name, which a script beside it would hide.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from treewright.runs import Progress, Suite, Summary, load_suite, run_suite, wilson
from treewright.runs.run import new_directory
from treewright.search import Budget, Recipe, best_of_n, codetree, mcts, self_repair
from treewright.value_models import VLLM, Server


def chosen(suite: Suite, count: int, *, last: bool) -> Suite:
    """The first or the last tasks of a suite."""
    return replace(suite, tasks=suite.tasks[-count:] if last else suite.tasks[:count])


async def run_all(suite: Suite, recipes: Sequence[Recipe], budget: Budget, model: VLLM, args: argparse.Namespace,
                  console: Console) -> list[Summary]:  # fmt: skip
    """One run a recipe, one after the other."""
    return [
        await run_suite(
            suite, recipe, budget, policy=model, value=model, seed=args.seed, concurrency=args.concurrency,
            directory=new_directory(Path(args.out), suite.name, recipe.name), progress=Progress(console),
        )
        for recipe in recipes
    ]  # fmt: skip


async def measure(url: str, args: argparse.Namespace, console: Console) -> None:
    """Runs and prints the table."""
    model = VLLM(url)
    suite = load_suite(args.suite, data=args.data, skip_bad=True)
    if args.failed_by_greedy:
        greedy = replace(best_of_n(n=1, temperature=0.0, leaves=1), name="greedy")
        (summary,) = await run_all(
            chosen(suite, args.candidates, last=args.last), [greedy], Budget(calls=1), model, args, console
        )
        failed = tuple(result.task for result in summary.results if not result.solved)
        console.print(f"greedy: {summary.solved}/{len(summary.results)} solved; {args.tasks} of the others are taken")
        suite = replace(suite, tasks=failed)
    suite = chosen(suite, args.tasks, last=args.last)
    recipes = [best_of_n(n=args.n), self_repair(), codetree(temperature=args.temperature), mcts(n=args.n)]
    summaries = await run_all(suite, recipes, Budget(policy_tokens=args.tokens), model, args, console)
    print_table(console, summaries)


def print_table(console: Console, summaries: Sequence[Summary]) -> None:
    """One row a run, against the first one."""
    table = Table("recipe", "solved", "95% interval", "only it : only the first", "policy tokens", "value tokens", "s")
    first = {result.task.id for result in summaries[0].results if result.solved}
    for summary in summaries:
        solved = {result.task.id for result in summary.results if result.solved}
        share = wilson(summary.solved, len(summary.results))
        table.add_row(
            summary.recipe,
            f"{summary.solved}/{len(summary.results)}",
            f"{share.low:.2f} to {share.high:.2f}",
            f"{len(solved - first)} : {len(first - solved)}",
            f"{summary.policy_tokens:,}",
            f"{summary.value_tokens:,}",
            f"{summary.seconds:.0f}",
        )
    console.print(table)


def main() -> None:
    """Measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="humaneval")
    parser.add_argument("--data", type=Path, help="the file of a suite that is read")
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--last", action="store_true", help="the last tasks instead of the first")
    parser.add_argument("--failed-by-greedy", action="store_true", help="tasks that one greedy sample does not solve")
    parser.add_argument("--candidates", type=int, default=300, help="tasks that are tried greedily first")
    parser.add_argument("--tokens", type=int, default=6_000, help="policy tokens a task, for each recipe")
    parser.add_argument("--n", type=int, default=4, help="proposals in one request of best_of_n and mcts")
    parser.add_argument("--temperature", type=float, default=0.0, help="of codetree's draws")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="results")
    parser.add_argument("--url", help="a running server instead of an own one")
    parser.add_argument("--model", help="a model to serve; by default the small one")
    args = parser.parse_args()
    console = Console()
    if args.url:
        asyncio.run(measure(args.url, args, console))
    else:
        with Server(args.model) as server:
            asyncio.run(measure(server.url, args, console))


if __name__ == "__main__":
    main()
