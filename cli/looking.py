"""`treewright view`, `report` and `plot`: a run looked at in a browser, in one file, in a figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ..runs.album import make_album
from ..runs.curve import accuracy_curve
from ..runs.kept import courses_of
from ..runs.outcomes import judged_states
from ..runs.parts import parts_of
from ..runs.plots import accuracy_figure, format_of, written
from ..runs.report import parts_section, trust_section, write_report
from ..runs.trust import trust
from ..search import UNITS, RunReader, Unit
from ..search.errors import MissingPart, SearchError, UnknownName
from .errors import teach

Run = Annotated[Path, typer.Argument(help="A run directory.")]
_UNIT = f"Of the budget: {', '.join(UNITS)}."


@teach
def view_command(
    run: Run,
    host: Annotated[str, typer.Option(help="Address to bind to; other than loopback needs the token in the URL.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 0,
    task: Annotated[str, typer.Option(help="A task's id, to open its tree at once.")] = "",
) -> None:
    """Shows a run's trees on a local web page, also while it goes on; Ctrl-C ends it."""
    try:
        from ..runs.viewer import view
    except ModuleNotFoundError as error:
        raise MissingPart(f"view needs the package {error.name}: pip install treewright[view]") from None
    number = None
    if task:
        ids = [row["id"] for row in RunReader(run).overview()]
        if task not in ids:
            raise UnknownName(f"tasks of {run}", task, ids)
        number = ids.index(task)
    try:
        view(run, host=host, port=port, task=number, ready=lambda url: typer.echo(f"{run}: {url}  (Ctrl-C ends it)"))
    except OSError as error:
        raise SearchError(f"the viewer cannot listen at {host} port {port}: {error.strerror or error}") from error


@teach
def album_command(
    run: Run,
    task: Annotated[str, typer.Argument(help="A task's id.")],
    most: Annotated[int, typer.Option(min=1, help="Pages; of all nodes the most visited ones.")] = 12,
) -> None:
    """Visits the pages of a web task's tree again, and keeps a screenshot and the outline of each for view."""
    typer.echo(str(make_album(run, task, most=most)))


@teach
def report_command(
    run: Run,
    out: Annotated[Path | None, typer.Option(help="The file; by default report.html in the run directory.")] = None,
    unit: Annotated[str, typer.Option(help=_UNIT)] = "",
) -> None:
    """Writes a run's report: one HTML file with its figures, cost, trust in the values, best and worst trees."""
    reader = RunReader(run)
    low, high = reader.meta()["value_range"]
    found = trust(judged_states(reader), (low, high))
    said = parts_of(reader)
    sections = ([trust_section(found)] if found else []) + ([parts_section(said)] if said else [])
    with _written(out or run):
        typer.echo(str(write_report(run, out, unit=_unit(unit) if unit else None, sections=sections)))


@teach
def plot_command(
    runs: Annotated[list[Path], typer.Argument(help="Run directories; each is a line.")],
    out: Annotated[Path, typer.Option(help="The file: .png, .svg or .pdf.")],
    unit: Annotated[str, typer.Option(help=_UNIT)] = "expansions",
) -> None:
    """Plots accuracy against budget, from the journals of one run or several."""
    kind, budget = format_of(out), _unit(unit)
    curves = {run.resolve().name: accuracy_curve(courses_of(run), budget) for run in runs}
    with _written(out):
        out.write_bytes(written(accuracy_figure(curves, budget), kind))
    typer.echo(str(out))


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Says in one line that a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise SearchError(f"{path} cannot be written: {error.strerror or error}") from error


def _unit(name: str) -> Unit:
    if name not in UNITS:
        raise UnknownName("units of a budget", name, UNITS)
    return name
