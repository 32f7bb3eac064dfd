"""`treewright resume` and `treewright repair`: runs that stopped before their end, and journals that are damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..runs.metrics import metrics
from ..runs.run import resume_run
from ..search import RunReader, repair, run_async
from . import options
from .errors import teach
from .output import Output

Run = Annotated[Path, typer.Argument(help="A run directory.")]


@teach
def resume_command(
    run: Run,
    model: Annotated[str | None, typer.Option(help="URL of the model server, where it has moved.")] = None,
    name: options.ModelName = None,
    cache: options.Cache = None,
    lines: options.Lines = False,
    metrics_port: options.MetricsPort = None,
) -> None:
    """Goes on with a run that stopped before its end; what its journal holds is not paid for again."""
    about = RunReader(run).meta().get("about") or {}
    policy, judge = options.models(
        model or about.get("url", options.DEFAULT_URL),
        name or about.get("name"),
        about.get("value", "label"),
        about.get("prior", "model"),
    )
    with metrics(metrics_port) as served:
        shown = Output(lines=lines, metrics=served)
        summary = run_async(resume_run(run, policy=policy, value=judge, progress=shown.progress, cache=cache))
    shown.comparison([summary])


@teach
def repair_command(run: Run) -> None:
    """Checks a run's journal and saves what can be read of a damaged one; the damaged file is kept beside it."""
    typer.echo(str(repair(run)))
