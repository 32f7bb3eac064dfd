"""The search API: `solve` for one task, `search` for many; both drive one engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from ..domains.protocol import Domain, Task
from ..value_models.protocols import Policy, Ranker, ValueModel
from .budget import Budget
from .driver import Driver
from .engine import Engine
from .errors import MissingPart
from .journal import Journal
from .recipe import Recipe, make_recipe
from .registry import load
from .result import Result
from .status import Status
from .worker import Worker


def solve(
    task: str | Task,
    *,
    domain: str | Domain,
    policy: str | Policy | Ranker,
    value: str | ValueModel | None = None,
    recipe: str | Recipe = "mcts",
    budget: Budget,
    seed: int = 0,
    concurrency: int = 32,
    run: Path | str | None = None,
) -> Result:
    """Solves one task and waits for the result; also works where an event loop runs already, as in a notebook.

    Args:
        task: the problem, as text or as a `Task`.
        domain, policy, value, recipe, budget, seed, concurrency, run: as for `search`.

    Raises:
        SearchError, DomainError, ModelError: as `search` does.
    """

    async def only() -> Result:
        given = Task("task", task) if isinstance(task, str) else task
        results = search(
            [given], domain=domain, policy=policy, value=value, recipe=recipe, budget=budget, seed=seed,
            concurrency=concurrency, run=run,
        )  # fmt: skip
        async with aclosing(results):
            return await anext(results)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(only())
    return _in_own_loop(only())


def _in_own_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine on a loop of its own in a thread; Ctrl-C in this thread ends it there."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)

    def run() -> Result:
        with asyncio.Runner(loop_factory=lambda: loop):
            return loop.run_until_complete(task)

    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(run)
        try:
            return future.result()
        except KeyboardInterrupt:
            loop.call_soon_threadsafe(task.cancel)
            raise


async def search(
    tasks: Iterable[Task],
    *,
    domain: str | Domain,
    policy: str | Policy | Ranker,
    value: str | ValueModel | None = None,
    recipe: str | Recipe = "mcts",
    budget: Budget,
    seed: int = 0,
    concurrency: int = 32,
    run: Path | str | None = None,
    status: Status | None = None,
) -> AsyncGenerator[Result]:
    """Searches many tasks at once and yields each result as soon as it is there, graded where the domain can grade.

    Args:
        tasks: the problems; their ids must differ.
        domain: a registered name, or an object.
        policy: proposes, or ranks where the domain lists its actions; a registered name, or an object.
        value: scores states; by default the policy, where it can score too.
        recipe: a registered name, or a `Recipe`.
        budget: limits for each task.
        seed: equal seeds make equal requests.
        concurrency: model requests in flight at once, over all tasks.
        run: a new directory for the run's journal; None keeps no record.
        status: kept up to date while the search goes on.

    Raises:
        UnknownName: no such domain or recipe.
        MissingPart: the recipe needs a model or an ability that it was not given.
        DomainError: a task's text is none of the domain's.
        JournalError: the run directory holds a run already.
        ModelError: the server is away, or lacks the model or the endpoint.
    """
    if concurrency < 1:
        raise ValueError(f"concurrency is a number of requests and at least 1, not {concurrency}")
    tasks = list(tasks)
    _check_ids(tasks)
    domain = load("domains", domain)() if isinstance(domain, str) else domain
    recipe = make_recipe(recipe) if isinstance(recipe, str) else recipe
    policy = load("policies", policy)() if isinstance(policy, str) else policy
    value = load("value_models", value)() if isinstance(value, str) else value
    if value is None and isinstance(policy, ValueModel):
        value = policy
    check_parts(recipe, policy, value)
    engine = Engine(
        domain,
        recipe,
        budget,
        value_range=(0.0, 1.0) if value is None else value.value_range,
        tasks_at_once=concurrency,
        seed=seed,
    )
    engine.add(tasks)
    status = status or Status()
    status.tasks = len(tasks)
    meta = _meta(domain, recipe, budget, policy, value, seed, concurrency, tasks)
    journal = None if run is None else Journal(run, meta)
    try:
        worker = Worker(domain, policy, value, concurrency=concurrency, journal=journal, status=status)
        driver = Driver(engine, worker, concurrency=concurrency, status=status)
        async with aclosing(driver.results()) as results:
            async for result in results:
                yield result
    finally:
        if journal is not None:
            journal.close()


def _check_ids(tasks: list[Task]) -> None:
    seen: set[str] = set()
    for task in tasks:
        if task.id in seen:
            raise ValueError(f"two tasks have the id {task.id!r}; ids must differ")
        seen.add(task.id)


def check_parts(recipe: Recipe, policy: object, value: ValueModel | None) -> None:
    """Raises MissingPart where a recipe needs a model or an ability that these do not have."""
    if recipe.operator.whole and not isinstance(policy, Policy):
        raise MissingPart(f"recipe {recipe.name!r} draws whole solutions; {type(policy).__name__} has no propose()")
    scores_steps = recipe.evaluate != "none" and not recipe.operator.whole
    if scores_steps and value is None:
        raise MissingPart(
            f"recipe {recipe.name!r} needs a value model: give value=..., or a policy that scores too; "
            f"{type(policy).__name__} has no score()"
        )


def _meta(
    domain: Domain,
    recipe: Recipe,
    budget: Budget,
    policy: object,
    value: object,
    seed: int,
    concurrency: int,
    tasks: list[Task],
) -> dict[str, Any]:
    return {
        "domain": domain.name,
        "recipe": _described(recipe),
        "budget": budget.model_dump(exclude_none=True),
        "policy": repr(policy),
        "value": repr(value),
        "seed": seed,
        "concurrency": concurrency,
        "tasks": [{"id": task.id, "text": task.text} for task in tasks],
    }


def _described(part: object) -> Any:
    """A recipe or one of its parts as plain data: its type's name and its fields."""
    if is_dataclass(part) and not isinstance(part, type):
        return {"type": type(part).__name__, **{f.name: _described(getattr(part, f.name)) for f in fields(part)}}
    return part if part is None or isinstance(part, str | int | float | bool) else repr(part)
