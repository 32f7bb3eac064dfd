"""`treewright runs`, `watch` and `rm`: the run directories of a place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from ..runs.progress import bars
from ..runs.store import Listed, check_run, listed, remove, runs_in
from ..runs.watching import watch
from . import options
from .errors import PAUSED, teach


@teach
def runs_command(
    root: Annotated[Path, typer.Argument(help="Where the run directories are.")] = Path("results"),
) -> None:
    """Lists the runs of a directory: their state, how many tasks are solved, and what they cost."""
    table = Table(Column("run", overflow="fold"), "state", "suite", "recipe")  # a name is never cut
    for name in ("done", "solved", "95% interval", "policy tokens", "value tokens"):
        table.add_column(name, justify="right")
    problems = []
    for directory in runs_in(root):
        run = listed(directory)
        table.add_row(*map(escape, _row(run)))
        problems += [run.problem] if run.problem else []
    console = Console()
    console.print(table)
    for problem in problems:
        console.print(problem, soft_wrap=True, markup=False, highlight=False)


@teach
def watch_command(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 2.0,
    lines: options.Lines = False,
) -> None:
    """Follows a run that another process works on, until it ends; exit status 75 where it stopped before its end."""
    console = Console()
    looks = watch(run, every)
    figures, state = next(looks)
    if lines or not console.is_terminal:
        while True:
            typer.echo(json.dumps({"event": "progress", **figures.plain()}) if lines else figures.line())
            if state != "running":
                break
            figures, state = next(looks)
    else:
        with bars(console, figures.name) as show:
            show(figures)
            for figures, state in looks:  # noqa: B007  the last state is looked at below
                show(figures)
    if state == "stopped":
        typer.echo(f"nobody works on it; go on with: treewright resume {run}", err=True)
        raise typer.Exit(PAUSED)


@teach
def rm_command(
    runs: Annotated[list[Path], typer.Argument(help="Run directories.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Removes runs, after asking for each: what their models answered is lost with them."""
    for directory in runs:
        check_run(directory)
        run = listed(directory)
        calls = run.tally.policy.calls + run.tally.value.calls
        question = f"Remove {directory} ({run.state}, {run.tally.done}/{run.tally.tasks} tasks, {calls:,} model calls)?"
        if yes or typer.confirm(question):
            remove(directory)


def _row(run: Listed) -> list[str]:
    counted = run.tally
    share = f"{run.accuracy.low:.1%} to {run.accuracy.high:.1%}" if counted.done else ""
    return [
        run.directory.name,
        run.state,
        run.suite,
        run.recipe,
        f"{counted.done}/{counted.tasks}",
        str(counted.solved),
        share,
        f"{counted.policy.tokens:,}",
        f"{counted.value.tokens:,}",
    ]
