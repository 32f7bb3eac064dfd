"""The journal: events a second, and bytes an event against one row of plain JSON an event.

`python bench/journal.py` searches Game of 24 and word problems with scripted models, records both runs, and then
writes the very same events again: through the journal from many callers at once, each waiting for its own commit, and
as rows of plain JSON. Prints one table.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from treewright.domains.math import game24_tasks
from treewright.domains.protocol import Task
from treewright.search import Budget, Event, Journal, Result, RunReader, mcts, search
from treewright.search.journal.event import dumps
from treewright.value_models import ScriptedPolicy, ScriptedValue, Usage

LINES = [f"{verb} {a} and {b} to get {a + b}" for verb in ("add", "take") for a in range(9) for b in range(9)]


def searched(load: str, run: Path, tasks: int, expansions: int) -> AsyncGenerator[Result]:
    """A search with scripted models."""
    given = list(game24_tasks(tasks, 0)) if load == "game24" else [_problem(i) for i in range(tasks)]
    return search(
        given,
        domain=load,
        policy=ScriptedPolicy(texts=LINES),
        value=ScriptedValue(),
        recipe=mcts(),
        budget=Budget(expansions=expansions),
        concurrency=64,
        run=run,
    )


def _problem(number: int) -> Task:
    text = f"A shop packs {3 + number} pens in a box and sells {5 + number} boxes. How many pens does it sell?"
    return Task(f"pens-{number}", text)


def events_of(run: Path) -> list[Event]:
    """A run's events as they were recorded."""
    made = []
    for event in RunReader(run).events():
        usage = Usage(*(event.pop(name) for name in ("prompt_tokens", "cached_tokens", "completion_tokens", "calls")))
        del event["seq"], event["key"]
        made.append(Event(usage=usage, **event))
    return made


async def rate(events: list[Event], run: Path, callers: int) -> float:
    """Events a second with so many callers at once, each of which waits until its event is committed."""
    with Journal(run, {}) as journal:
        left = iter(events)

        async def caller() -> None:
            for event in left:
                journal.record(event)
                await journal.recorded()

        started = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(callers)))
        return len(events) / (time.perf_counter() - started)


def plain_bytes(events: list[Event], path: Path) -> int:
    """Bytes of a database with one row an event, its request and its answer as JSON: schema version 1."""
    db = sqlite3.connect(path)
    db.execute(
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, task, node, kind, key, request, answer, model, a, b, c, d, e, f)"
    )
    rows = [(e.task, e.node, e.kind, e.key, dumps(e.request), dumps(e.answer), e.model, *_numbers(e)) for e in events]
    db.executemany("INSERT INTO events VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows)
    db.commit()
    db.close()
    return path.stat().st_size


def _numbers(event: Event) -> tuple[Any, ...]:
    usage = event.usage
    return (
        usage.prompt_tokens,
        usage.cached_tokens,
        usage.completion_tokens,
        usage.calls,
        event.started,
        event.seconds,
    )


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=64)
    parser.add_argument("--expansions", type=int, default=64)
    parser.add_argument("--callers", type=int, default=256, help="who record at the same time")
    args = parser.parse_args()
    table = Table("run", "events", "events/s", "bytes an event", "as plain JSON")
    with tempfile.TemporaryDirectory() as directory:
        for load in ("game24", "math"):
            run, again = Path(directory) / load, Path(directory) / f"{load}-again"

            async def collect(load: str = load, run: Path = run) -> None:
                async for _ in searched(load, run, args.tasks, args.expansions):
                    pass

            asyncio.run(collect())
            events = events_of(run)
            fast = asyncio.run(rate(events, again, args.callers))
            size = (again / "journal.db").stat().st_size
            plain = plain_bytes(events, Path(directory) / f"{load}.db")
            table.add_row(
                load, f"{len(events):,}", f"{fast:,.0f}", f"{size / len(events):,.0f}", f"{plain / len(events):,.0f}"
            )
    Console().print(table)


if __name__ == "__main__":
    main()
