"""The comparison of recipes: who runs where, what a row says, and a plot that is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

from treewright.search import recipe_names
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


def test_a_row_a_recipe_a_table_and_a_plot(script: Callable[[str], ModuleType], tmp_path: Path) -> None:
    bench = script("recipes")
    suite = bench.suite_of("game24", 2, 0, None)
    rows = [
        asyncio.run(bench.measure(bench.Row("game24", name, 400), [suite], Both(), tmp_path, 4))
        for name in ("best_of_n", "tot")
    ]
    assert all(row.tasks == 2 and row.policy_tokens > 0 and not row.failed for row in rows)
    broken = asyncio.run(bench.measure(bench.Row("game24", "no_such", 400), [suite], Both(), tmp_path, 4))
    assert "no 'no_such' among the recipes" in broken.cells()[3], "one that fails is named, and the others go on"
    bench.write([*rows, broken], tmp_path)
    assert (tmp_path / "recipes.md").read_text().count("\n") == 5
    texts = [
        part.text for part in ElementTree.parse(tmp_path / "recipes.svg").iter() if part.text and part.text.strip()
    ]
    assert {"game24, 400 tokens", "best_of_n", "tot"} <= set(texts)
