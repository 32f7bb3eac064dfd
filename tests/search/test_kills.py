"""Killed runs: the process by kill -9 at random moments, the server, and the last frames of the write-ahead log.

Each run is resumed until it ends. Its trees must be those of a run left alone, and the server's own list of the
requests that it answered must hold none that was in the journal already.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from counted import COUNTED
from durable_run import TEXTS
from scripted_process import PAUSED, ServerProcess, environment, finish_run, kill_after, serving, start_run

from treewright.search import RunReader, repair
from treewright.search.journal import FILE_NAME

pytestmark = [pytest.mark.deep, pytest.mark.durability, pytest.mark.slow]

KILLS = 50
CASES = [("game24", "rounds"), ("math", "rounds")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("server"), TEXTS) as started:
        yield started


@pytest.fixture(scope="module")
def alone(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    """The trees of runs left alone, and how many requests each took."""
    found = {}
    for case in CASES:
        before = server.count()
        trees = finish_run(start_run("new", tmp_path_factory.mktemp("alone") / "run", server.url, *case))
        found[case] = trees, server.count() - before
    return found


def requests_of(server: ServerProcess, start: int) -> Counter[str]:
    """What was asked since then: a proposal or a ranking is one request, a score one state."""
    asked: Counter[str] = Counter()
    for request in server.answered()[start:]:
        asked.update(request["items"] or [request["digest"]])
    return asked


def finished_calls(run: Path) -> int:
    """Model calls in the journal that were answered."""
    events = RunReader(run).events() if (run / FILE_NAME).exists() else iter(())
    return sum(event["kind"] in ("propose", "rank", "score") and event["error"] is None for event in events)


def killed_run(run: Path, server: ServerProcess, case: tuple[str, str], answers: int, seconds: float = 0.0) -> int:
    """Starts a run and kills it after so many answers, anew where it ended while the kill was on its way; how many
    requests the server had answered before.
    """
    for _ in range(5):
        start = server.count()
        if kill_after(start_run("new", run, server.url, *case), server, answers, seconds):
            COUNTED["kills of the process"] += 1
            return start
        shutil.rmtree(run)
    pytest.fail(f"five runs ended before {answers} answers were seen")


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_killed_run_ends_as_one_left_alone(
    case: tuple[str, str], server: ServerProcess, alone: dict[tuple[str, str], Any], tmp_path: Path
) -> None:
    trees, requests = alone[case]
    rng = random.Random(f"{case}")
    kills, round_number = 0, 0
    while kills < KILLS // len(CASES):
        run = tmp_path / f"run-{round_number}"
        round_number += 1
        start = server.count()
        process = start_run("new", run, server.url, *case)
        lost = 0
        while kill_after(process, server, rng.randrange(1, requests // 4), rng.random() * 0.02):
            kills += 1
            lost += 1
            process = start_run("resume" if (run / FILE_NAME).exists() else "new", run, server.url, *case)
        ended = finish_run(start_run("resume", run, server.url, *case))
        assert ended == trees
        asked, recorded = requests_of(server, start), finished_calls(run)
        # Twice the 8 requests in flight, to be on the safe side: answered, and then not recorded.
        assert recorded <= asked.total() <= recorded + lost * 2 * 8
        paid = sum(tree["paid"][0] + tree["paid"][1] for tree in ended.values())
        journaled = [e["prompt_tokens"] + e["completion_tokens"] for e in RunReader(run).events()]
        assert paid == sum(journaled)
    COUNTED["kills of the process"] += kills


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_nothing_in_the_journal_is_asked_for_again(
    case: tuple[str, str], server: ServerProcess, alone: dict[tuple[str, str], Any], tmp_path: Path
) -> None:
    trees, requests = alone[case]
    for position in range(4):
        run = tmp_path / f"run-{position}"
        start = killed_run(run, server, case, (position + 1) * requests // 6, 0.005)
        recorded = finished_calls(run)
        time.sleep(0.5)  # the server still answers what it was asked before the kill
        resumed_at = server.count()
        assert finish_run(start_run("resume", run, server.url, *case)) == trees
        before, after = requests_of(server, start), requests_of(server, resumed_at)
        everything = finished_calls(run)
        assert after.total() == everything - recorded, "what is asked after the kill is what the journal lacked"
        assert before.total() - after.total() >= recorded


def written_back(run: Path) -> bool:
    """Whether SQLite had begun to copy the log into the database: before it does, it has the whole log on the disk, so
    that no loss of power can cut it. In the index of the log this is nBackfillAttempted, the 4 bytes at 128.
    """
    return any((run / f"{FILE_NAME}-shm").read_bytes()[128:132])


@pytest.mark.parametrize("case", CASES, ids="-".join)
@pytest.mark.parametrize("middle", [False, True], ids=["at a frame's end", "in a frame's middle"])
def test_a_cut_write_ahead_log_loses_its_end_alone(
    case: tuple[str, str], middle: bool, server: ServerProcess, alone: dict[tuple[str, str], Any], tmp_path: Path
) -> None:
    """As a loss of power does: the last frames were not on the disk yet."""
    trees, requests = alone[case]
    rng = random.Random(f"{case}{middle}")
    for position in range(3):
        run = tmp_path / f"run-{position}"
        # Some requests before the end: a run that has ended has no log any more.
        answers = rng.randrange(requests // 2, requests * 3 // 4)
        killed_run(run, server, case, answers)
        while written_back(run):  # on a busy machine the kill may come when the run closes its journal
            shutil.rmtree(run)
            killed_run(run, server, case, answers)
        log = run / f"{FILE_NAME}-wal"
        size = page_size(log)
        frames = (log.stat().st_size - 32) // (24 + size)
        kept = rng.randrange(frames)
        with log.open("r+b") as file:
            file.truncate(32 + kept * (24 + size) + (rng.randrange(1, 24 + size) if middle else 0))
        (run / f"{FILE_NAME}-shm").unlink(missing_ok=True)
        COUNTED["cuts of the write-ahead log"] += 1
        assert finish_run(start_run("resume", run, server.url, *case)) == trees


def page_size(log: Path) -> int:
    return int.from_bytes(log.read_bytes()[8:12], "big")


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_server_that_dies_pauses_the_run_and_loses_nothing(
    case: tuple[str, str], server: ServerProcess, alone: dict[tuple[str, str], Any], tmp_path: Path
) -> None:
    trees, requests = alone[case]
    # On a busy machine a run may end before this process gets to kill the server; then it is begun anew.
    runs = (tmp_path / str(number) for number in range(5))
    run = next(run for run in runs if paused_twice(run, server, case, requests))
    assert trees_alone(finish_run(start_run("resume", run, server.url, *case))) == trees_alone(trees)


def paused_twice(run: Path, server: ServerProcess, case: tuple[str, str], requests: int) -> bool:
    """Kills the server after an eighth and after a quarter more of a run's requests; False where it ended first."""
    for share in (8, 4):
        process = start_run("resume" if run.exists() else "new", run, server.url, *case)
        target = server.count() + requests // share
        while process.poll() is None and server.count() < target:
            time.sleep(0.001)
        server.kill()
        _, errors = process.communicate(timeout=60)
        server.start()
        if process.returncode == 0:
            return False
        COUNTED["kills of the server"] += 1
        assert process.returncode == PAUSED, errors
        assert f"The run is paused; go on with: treewright resume {run}" in errors
    return True


