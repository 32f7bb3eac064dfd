"""Counts and sums of a run, also while it goes on: by SQL alone, without reading its events or trees."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from ...value_models.protocols import Usage
from . import schema
from .event import OF_VALUE
from .reader import RunReader
from .texts import loaded


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run is.

    Attributes:
        tasks, done, solved: tasks given, finished, and passed by the grader.
        policy, value: what the servers counted.
        started, latest: seconds since the epoch of the first and the last event; None before there is one.
        event: number of the last event counted.
    """

    tasks: int = 0
    done: int = 0
    solved: int = 0
    policy: Usage = field(default_factory=Usage)
    value: Usage = field(default_factory=Usage)
    started: float | None = None
    latest: float | None = None
    event: int = 0


def tally(run: RunReader, before: Tally | None = None) -> Tally:
    """The run's tally; with an earlier one, only the events since are looked at."""
    before = before or Tally()
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in schema.USAGE_FIELDS)
    span = "min(started), max(started + seconds), coalesce(max(seq), 0)"
    with closing(schema.read(run.directory / schema.FILE_NAME)) as db:
        db.execute("BEGIN")  # all of it as of one moment
        done, solved = db.execute("SELECT count(*), coalesce(sum(correct), 0) FROM results").fetchone()
        (*policy, first, last, event) = _events(db, f"{sums}, {span}", f"kind NOT IN {OF_VALUE}", before.event)
        (*value, first_value, last_value, event_value) = _events(
            db, f"{sums}, {span}", f"kind IN {OF_VALUE}", before.event
        )
    started = [at for at in (before.started, first, first_value) if at is not None]
    latest = [at for at in (before.latest, last, last_value) if at is not None]
    return Tally(
        len(run.task_ids()),
        done,
        solved,
        before.policy + Usage(*policy),
        before.value + Usage(*value),
        min(started, default=None),
        max(latest, default=None),
        max(before.event, event, event_value),
    )


def verdicts(run: RunReader) -> dict[str, bool | None]:
    """Each finished task's verdict by its id, in the order in which they finished; None where it was not graded."""
    rows = _rows(run, "SELECT {id}, correct FROM results {join} ORDER BY finished, {id}")
    return {task: None if correct is None else bool(correct) for task, correct in rows}


def failures(run: RunReader) -> list[tuple[str, int, str]]:
    """The failed nodes of the finished trees: task, node and why."""
    rows = _rows(run, "SELECT {id}, node, failure FROM nodes {join} WHERE failure IS NOT NULL ORDER BY task, node")
    return [(task, node, loaded(failure)) for task, node, failure in rows]


def models(run: RunReader) -> list[str]:
    """Who answered in this run, as the servers name their models, sorted."""
    return sorted({row["model"] for row in run.spending() if row["model"] is not None})


def _events(db: sqlite3.Connection, columns: str, where: str, after: int) -> Any:
    return db.execute(f"SELECT {columns} FROM events WHERE {where} AND seq > ?", (after,)).fetchone()


def _rows(run: RunReader, query: str) -> list[Any]:
    named = {"id": "task", "join": ""} if run.version == 1 else {"id": "id", "join": "JOIN tasks USING (task)"}
    with closing(schema.read(run.directory / schema.FILE_NAME)) as db:
        return db.execute(query.format(**named)).fetchall()
