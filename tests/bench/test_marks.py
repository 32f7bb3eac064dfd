"""Marks say met only of what was measured and is on the right side of the bound."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

Script = Callable[[str], ModuleType]


@pytest.mark.parametrize(
    ("figure", "at_most", "met"),
    [(2.0, False, True), (1.9, False, False), (2.0, True, True), (2.1, True, False), (None, True, False)],
)
def test_a_mark_is_met_on_the_right_side_of_its_bound(
    script: Script, figure: float | None, at_most: bool, met: bool
) -> None:
    assert script("marks").Mark("a figure", 2.0, figure, at_most).met is met


def test_not_a_number_meets_nothing(script: Script) -> None:
    assert not script("marks").Mark("a figure", 2.0, float("nan")).met


def test_a_figure_that_could_not_be_measured_says_why(script: Script) -> None:
    assert "not measured: no such package" in script("marks").Mark("a figure", 2.0, None, why="no such package").row()