def trees_alone(trees: dict[str, Any]) -> dict[str, Any]:
    """Without what was paid: calls that met no server are counted as calls."""
    return {task: {**tree, "paid": tree["paid"][:2]} for task, tree in trees.items()}


@pytest.mark.parametrize("load", ["game24", "math"])
def test_a_free_run_repeats_what_was_told_and_loses_no_task(load: str, server: ServerProcess, tmp_path: Path) -> None:
    rng = random.Random(load)
    run = tmp_path / "run"
    process = start_run("new", run, server.url, load, "free")
    turns: list[Any] = []
    while kill_after(process, server, rng.randrange(5, 20), rng.random() * 0.01):
        COUNTED["kills of the process"] += 1
        now = list(RunReader(run).turns())
        assert now[: len(turns)] == turns
        turns = now
        process = start_run("resume", run, server.url, load, "free")
    trees = finish_run(start_run("resume", run, server.url, load, "free"))
    assert len(trees) == len(RunReader(run).tasks()) == 5


def test_a_damaged_database_is_repaired_and_resumed(
    server: ServerProcess, alone: dict[tuple[str, str], Any], tmp_path: Path
) -> None:
    case = CASES[0]
    trees, requests = alone[case]
    run = tmp_path / "run"
    killed_run(run, server, case, requests * 3 // 4)
    with sqlite3.connect(run / FILE_NAME) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    # A page in the middle is overwritten; which table it is of is chance, so that several are tried.
    whole = (run / FILE_NAME).read_bytes()
    answers = []
    for page in range(12, len(whole) // 4096, 7):
        damaged = bytearray(whole)
        damaged[page * 4096 : (page + 1) * 4096] = os.urandom(4096)
        for name in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
            (run / name).unlink(missing_ok=True)
        (run / FILE_NAME).write_bytes(damaged)
        answers.append(str(repair(run)))
        COUNTED["damaged databases repaired"] += 1
        assert finish_run(start_run("resume", run, server.url, *case)) == trees
    assert any("saved" in answer for answer in answers)


@pytest.mark.parametrize("size", [60_000, 120_000, 200_000])
def test_a_full_disk_pauses_the_run_and_nothing_half_written_is_believed(
    size: int, server: ServerProcess, alone: dict[tuple[str, str], Any], tmp_path: Path
) -> None:
    case, run = CASES[0], tmp_path / "run"
    process = start_run("new", run, server.url, *case, file_size=size)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == PAUSED, errors
    assert "the journal cannot be written any more: OperationalError: d" in errors
    assert f"treewright resume {run}" in errors
    COUNTED["full disks"] += 1
    assert finish_run(start_run("resume", run, server.url, *case)) == alone[case][0]


def test_ctrl_c_finishes_what_is_in_flight_and_says_how_to_resume(server: ServerProcess, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "treewright.cli.main", "run", "game24", "--limit", "6", "--model", server.url]
    environ = {**environment(), "COLUMNS": "200"}
    with subprocess.Popen(
        [*command, "--budget", "200", "--out", "runs"], cwd=tmp_path, env=environ, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        before = server.count()
        while server.count() < before + 40:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    (run,) = (tmp_path / "runs").iterdir()
    assert process.returncode == 130, errors
    assert "requests in flight; Ctrl-C again drops them" in out
    assert f"go on with: treewright resume runs/{run.name}" in errors
    done = subprocess.run(
        [*command[:3], "resume", f"runs/{run.name}"], cwd=tmp_path, env=environ, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(RunReader(run).tasks()) == 6
