"""The bench of code goes on where it was cut off, takes what is finished as it is, and shows what stands."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from doubling import RECORD
from rich.console import Console
from scripted_process import ServerProcess, serving

from treewright.runs import listed, runs_in
from treewright.search import RunPaused
from treewright.value_models import VLLM

pytestmark = [pytest.mark.usefixtures("wall"), pytest.mark.slow]

Script = Callable[[str], ModuleType]
TEXTS = ["def double(x):\n    return x + x", "def double(x):\n    return x * 3", "def double(x):\n    return x - 1"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path, TEXTS) as found:
        yield found


@pytest.fixture
def asked(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    """Six tasks of one file, those that a greedy sample fails, few tokens, two of the recipes."""
    monkeypatch.setattr(script("coding"), "RECIPES", ("best_of_n", "codetree"))
    data = tmp_path / "tasks.jsonl"
    rows = [{**RECORD, "id": f"double-{n}", "text": f"{RECORD['text']} Variant {n}."} for n in range(6)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    typed = ["--suite", "code", "--data", str(data), "--out", str(tmp_path / "out"), "--failed-by-greedy"]
    found: argparse.Namespace = script("coding").parser().parse_args([*typed, "--tokens", "500", "--tasks", "4"])
    return found


def measured(script: Script, asked: argparse.Namespace, server: ServerProcess) -> str:
    """What the bench prints; RunPaused carries it where the bench was stopped."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=160, file=nowhere)
        try:
            asyncio.run(script("coding").measure(VLLM(server.url), asked, console))
        except RunPaused as paused:
            paused.add_note(console.export_text())
            raise
        return console.export_text()


def test_the_same_command_again_goes_on_until_all_is_done_and_then_asks_nothing(
    script: Script, asked: argparse.Namespace, server: ServerProcess
) -> None:
    def interrupt() -> None:
        while server.count() < 12:  # past the greedy pass: one request a task
            if stop.wait(0.002):
                return
        os.kill(os.getpid(), signal.SIGINT)

    stop = threading.Event()
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(RunPaused) as paused:
        measured(script, asked, server)
    stop.set()
    thread.join()
    assert "best_of_n" in paused.value.__notes__[0], "the table of what stands is printed all the same"
    stopped = {run: listed(run).state for run in runs_in(asked.out)}
    assert set(stopped.values()) == {"done", "stopped"}

    shown = measured(script, asked, server)
    for recipe in ("best_of_n", "codetree"):
        assert f"{recipe} " in shown
    runs = list(runs_in(asked.out))
    assert [listed(run).state for run in runs] == ["done"] * 3, "a greedy pass and a run a recipe"
    assert set(stopped) <= set(runs), "what stopped went on in its own directory"

    paid = server.count()
    assert measured(script, asked, server).splitlines()[-5:] == shown.splitlines()[-5:]
    assert (server.count(), list(runs_in(asked.out))) == (paid, runs), "what is finished is taken as it is"


def test_another_question_is_another_run(script: Script, asked: argparse.Namespace, server: ServerProcess) -> None:
    asked.failed_by_greedy, asked.tasks = False, 1
    measured(script, asked, server)
    asked.tokens += 1
    measured(script, asked, server)
    assert len(list(runs_in(asked.out))) == 4
