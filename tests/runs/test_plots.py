"""Figures of accuracy against budget."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from treewright.runs.curve import BudgetPoint
from treewright.runs.plots import accuracy_figure, format_of, written
from treewright.runs.statistics import Estimate
from treewright.search.errors import MissingPart, SearchError

CURVES = {
    "first": [BudgetPoint(0, Estimate(0.0, 0.0, 0.3)), BudgetPoint(8, Estimate(0.5, 0.2, 0.8))],
    "second": [BudgetPoint(0, Estimate(0.1, 0.0, 0.4)), BudgetPoint(4, Estimate(0.2, 0.1, 0.5))],
}
STARTS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.mark.parametrize("kind", STARTS)
def test_figures_are_written_alike_each_time(kind: str) -> None:
    pytest.importorskip("matplotlib")
    first = written(accuracy_figure(CURVES, "policy_tokens"), kind)
    assert first.startswith(STARTS[kind])
    assert first == written(accuracy_figure(CURVES, "policy_tokens"), kind)


def test_a_figure_shows_each_run_and_its_unit() -> None:
    pytest.importorskip("matplotlib")
    figure = accuracy_figure(CURVES, "policy_tokens")
    (axes,) = figure.axes
    assert axes.get_xlabel() == "policy tokens a task"
    lines = {line.get_label(): list(line.get_xdata()) for line in axes.lines}
    assert lines == {"first": [0, 8], "second": [0, 4]}
    drawn = written(figure, "svg").decode()
    assert "first" in drawn
    assert "second" in drawn


def test_without_matplotlib_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPart, match=r"pip install treewright\[plot\]"):
        accuracy_figure(CURVES, "calls")


def test_other_formats_are_refused() -> None:
    assert format_of(Path("a/b.SVG")) == "svg"
    with pytest.raises(SearchError, match=r"ends in .gif; a figure's name ends in"):
        format_of(Path("a.gif"))
