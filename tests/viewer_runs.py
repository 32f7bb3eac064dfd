"""Small runs with scripted models, for those who look at runs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any

from treewright.domains.math import game24_tasks
from treewright.domains.protocol import Task
from treewright.search import Budget, Recipe, mcts, search
from treewright.value_models import ScriptedPolicy, ScriptedValue

EVIL = '<script>document.title = "owned"</script><img src=x onerror=alert(1)>'
LINES = [f"add {a} and {b} to get {a + b}" for a in range(6) for b in range(6)]
LINES += [EVIL, "The answer is 8.", "The answer is 12."] * 6


def models() -> dict[str, Any]:
    """A policy and a value model that always answer alike."""
    return {"policy": ScriptedPolicy(texts=LINES), "value": ScriptedValue()}


def problems(count: int = 3) -> list[Task]:
    """Word problems; the scripted policy can answer the second and the third."""
    text = "A shop has {} boxes of 4 pens. How many pens?"
    return [Task(f"pens/{number}", text.format(number), str(4 * number)) for number in range(1, count + 1)]


async def record(run: Path, domain: str, recipe: Recipe, *, expansions: int, policy: Any = None) -> None:
    """Searches three tasks to their ends."""
    tasks = list(game24_tasks(3, 0)) if domain == "game24" else problems()
    given = models() | ({} if policy is None else {"policy": policy})
    stream = search(tasks, domain=domain, **given, recipe=recipe, budget=Budget(expansions=expansions), run=run)
    async for _ in stream:
        pass


async def stop_after_one(run: Path) -> None:
    """Searches three tasks and stops once the first has finished."""
    recipe = mcts(evaluate="children", leaves=2)
    stream = search(problems(), domain="math", **models(), recipe=recipe, budget=Budget(expansions=24), run=run)
    async with aclosing(stream):
        await anext(stream)


def apart(work: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine in a thread of its own, since this one's loop may be Playwright's."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
