"""Progress lines where there is no terminal, bars where there is one."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from treewright.domains.protocol import Grade, Task
from treewright.runs import Progress
from treewright.runs.metrics import Metrics
from treewright.search import Cost, Result, Status, Tree
from treewright.value_models.protocols import Usage

RESULT = Result(
    Task("t", "text"), "24", 1.0, Cost(policy=Usage(5, 0, 2, 1)), Tree([]), None, "solved", Grade(correct=True)
)


def status() -> Status:
    return Status(tasks=8, done=3, solved=2, requests=5, policy_tokens=900, value_tokens=100, started=0.0, ended=10.0)


def test_a_plain_line_has_the_numbers() -> None:
    out = io.StringIO()
    with Progress(Console(file=out)).follow("mcts", status()):
        pass
    assert out.getvalue() == "mcts: 3/8 tasks, 2 solved (21% to 94%), 100 tokens/s, 5 in flight, about 17 s left\n"


def test_a_terminal_gets_a_bar_with_the_time_left() -> None:
    out = io.StringIO()
    with Progress(Console(file=out, force_terminal=True, width=120)).follow("mcts", status()):
        pass
    assert "3/8" in out.getvalue()
    assert "2 solved (21% to 94%), 100 tokens/s, 5 in flight" in out.getvalue()
    assert "left" in out.getvalue()


def test_json_lines_are_one_object_each() -> None:
    out = io.StringIO()
    progress = Progress(Console(file=io.StringIO()), lines=out)
    with progress.follow("mcts", status()):
        progress.finished("mcts", RESULT)
        progress.say("a note")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["task", "note", "progress"]
    assert (lines[0]["task"], lines[0]["verdict"], lines[0]["cost"]["policy_tokens"]) == ("t", "correct", 7)
    assert lines[1]["text"] == "a note"
    assert (lines[2]["done"], lines[2]["tasks"], lines[2]["tokens_per_second"]) == (3, 8, 100)


def test_a_followed_search_is_among_the_metrics_also_afterwards() -> None:
    served = Metrics()
    with Progress(None, metrics=served).follow("mcts", status()):
        pass
    assert 'treewright_done{run="mcts"} 3\n' in served.text()


def test_silent_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress.silent().follow("mcts", status()):
        pass
    assert capsys.readouterr() == ("", "")
