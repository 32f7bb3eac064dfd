"""Progress lines where there is no terminal, bars where there is one."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from treewright.runs import Progress
from treewright.search import Status


def status() -> Status:
    return Status(tasks=8, done=3, solved=2, requests=5, policy_tokens=900, value_tokens=100, started=0.0, ended=10.0)


def test_a_plain_line_has_the_numbers() -> None:
    out = io.StringIO()
    with Progress(Console(file=out)).follow("mcts", status()):
        pass
    assert out.getvalue() == "mcts: 3/8 tasks, 2 solved, 100 tokens/s, 5 in flight, about 17 s left\n"


def test_a_terminal_gets_a_bar_with_the_time_left() -> None:
    out = io.StringIO()
    with Progress(Console(file=out, force_terminal=True, width=120)).follow("mcts", status()):
        pass
    assert "3/8" in out.getvalue()
    assert "2 solved, 100 tokens/s, 5 in flight" in out.getvalue()
    assert "left" in out.getvalue()


def test_silent_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress.silent().follow("mcts", status()):
        pass
    assert capsys.readouterr() == ("", "")
