"""`treewright stats`: a run's figures with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..runs.accounts import accounts
from ..runs.curve import BudgetPoint, accuracy_curve, accuracy_within
from ..runs.draws import draws, pass_rate
from ..runs.failures import FailureClass, failure_classes
from ..runs.kept import courses_of, tasks_of
from ..search import UNITS, RunReader, Unit
from ..search.errors import SearchError, UnknownName
from ..search.journal import models
from . import options
from .costs import cost_table
from .errors import teach
from .show import print_solved

SHOWN = 12  # rows of a curve
NODES = 3  # failed nodes named a class


@teach
def stats_command(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    unit: Annotated[str, typer.Option(help=f"Budgets in: {', '.join(UNITS)}.")] = "expansions",
    at: Annotated[str | None, typer.Option(help="Budgets a task, by comma; by default those that changed it.")] = None,
    pass_at: Annotated[str | None, typer.Option("--pass-at", help="pass@k for these k, by comma.")] = None,
) -> None:
    """Shows what a run came to: accuracy, accuracy against budget, pass@k, cost and failures, with 95% intervals."""
    if unit not in UNITS:
        raise UnknownName("units", unit, UNITS)
    counted = next(name for name in UNITS if name == unit)
    budgets = None if at is None else options.amounts("at", at)
    console, reader = Console(), RunReader(run)
    print_solved(console, reader)
    console.print(f"models: {', '.join(models(reader)) or 'none'}", highlight=False, markup=False)
    console.print(_curve(run, counted, budgets))
    if pass_at is not None:
        console.print(_pass_table(reader, options.numbers("pass-at", pass_at)))
    console.print(cost_table(accounts(reader, ("operator", "model")), ("operator", "model"), accounts(reader, ())[0]))
    failed = failure_classes(reader)
    if failed:
        console.print(_failure_table(failed))
        task, node = failed[0].nodes[0]
        console.print(
            f"look at one: treewright show {run} {task}  (node {node})", soft_wrap=True, highlight=False, markup=False
        )


def _curve(run: Path, unit: Unit, budgets: Sequence[float] | None) -> Table:
    courses = courses_of(run)
    if budgets is None:
        points = _thinned(accuracy_curve(courses, unit))
    else:
        points = [accuracy_within(courses, budget, unit) for budget in budgets]
    table = Table(title="had the run stopped earlier")
    for name in (f"{unit.replace('_', ' ')} a task", "solved", "95% interval"):
        table.add_column(name, justify="right")
    for point in points:
        share = point.accuracy
        solved = f"{share.value * len(courses):.0f}/{len(courses)}" if courses else "0/0"
        table.add_row(f"{point.budget:,.6g}", solved, f"{share.low:.1%} to {share.high:.1%}")
    return table


def _thinned(points: Sequence[BudgetPoint]) -> list[BudgetPoint]:
    """At most so many of the curve's points, evenly spread over them, its ends among them."""
    if len(points) <= SHOWN:
        return list(points)
    return [points[round(place * (len(points) - 1) / (SHOWN - 1))] for place in range(SHOWN)]


def _pass_table(reader: RunReader, ks: Sequence[int]) -> Table:
    drawn = draws(reader, tasks_of(reader))
    table = Table("k", title=f"pass@k from {sum(of.drawn for of in drawn):,} draws")
    for name in ("pass@k", "95% interval"):
        table.add_column(name, justify="right")
    for k in ks:
        try:
            rate = pass_rate(drawn, k)
        except ValueError as error:
            raise SearchError(f"--pass-at {k}: {error}") from error
        table.add_row(str(k), f"{rate.value:.1%}", f"{rate.low:.1%} to {rate.high:.1%}")
    return table


def _failure_table(failed: Sequence[FailureClass]) -> Table:
    table = Table("error", title="failed nodes")
    table.add_column("nodes", justify="right")
    table.add_column("where (task:node)")
    table.add_column("it says")
    for kind in failed:
        shown = ", ".join(f"{task}:{node}" for task, node in kind.nodes[:NODES])
        more = ", ..." if len(kind.nodes) > NODES else ""
        table.add_row(*map(escape, (kind.name, str(len(kind.nodes)), shown + more, kind.example[:200])))
    return table
