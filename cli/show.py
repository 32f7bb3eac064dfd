"""What the commands print: a result with its tree, and the table of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ..runs.run import Summary
from ..runs.statistics import wilson
from ..search import Result, RunReader
from ..search.journal import verdicts


def print_result(console: Console, result: Result, *, depth: int, width: int = 6) -> None:
    """Prints a task's answer, its tree, and the path to the answer with each node's visits, value and text."""

    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    line(result.tree.render(depth=depth, width=width, mark=result.node))
    line("")
    if result.node is None:
        line(f"no answer ({result.stopped})")
    else:
        line("path to the answer:")
        for node in result.path:
            value = "" if node.value is None else f" v={node.value:.3f}"
            text = " ".join(node.text.split())
            line(f"  {node.depth}. n={node.visits} q={node.q:.3f}{value}  {text}")
        line(f"answer: {result.answer}  ({result.verdict}, value {result.value:.3f})")
    line(f"cost: {result.cost}; stopped: {result.stopped}")
    if result.dropped:
        line("dropped proposals: " + ", ".join(f"{count} {reason}" for reason, count in result.dropped.items()))
    for node_id, failure in result.failures:
        line(f"failed at node {node_id}: {failure}")


def print_solved(console: Console, run: RunReader) -> None:
    """Prints how many of a run's finished tasks are solved, with the Wilson interval of their share."""
    graded = verdicts(run)
    solved = sum(verdict is True for verdict in graded.values())
    share = f": {wilson(solved, len(graded)):.1%}" if graded else ""
    console.print(f"solved {solved}/{len(graded)}{share}", highlight=False)


def print_comparison(console: Console, summaries: Sequence[Summary]) -> None:
    """Prints one row a run, then the run directories: one line each, so that they can be copied whatever the width."""
    table = Table("recipe", "budget a task")
    for name in ("solved", "95% interval", "policy tokens", "value tokens", "seconds"):
        table.add_column(name, justify="right")
    for summary in summaries:
        share = wilson(summary.solved, len(summary.results))
        limits = summary.budget.model_dump(exclude_none=True, exclude={"prices"})
        table.add_row(
            summary.recipe,
            ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in limits.items()),
            f"{summary.solved}/{len(summary.results)}",
            f"{share.low:.1%} to {share.high:.1%}",
            f"{summary.policy_tokens:,}",
            f"{summary.value_tokens:,}",
            f"{summary.seconds:.1f}",
        )
    console.print(table)
    for summary in summaries:
        notes = [f"{summary.failures} nodes failed"] if summary.failures else []
        notes += [f"{summary.late} requests or steps given up as late"] if summary.late else []
        notes += [f"{summary.cached:,} answers from the cache"] if summary.cached else []
        if summary.prefix_hit_rate is not None:
            notes.append(f"{summary.prefix_hit_rate:.0%} of prompt tokens found in the prefix cache")
        noted = f"  ({', '.join(notes)})" if notes else ""
        console.print(f"{summary.recipe}: {summary.directory}{noted}", soft_wrap=True, markup=False, highlight=False)
