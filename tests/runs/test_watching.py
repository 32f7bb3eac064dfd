"""Following a run by its journal, while it goes on and when it stopped."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from time import sleep

import pytest
from finished import finished, stopped

from treewright.runs import load_suite, run_suite
from treewright.runs.watching import watch
from treewright.search import Budget, JournalError, RunReader, mcts
from treewright.value_models import ScriptedPolicy, ScriptedValue


def readable(run: Path) -> bool:
    """Whether the run's journal has been made."""
    try:
        return bool(RunReader(run).task_ids())
    except JournalError:
        return False


def test_a_live_run_is_followed_to_its_end(tmp_path: Path) -> None:
    suite, run = load_suite("game24", limit=8), tmp_path / "run"
    policy, value = ScriptedPolicy(latency=0.01), ScriptedValue()

    def work() -> None:
        asyncio.run(
            run_suite(suite, mcts(), Budget(expansions=12), policy=policy, value=value, directory=run, concurrency=2)
        )

    thread = threading.Thread(target=work)
    thread.start()
    while not readable(run):
        sleep(0.01)
    looks = list(watch(run, every=0.02))
    thread.join()
    assert [state for _, state in looks][-1] == "done"
    assert {state for _, state in looks[:-1]} == {"running"}
    done = [figures.done for figures, _ in looks]
    assert done == sorted(done)
    assert (done[-1], looks[-1][0].tasks) == (8, 8)
    assert looks[-1][0].tokens > 0
    assert looks[-1][0].in_flight is None


def test_a_run_that_nobody_works_on_is_looked_at_once(tmp_path: Path) -> None:
    stopped(tmp_path / "stopped")
    ((figures, state),) = watch(tmp_path / "stopped")
    assert state == "stopped"
    assert figures.done == 1
    finished(tmp_path / "done", tasks=2)
    ((figures, state),) = watch(tmp_path / "done")
    assert (state, figures.done, figures.left) == ("done", 2, 0.0)


def test_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is no run directory"):
        next(watch(tmp_path))
