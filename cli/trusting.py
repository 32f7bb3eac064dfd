"""`treewright trust`: how far a run's value models can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..runs.outcomes import judged_states
from ..runs.statistics import Estimate
from ..runs.trust import Trust, trust
from ..search import RunReader
from ..search.errors import SearchError
from .errors import teach

_BAR = 20


@teach
def trust_command(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="From which value on a state is taken for good.")
    ] = 0.5,
    rounds: Annotated[int, typer.Option(min=100, help="Resamples of the bootstrap.")] = 1000,
    details: Annotated[bool, typer.Option(help="Show each model by depth and by value.")] = True,
) -> None:
    """Compares what a run's value models said of each state with what became of it, by the hidden checks."""
    console, reader = Console(), RunReader(run)
    low, high = reader.meta()["value_range"]
    found = trust(judged_states(reader), (low, high), threshold=threshold, rounds=rounds)
    if not found:
        raise SearchError(
            f"{run} has no score of a state below which an end is known; nothing can be said of its values"
        )
    every = found[-1]  # a baseline has the states of all models
    console.print(table_of(found, f"{every.states:,} states of {every.tasks:,} tasks, 95% intervals over tasks"))
    for account in found[:-2] if details else ():
        _show(console, account)
    unknown = max(account.unknown for account in found)
    typer.echo(
        f"good: a correct end was found at or below the state; {unknown:,} states had no known end below them.\n"
        "siblings' order: mean Kendall tau-b with the share of correct ends below, 1 is the same order, 0 none."
    )


def table_of(found: Sequence[Trust], title: str) -> Table:
    """One column an account, one row a figure."""
    table = Table("", title=title)
    for account in found:
        table.add_column(escape(account.model), justify="right")
    figures: tuple[tuple[str, Callable[[Trust], str]], ...] = (
        ("states", lambda one: f"{one.states:,}"),
        ("good", lambda one: f"{one.good:.1%}"),
        ("AUROC", lambda one: _told(one.auroc, ".3f")),
        ("at equal depth", lambda one: _told(one.at_depth, ".3f")),
        (f"precision at {found[0].threshold:g}", lambda one: _told(one.precision, ".2f")),
        ("recall", lambda one: _told(one.recall, ".2f")),
        ("calibration error", lambda one: _told(one.calibration_error, ".3f")),
        ("siblings' order", lambda one: "-" if one.siblings is None else f"{one.siblings:.2f} in {one.families}"),
        ("tokens a state", lambda one: f"{one.tokens:,.0f}"),
    )
    for name, told in figures:
        table.add_row(name, *map(told, found))
    return table


def _told(estimate: Estimate, spec: str) -> str:
    return "-" if math.isnan(estimate.value) else format(estimate, spec)


def _show(console: Console, account: Trust) -> None:
    depths = Table("depth", "states", "good", "AUROC", title=escape(account.model))
    for one in account.depths:
        told = "-" if math.isnan(one.auroc) else f"{one.auroc:.3f}"
        depths.add_row(str(one.depth), f"{one.states:,}", f"{one.good:.1%}", told)
    console.print(depths)
    bins = Table("value", "states", "mean value", "good", "|: value, #: good", title="reliability")
    for part in account.bins:
        row = [f"{part.low:.1f} to {part.high:.1f}", f"{part.states:,}", f"{part.value:.3f}", f"{part.good:.3f}"]
        bins.add_row(*row, _bar(part.value, part.good))
    console.print(bins)


def _bar(value: float, good: float) -> str:
    bar = ["#" if at < round(good * _BAR) else " " for at in range(_BAR + 1)]
    bar[round(value * _BAR)] = "|"
    return "".join(bar)
