"""Finished and unfinished runs by scripted models, for tests of what is done with run directories."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from treewright.domains.protocol import Task
from treewright.runs import Suite, Summary, load_suite, run_suite
from treewright.search import Budget, Recipe, mcts, search
from treewright.value_models import ScriptedPolicy, ScriptedValue

TEXTS = ["so we add 3", "then take 4", "The answer is 12.", "The answer is 7."]


def finished(
    run: Path,
    *,
    recipe: Recipe | None = None,
    tasks: int = 6,
    expansions: int = 12,
    suite: Suite | None = None,
    **more: Any,
) -> Summary:
    """A finished run over Game of 24, or over a suite."""
    policy = more.pop("policy", None) or ScriptedPolicy(texts=TEXTS)
    return asyncio.run(
        run_suite(
            suite or load_suite("game24", limit=tasks), recipe or mcts(), Budget(expansions=expansions), policy=policy,
            value=ScriptedValue(), directory=run, **more,
        )
    )  # fmt: skip


def stopped(run: Path, *, tasks: int = 6, after: int = 1) -> None:
    """A run that stopped when so many tasks were finished."""

    async def work() -> None:
        stream = search(
            load_suite("game24", limit=tasks).tasks, domain="game24", policy=ScriptedPolicy(), value=ScriptedValue(),
            budget=Budget(expansions=12), run=run, concurrency=1,
        )  # fmt: skip
        for _ in range(after):
            await anext(stream)
        await stream.aclose()

    asyncio.run(work())


def sums(count: int = 4) -> Suite:
    """Word problems with the answers 4, 8, 12, ..."""
    tasks = (Task(f"t{i}", f"A shop has {i} boxes of 4 pens. How many pens?", str(4 * i)) for i in range(1, count + 1))
    return Suite("sums", "math", tuple(tasks))
