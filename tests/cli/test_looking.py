"""The commands that show a run: view, report, plot, album."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scripted_process import environment, free_port
from typer.testing import CliRunner
from viewer_runs import apart, record

from treewright.cli.main import app
from treewright.search import mcts


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("looking") / "run"
    apart(record(run, "math", mcts(evaluate="children", leaves=4), expansions=12))
    return run


def command(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


@contextmanager
def viewing(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The view command in a process of its own, and the URL that it printed."""
    call = [sys.executable, "-u", "-m", "treewright.cli.main", "view", *map(str, arguments)]
    process = subprocess.Popen(call, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.stdout.read()
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def status(url: str, path: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_view_serves_until_it_is_interrupted(run: Path) -> None:
    with viewing(run, "--task", "pens/2") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/#/task/1")
        assert status(url, "/") == 200
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 0, output
        assert "Traceback" not in output


def test_view_elsewhere_than_loopback_needs_its_token(run: Path) -> None:
    with viewing(run, "--host", "0.0.0.0") as (_, url):
        query = urlsplit(url).query
        assert len(query) > len("token=") + 20
        assert status(url, "/api/run") == 401
        assert status(url, f"/api/run?{query}") == 200


def test_view_says_what_is_wrong(run: Path, tmp_path: Path) -> None:
    code, said = command("view", run, "--task", "pens/9")
    assert (code, "did you mean 'pens/" in said) == (2, True)
    code, said = command("view", tmp_path)
    assert (code, "is no run directory" in said) == (2, True)
    code, said = command("view", run, "--host", "192.0.2.1", "--port", free_port())
    assert (code, "the viewer cannot listen at 192.0.2.1" in said) == (2, True)


def test_report_is_written_beside_the_journal_or_elsewhere(run: Path, tmp_path: Path) -> None:
    code, said = command("report", run)
    assert (code, said.strip()) == (0, str(run / "report.html"))
    out = tmp_path / "r.html"
    assert command("report", run, "--out", out, "--unit", "policy_tokens")[0] == 0
    written = out.read_text(encoding="utf-8")
    assert "policy tokens a task" in written
    assert "AUROC" in written, "how far the value model can be trusted"


def test_a_file_that_cannot_be_written_is_said_in_one_line(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name, file in (("report", "r.html"), ("plot", "p.svg")):
        code, said = command(name, run, "--out", tmp_path / "nowhere" / file)
        assert code == 2
        assert f"{file} cannot be written: No such file or directory" in said.replace("\n", "")


def test_plot_draws_several_runs(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "p.svg"
    code, said = command("plot", run, "--out", out, "--unit", "calls")
    assert (code, said.strip()) == (0, str(out))
    assert "calls a task" in out.read_text(encoding="utf-8")
    code, said = command("plot", run, "--out", tmp_path / "p.gif")
    assert (code, "ends in .gif" in said) == (2, True)
    code, said = command("plot", run, "--out", out, "--unit", "policy_token")
    assert (code, "did you mean 'policy_tokens'" in said) == (2, True)


def test_an_album_is_of_pages(run: Path) -> None:
    code, said = command("album", run, "pens/1")
    assert (code, "which has no pages" in said) == (2, True)
