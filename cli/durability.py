"""`treewright resume` and `treewright repair`: runs that stopped before their end, and journals that are damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..runs.progress import Progress
from ..runs.run import resume_run
from ..search import RunReader, repair, run_async
from . import options
from .errors import teach
from .show import print_comparison

Run = Annotated[Path, typer.Argument(help="A run directory.")]


@teach
def resume_command(
    run: Run,
    model: Annotated[str | None, typer.Option(help="URL of the model server, where it has moved.")] = None,
    name: options.ModelName = None,
    cache: options.Cache = None,
) -> None:
    """Goes on with a run that stopped before its end; what its journal holds is not paid for again."""
    console, about = Console(), RunReader(run).meta().get("about") or {}
    policy, judge = options.models(
        model or about.get("url", options.DEFAULT_URL),
        name or about.get("name"),
        about.get("value", "label"),
        about.get("prior", "model"),
    )
    summary = run_async(resume_run(run, policy=policy, value=judge, progress=Progress(console), cache=cache))
    print_comparison(console, [summary])


@teach
def repair_command(run: Run) -> None:
    """Checks a run's journal and saves what can be read of a damaged one; the damaged file is kept beside it."""
    typer.echo(str(repair(run)))
