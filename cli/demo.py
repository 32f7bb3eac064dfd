"""`treewright demo`: a local server, a small suite, MCTS and best-of-n at one token budget, a table and a tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..runs.progress import Progress
from ..runs.run import Summary, compare
from ..runs.suites import load_suite
from ..search import Budget, Result, best_of_n, mcts, run_async
from ..value_models import VLLM, Server
from .errors import teach
from .show import print_comparison, print_result


@teach
def demo(
    tasks: Annotated[int, typer.Option(min=1, help="Tasks of the suite.")] = 8,
    budget: Annotated[int, typer.Option(min=1, help="Nodes that MCTS expands a task.")] = 16,
    url: Annotated[str | None, typer.Option(help="A running server instead of an own one.")] = None,
    out: Annotated[Path, typer.Option(help="Where the run directories are made.")] = Path("results"),
) -> None:
    """Solves a small Game of 24 suite with MCTS and with best-of-n at the same token budget, on a local server."""
    console = Console()
    if url is not None:
        summaries = _solve(url, tasks, budget, out, console)
    else:
        with Server(progress=typer.echo) as server:
            summaries = _solve(server.url, tasks, budget, out, console)
        console.print("server stopped")
    print_comparison(console, summaries)
    shown = _best(summaries)
    if shown is None:
        console.print("no task was solved")
        return
    summary, result = shown
    console.print(f"\n{result.task.id}: {result.task.text}", markup=False, highlight=False)
    print_result(console, result, depth=3, width=3)
    console.print(f"\nmore: treewright show {summary.directory} {result.task.id}", soft_wrap=True, highlight=False)


def _solve(url: str, tasks: int, budget: int, out: Path, console: Console) -> list[Summary]:
    suite = load_suite("game24", limit=tasks, seed=0)
    model = VLLM(url)
    comparison = compare(
        suite,
        [mcts(), best_of_n()],
        [Budget(expansions=budget)],
        policy=model,
        value=model,
        root=out,
        progress=Progress(console),
    )
    return run_async(comparison)


def _best(summaries: list[Summary]) -> tuple[Summary, Result] | None:
    """The solved task with the smallest tree, of the first run that solved any."""
    for summary in summaries:
        solved = [result for result in summary.results if result.solved]
        if solved:
            return summary, min(solved, key=lambda result: (len(result.tree.nodes), result.task.id))
    return None
