"""A loop is judged by the processor time that it had, a program that waits by the clock on the wall."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from treewright.domains.code.sandbox.clock import Clock
from treewright.domains.code.sandbox.processor import Use, use


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test sets."""
    now = [0.0]
    monkeypatch.setattr("treewright.domains.code.sandbox.clock.monotonic", lambda: now[0])
    return now


def ended_at(at: list[float], look: Callable[[], Use | None], seconds: float) -> float:
    """When a clock stops programs that never end."""
    clock = Clock([look], seconds)
    at[0] = 0.05
    clock.look()
    while True:
        at[0] = clock.deadline
        if not clock.extended():
            return at[0]


@pytest.mark.parametrize(
    ("share", "wanting", "end"),
    [
        (1.0, True, 1.0),
        (2.0, True, 1.0),
        (0.5, True, 1.8),
        (0.0, True, 4.0),
        (0.0, False, 1.0),
        (0.5, False, 1.0),
    ],
)
def test_time_is_a_loop_s_share_of_a_processor_and_four_times_as_long_at_most(
    at: list[float], share: float, wanting: bool, end: float
) -> None:
    """Half a processor: 0.9 s of it, all but the slack, at 1.8 s; what was used before does not count."""
    assert ended_at(at, lambda: Use(7.0 + share * at[0], wanting), 1.0) == pytest.approx(end, abs=0.11)


def test_where_nobody_can_tell_the_wall_s_clock_holds(at: list[float]) -> None:
    assert ended_at(at, lambda: None, 1.0) == 1.0


def test_the_processor_time_of_this_process_is_seen() -> None:
    before = use(os.getpid())
    assert before.wanting, "it runs this very line"
    while use(os.getpid()).seconds < before.seconds + 0.05:
        sum(range(10_000))
    assert use(1 << 30) == Use(), "nobody has this number"
