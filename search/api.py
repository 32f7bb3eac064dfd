"""The search API: `solve` for one task, `search` for many, `resume` for a run that stopped; all drive one engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any

from ..domains.protocol import Domain, Task
from ..value_models.protocols import Policy, Ranker, ValueModel
from .budget import Budget
from .deadlines import Deadlines
from .described import completed, domain_name, recipe_of
from .doubts import settle_again
from .errors import JournalError, MissingPart
from .journal import Journal, RunReader
from .loop import run_async
from .operators import CHECKS
from .parts import Parts, check_domain
from .recipe import Recipe
from .reexecution import RunClock, repeat
from .result import Result
from .status import Status
from .watch import Concurrency, check_concurrency, tasks_at_once
from .work import Work


def solve(
    task: str | Task,
    *,
    domain: str | Domain,
    policy: str | Policy | Ranker,
    value: str | ValueModel | None = None,
    recipe: str | Recipe = "mcts",
    budget: Budget,
    seed: int = 0,
    concurrency: Concurrency = "auto",
    run: Path | str | None = None,
    deterministic: bool = False,
    patience: float = 60.0,
    deadlines: Deadlines | None = None,
    cache: Path | str | None = None,
    about: Mapping[str, Any] | None = None,
) -> Result:
    """Solves one task and waits for the result; also works where an event loop runs already, as in a notebook.

    Args:
        task: the problem, as text or as a `Task`.
        domain, policy, value, recipe, budget, seed, concurrency, run, deterministic, patience, deadlines,
            cache, about: as for `search`.

    Raises:
        SearchError, DomainError, ModelError: as `search` does.
    """

    async def only() -> Result:
        given = Task("task", task) if isinstance(task, str) else task
        results = search(
            [given], domain=domain, policy=policy, value=value, recipe=recipe, budget=budget, seed=seed,
            concurrency=concurrency, run=run, deterministic=deterministic, patience=patience,
            deadlines=deadlines, cache=cache, about=about,
        )  # fmt: skip
        async with aclosing(results):
            return await anext(results)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run_async(only())
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
    concurrency: Concurrency = "auto",
    run: Path | str | None = None,
    status: Status | None = None,
    deterministic: bool = False,
    patience: float = 60.0,
    deadlines: Deadlines | None = None,
    cache: Path | str | None = None,
    about: Mapping[str, Any] | None = None,
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
        concurrency: model requests in flight at once, over all tasks; "auto" is as many as the policy's server can take
            by its /metrics (see `treewright.search.watch`), and 32 where it does not say.
        run: a new directory for the run's journal; None keeps no record.
        status: kept up to date while the search goes on.
        deterministic: work in rounds, so that equal answers make equal runs, to the bit; slower, since each round waits
            for its slowest answer.
        patience: seconds to wait for a server that answered before and is away.
        deadlines: when a request or a step is given up; by default never.
        cache: a file of answers, made when absent: what another run asked already, in the very same words, is answered
            from it and costs nothing; what is new is added. None, the default, asks the models.
        about: plain data to be kept with the run, for whoever resumes it.

    Raises:
        UnknownName: no such domain or recipe.
        MissingPart: the recipe needs a model or an ability that it was not given.
        DomainError: a task's text is none of the domain's.
        JournalError: the run directory holds a run already.
        ModelError: the server is away, or lacks the model or the endpoint; `RunPaused` from it where there is a run.
        RunPaused: the run stopped before its end and can be resumed.
    """
    tasks = list(tasks)
    _check_ids(tasks)
    parts = Parts.load(domain, policy, value, recipe)
    check_domain(parts.recipe, parts.domain, tasks)
    concurrency = check_concurrency(concurrency, parts.policy, deterministic=deterministic)
    clock = RunClock()
    engine = parts.engine(budget, seed, tasks_at_once(concurrency), clock, deterministic=deterministic)
    engine.add(tasks)
    meta = run_meta(parts, budget, seed, concurrency, about, deterministic=deterministic)
    journal = None if run is None else Journal(run, meta, tasks)
    work = Work(
        parts,
        engine,
        clock,
        concurrency,
        deterministic,
        journal,
        status or Status(),
        patience,
        deadlines or Deadlines(),
        cache,
    )
    async with aclosing(work.results()) as results:
        async for result in results:
            yield result


