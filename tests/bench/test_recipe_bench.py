"""The comparison of recipes: who runs where, what a row says, and a plot that is drawn."""

from __future__ import annotations

import asyncio
import os
import signal
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from treewright.runs import Progress
from treewright.search import Result, RunPaused, recipe_names
from treewright.value_models import ScriptedPolicy, ScriptedValue


class Both(ScriptedPolicy, ScriptedValue):
    """One fake that proposes and scores, as a server does."""

    def __init__(self) -> None:
        ScriptedPolicy.__init__(self, texts=["8 / 4 = 2 (left: 2 7 8)", "7 + 8 = 15 (left: 4 8 15)"])
        self._fn, self._range, self.items_seen, self._latency = None, (0.0, 1.0), 0, 0.0


def test_each_suite_gets_the_recipes_that_are_for_it(script: Callable[[str], ModuleType]) -> None:
    bench = script("recipes")
    names = bench.fitting("game24", recipe_names())
    assert names[:2] == ["best_of_n", "self_consistency"]
    assert "lats" in names
    assert "webpilot" not in names
    assert "codetree" in bench.fitting("humaneval", recipe_names())
    assert "webpilot" in bench.fitting("web", recipe_names())


def bench_of(bench: ModuleType, out: Path) -> Any:
    return bench.Bench(Both(), "both", out, 1)


def test_a_row_a_recipe_a_table_and_a_plot(script: Callable[[str], ModuleType], tmp_path: Path) -> None:
    bench = script("recipes")
    suite = bench.suite_of("game24", 2, 0, None)
    rows = [bench.Row("game24", name, 400) for name in ("best_of_n", "tot", "no_such")]
    for row in rows:
        asyncio.run(bench.measure(row, [suite], bench_of(bench, tmp_path)))
    assert all(row.tasks == 2 and row.policy_tokens > 0 and not row.failed for row in rows[:2])
    assert "no 'no_such' among the recipes" in rows[2].cells()[3], "one that fails is named, and the others go on"
    bench.write(rows, tmp_path)
    assert (tmp_path / "recipes.md").read_text().count("\n") == 5
    texts = [
        part.text for part in ElementTree.parse(tmp_path / "recipes.svg").iter() if part.text and part.text.strip()
    ]
    assert {"game24, 400 tokens", "best_of_n", "tot"} <= set(texts)


def test_a_finished_run_is_read_and_not_repeated(script: Callable[[str], ModuleType], tmp_path: Path) -> None:
    bench = script("recipes")
    suite = bench.suite_of("game24", 2, 0, None)
    rows = [bench.Row("game24", "tot", budget) for budget in (400, 400, 800)]
    for row in rows:
        asyncio.run(bench.measure(row, [suite], bench_of(bench, tmp_path)))
    assert rows[0] == rows[1], "all figures come from the run"
    assert len(list(tmp_path.iterdir())) == 2, "another budget is another run"


@pytest.mark.slow
def test_a_run_that_is_cut_off_is_a_row_and_goes_on(
    script: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = script("recipes")
    args = Namespace(suites=["game24"], recipes=["tot"], tasks=40, seeds=1, budgets=[800], gsm8k=None, out=tmp_path)

    def stop(_progress: Progress, _name: str, _result: Result) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    finished = Progress.finished
    monkeypatch.setattr(Progress, "finished", stop)
    with pytest.raises(RunPaused):
        asyncio.run(bench.all_rows(bench_of(bench, tmp_path), args, Console()))
    monkeypatch.setattr(Progress, "finished", finished)
    assert "(cut off; 40 given)" in (tmp_path / "recipes.md").read_text()
    asyncio.run(bench.all_rows(bench_of(bench, tmp_path), args, Console()))
    assert "/40 |" in (tmp_path / "recipes.md").read_text()
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1
