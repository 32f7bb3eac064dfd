"""`treewright compare`: two runs over the same tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from ..runs.comparison import Comparison, Side, compare_runs
from ..search import UNITS
from ..search.errors import UnknownName
from .errors import teach


@teach
def compare_command(
    first: Annotated[Path, typer.Argument(help="A run directory.")],
    second: Annotated[Path, typer.Argument(help="Another, over the same tasks.")],
    unit: Annotated[str, typer.Option(help=f"What spending is counted in: {', '.join(UNITS)}.")] = "policy_tokens",
    shared: Annotated[bool, typer.Option("--shared", help="Over the tasks that both have.")] = False,
) -> None:
    """Compares two runs task by task: at what each spent, and with the dearer one cut to what the other spent."""
    if unit not in UNITS:
        raise UnknownName("units", unit, UNITS)
    counted = next(name for name in UNITS if name == unit)
    whole, equal = compare_runs(first, second, unit=counted, shared=shared)
    table = Table("at", Column("run", overflow="fold"), title=f"{whole.tasks} tasks", min_width=60)
    for name in ("budget a task", f"{unit.replace('_', ' ')} spent", "solved", "95% interval"):
        table.add_column(name, justify="right")
    for at, compared in (("all", whole), ("equal spending", equal)):
        for run, side in ((first, compared.first), (second, compared.second)):
            table.add_row(at, escape(run.name), *_numbers(side, compared.tasks))
        table.add_section()
    console = Console()
    console.print(table)
    if whole.first.spent == whole.second.spent == 0:
        spent = unit.replace("_", " ")
        console.print(f"neither run spent any {spent}: every answer is within a budget of 0; take another --unit")
    for at, compared in (("at what each spent", whole), ("at equal spending", equal)):
        console.print(_verdict(at, second, compared), soft_wrap=True, markup=False, highlight=False)


def _numbers(side: Side, tasks: int) -> list[str]:
    share = side.accuracy
    solved = f"{share.value * tasks:.0f}/{tasks}"
    return [f"{side.budget:,.6g}", f"{side.spent:,.6g}", solved, f"{share.low:.1%} to {share.high:.1%}"]


def _verdict(at: str, second: Path, compared: Comparison) -> str:
    test = compared.test
    return (
        f"{at}: the share that {second.name} solves less the first's is {compared.difference:+.1%}; the first "
        f"alone solved {test.first}, the second alone {test.second} (McNemar p = {test.p:.3g})"
    )
