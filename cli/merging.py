"""`treewright merge`: the runs of several shards as one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..runs.pending import FOLDER
from ..search import JournalError, merge
from .errors import teach


@teach
def merge_command(
    out: Annotated[Path, typer.Argument(help="A new run directory.")],
    runs: Annotated[list[Path], typer.Argument(help="Run directories of one recipe over disjoint tasks.")],
) -> None:
    """Merges runs, such as the shards of a suite, into a new one; they stay as they are."""
    for run in runs:
        if (run / FOLDER).is_dir():
            raise JournalError(
                f"{run} is a distributed run that has not ended; treewright resume {run} goes on with it"
            )
    merged = merge(out, runs)
    typer.echo(str(merged))
    if merged.finished < merged.tasks:
        typer.echo(f"go on with: treewright resume {out}")
