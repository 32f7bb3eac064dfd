"""The runs of a directory: their states, their tallies, and how one is removed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from finished import finished, stopped
from scripted_process import environment

from treewright.runs.store import listed, remove, runs_in
from treewright.search import JournalError, RunInUse, RunReader
from treewright.search.journal import RunLock, failures, models, tally, verdicts, writer_of

HOLD = """
import sys
from pathlib import Path
from treewright.search.journal import RunLock
lock = RunLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_elsewhere(run: Path) -> Iterator[int]:
    """Another process writes the run; its pid."""
    command = [sys.executable, "-c", HOLD, str(run)]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.stdin.close()


def test_a_finished_run_is_done_and_counted(tmp_path: Path) -> None:
    summary = finished(tmp_path / "a", tasks=4)
    run = listed(tmp_path / "a")
    assert (run.state, run.suite, run.recipe) == ("done", "game24", "mcts")
    assert (run.tally.tasks, run.tally.done, run.tally.solved) == (4, 4, summary.solved)
    assert run.tally.policy.tokens == summary.policy_tokens
    assert run.tally.value.tokens == summary.value_tokens
    assert run.accuracy.value == summary.solved / 4


def test_a_run_that_stopped_can_be_told_from_one_that_goes_on(tmp_path: Path) -> None:
    run = tmp_path / "a"
    stopped(run)
    assert listed(run).state == "stopped"
    assert writer_of(run) is None
    with held_elsewhere(run) as pid:
        assert listed(run).state == "running"
        assert writer_of(run) == f"pid {pid}"
        with pytest.raises(RunInUse, match=f"being written by pid {pid}"):
            remove(run)
    assert listed(run).state == "stopped"
    lock = RunLock(run)
    assert "this process" in (writer_of(run) or "")
    lock.release()
    assert writer_of(run) is None


def test_a_tally_goes_on_from_an_earlier_one(tmp_path: Path) -> None:
    finished(tmp_path, tasks=3)
    reader = RunReader(tmp_path)
    whole = tally(reader)
    with sqlite3.connect(tmp_path / "journal.db") as db:
        (middle,) = db.execute("SELECT max(seq) / 2 FROM events").fetchone()
        rows = db.execute("SELECT * FROM events WHERE seq > ?", (middle,)).fetchall()
        db.execute("DELETE FROM events WHERE seq > ?", (middle,))
        db.commit()
        before = tally(reader)
        assert 0 < before.policy.tokens < whole.policy.tokens
        db.executemany(f"INSERT INTO events VALUES ({','.join('?' * len(rows[0]))})", rows)
        db.commit()
        assert tally(reader, before) == whole
    db.close()


def test_verdicts_failures_and_models_are_read_without_trees(tmp_path: Path) -> None:
    summary = finished(tmp_path, tasks=3)
    reader = RunReader(tmp_path)
    assert verdicts(reader) == {name: reader.result(name).solved for name in reader.tasks()}
    assert failures(reader) == [(r.task.id, *failure) for r in summary.results for failure in r.failures] == []
    assert models(reader) == ["scripted-0"]


def test_a_run_of_a_newer_version_is_listed_with_what_to_do(tmp_path: Path) -> None:
    finished(tmp_path / "a", tasks=1)
    with sqlite3.connect(tmp_path / "a" / "journal.db") as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    db.close()
    run = listed(tmp_path / "a")
    assert run.state == "unreadable"
    assert "has schema version 99" in run.problem
    assert "pip install --upgrade treewright" in run.problem


def test_only_run_directories_are_listed_and_removed(tmp_path: Path) -> None:
    finished(tmp_path / "a", tasks=1)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "thesis.tex").touch()
    assert list(runs_in(tmp_path)) == [tmp_path / "a"]
    with pytest.raises(JournalError, match=r"is no run directory.*nothing was removed"):
        remove(tmp_path / "b")
    remove(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    with pytest.raises(JournalError, match="is no directory"):
        runs_in(tmp_path / "nowhere")
