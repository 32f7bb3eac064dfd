"""Figures of runs, drawn by matplotlib (extra `plot`)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..search import Unit
from ..search.errors import MissingPart, SearchError
from .curve import BudgetPoint

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")


def accuracy_figure(curves: Mapping[str, Sequence[BudgetPoint]], unit: Unit) -> Figure:
    """Accuracy against budget a task: a step line for each run, with its 95% Wilson interval as a band.

    Args:
        curves: by the run's name, as `accuracy_curve` gives them.
        unit: of the budget.

    Raises:
        MissingPart: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import PercentFormatter
    except ModuleNotFoundError:
        raise MissingPart("figures need the package matplotlib: pip install treewright[plot]") from None
    figure = Figure(figsize=(7.2, 4.0), layout="constrained")
    axes = figure.add_subplot()
    for name, points in curves.items():
        budgets = [point.budget for point in points]
        (line,) = axes.step(budgets, [point.accuracy.value for point in points], where="post", label=name)
        low, high = [point.accuracy.low for point in points], [point.accuracy.high for point in points]
        axes.fill_between(budgets, low, high, step="post", alpha=0.15, color=line.get_color(), linewidth=0)
    axes.set(xlabel=f"{unit.replace('_', ' ')} a task", ylabel="solved", ylim=(0, 1))
    axes.set_xlim(left=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)
    if len(curves) > 1:
        axes.legend(frameon=False, loc="best")
    return figure


def written(figure: Figure, kind: str) -> bytes:
    """A figure as a file's bytes; equal figures give equal bytes.

    Args:
        figure: to be written.
        kind: one of FORMATS.
    """
    import matplotlib

    dated = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with matplotlib.rc_context({"svg.hashsalt": "treewright", "svg.fonttype": "none"}):
        out = io.BytesIO()
        figure.savefig(out, format=kind, dpi=150, metadata=dated)
    return out.getvalue()


def format_of(path: Path) -> str:
    """The format that a file's name asks for.

    Raises:
        SearchError: it is none that is drawn.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise SearchError(f"{path} ends in {path.suffix or 'nothing'}; a figure's name ends in .png, .svg or .pdf")
    return kind