async def resume(
    run: Path | str,
    *,
    domain: str | Domain | None = None,
    policy: str | Policy | Ranker | None = None,
    value: str | ValueModel | None = None,
    recipe: Recipe | None = None,
    tasks: Iterable[Task] | None = None,
    status: Status | None = None,
    patience: float = 60.0,
    deadlines: Deadlines | None = None,
    cache: Path | str | None = None,
) -> AsyncGenerator[Result]:
    """Goes on with a run that stopped before its end, and yields all of its results, the finished ones too.

    The search is repeated with the journal answering, in the recorded order, until that is exhausted; then it goes on
    live. No answer, step or grade that the journal holds is paid for again. The finished trees of a `deterministic`
    run are those of a run that was never stopped; those of another are the same up to the last recorded turn, and
    depend from there on, like any run's, on the order in which answers arrive.

    Args:
        run: the run directory.
        domain, policy, value: as for `search`; by default those of the run, where they were given by name.
        recipe: by default the run's own, read back from the journal.
        tasks: the run's tasks; needed only where their hidden part is no plain data.
        status, patience, deadlines, cache: as for `search`.

    Raises:
        JournalError: no run there, or one that cannot be resumed; the message says why.
        RunInUse: another process writes it.
        MissingPart: a part was not given by name and is not given now.
        RunPaused: the run stopped again.
    """
    reader = RunReader(run)
    parts = _parts_of(reader.meta(), domain, policy, value, recipe)
    if any(operator.kind == CHECKS for operator in (parts.recipe.operator, *parts.recipe.after.values())):
        raise JournalError(f"{run} wrote checks of its own, whose states are not in a journal: it cannot be resumed")
    known = None if tasks is None else {task.id: task for task in tasks}
    status = status or Status()
    for shard in reader.shards():
        work = _reopened(shard, parts, known, status, patience, deadlines or Deadlines(), cache)
        async with aclosing(work.results()) as results:
            async for result in results:
                yield result


def _reopened(
    shard: RunReader,
    parts: Parts,
    known: Mapping[str, Task] | None,
    status: Status,
    patience: float,
    deadlines: Deadlines,
    cache: Path | str | None,
) -> Work:
    """A run, or a shard of one, repeated to where it stopped and ready to go on; its tasks are read where not given."""
    journal = Journal.reopen(shard.directory, shard.shard)
    try:
        meta = shard.meta()
        clock = RunClock()
        deterministic, concurrency = meta["deterministic"], meta["concurrency"]
        budget = Budget.model_validate(meta["budget"])
        engine = parts.engine(budget, meta["seed"], tasks_at_once(concurrency), clock, deterministic=deterministic)
        engine.add(shard.given() if known is None else [known[task] for task in shard.task_ids()])
        settle_again(parts.domain, shard)
        trials, recorded = repeat(engine, shard, clock)
    except BaseException:
        journal.close()
        raise
    return Work(
        parts, engine, clock, concurrency, deterministic, journal, status, patience, deadlines, cache, trials, recorded
    )


def _parts_of(
    meta: Mapping[str, Any],
    domain: str | Domain | None,
    policy: str | Policy | Ranker | None,
    value: str | ValueModel | None,
    recipe: Recipe | None,
) -> Parts:
    """The parts of a run: those given, else those that the run had by name; a domain's name is always known."""
    names = meta["names"]
    policy = policy or names.get("policy")
    if policy is None:
        raise MissingPart(f"the run's policy was {meta['policy']}, which has no name; give policy=...")
    parts = Parts.load(
        domain or domain_name(meta),
        policy,
        value or names.get("value"),
        recipe or recipe_of(meta["recipe"]),
    )
    was = {**meta, "recipe": completed(meta["recipe"])}
    for part, now in parts.described().items():
        if part in ("domain", "recipe", "value_range") and now != was[part]:
            raise JournalError(f"the run's {part} was {was[part]}; it is now {now}")
    return parts


def run_meta(
    parts: Parts,
    budget: Budget,
    seed: int,
    concurrency: Concurrency,
    about: Mapping[str, Any] | None,
    *,
    deterministic: bool,
) -> dict[str, Any]:
    """What a run's journal keeps of how it is searched, so that it can be resumed and replayed."""
    return {
        **parts.described(),
        "budget": budget.model_dump(exclude_none=True),
        "seed": seed,
        "concurrency": concurrency,
        "deterministic": deterministic,
        "about": dict(about or {}),
    }


def _check_ids(tasks: list[Task]) -> None:
    seen: set[str] = set()
    for task in tasks:
        if task.id in seen:
            raise ValueError(f"two tasks have the id {task.id!r}; ids must differ")
        seen.add(task.id)
