"""`treewright trust`: how far a run's value models can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
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
    console.print(table_of(found, f"{found[0].states:,} states of {found[0].tasks:,} tasks, 95% intervals over tasks"))
    for account in found[:-2] if details else ():
        _show(console, account)
    unknown = max(account.unknown for account in found)
    typer.echo(
        f"good: a correct end was found at or below the state; {unknown:,} states had no known end below them.\n"
        "siblings' order: mean Kendall tau-b with the share of correct ends below, 1 is the same order, 0 none."
    )


def table_of(found: Sequence[Trust], title: str) -> Table:
    """One row an account."""
    table = Table("value model", title=title)
    for name in ("states", "good", "AUROC", "at equal depth", f"precision at {found[0].threshold:g}", "recall"):
        table.add_column(name, justify="right")
    for name in ("calibration error", "siblings' order", "tokens a state"):
        table.add_column(name, justify="right")
    for account in found:
        table.add_row(*_row(account))
    return table


def _row(account: Trust) -> list[str]:
    siblings = "-" if account.siblings is None else f"{account.siblings:.2f} in {account.families}"
    return [
        account.model,
        f"{account.states:,}",
        f"{account.good:.1%}",
        _told(account.auroc, ".3f"),
        _told(account.at_depth, ".3f"),
        _told(account.precision, ".2f"),
        _told(account.recall, ".2f"),
        _told(account.calibration_error, ".3f"),
        siblings,
        f"{account.tokens:,.0f}",
    ]


def _told(estimate: Estimate, spec: str) -> str:
    return "-" if math.isnan(estimate.value) else format(estimate, spec)


def _show(console: Console, account: Trust) -> None:
    depths = Table("depth", "states", "good", "AUROC", title=account.model)
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
