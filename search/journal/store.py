"""Writing a run: events, turns and finished tasks, each on the disk before anybody acts on it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from time import time
from typing import Any

from ...domains.protocol import Task
from ..errors import JournalError
from ..result import Result
from . import schema
from .event import Event, Turn, dumps
from .lock import RunLock
from .packing import Packed, pack
from .reader import RunReader
from .texts import TextWriter, storable
from .writer import Writer


class Journal:
    """A run directory's journal; use it as a context manager or `close` it.

    Args:
        directory: the run directory; made when absent.
        meta: plain data that describes the run: recipe, budget, seed, models. Stored when the journal is new.
        tasks: the run's tasks.

    Raises:
        JournalError: the directory holds a journal already, or cannot be written.
        RunInUse: another process writes it.
    """

    def __init__(self, directory: Path | str, meta: Mapping[str, Any], tasks: Iterable[Task] = ()) -> None:
        self.directory = Path(directory)
        path = self.directory / schema.FILE_NAME
        if path.exists():
            raise JournalError(f"{self.directory} holds a run already; give a new directory, or resume it")
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._lock = RunLock(self.directory)
        except OSError as error:
            raise JournalError(f"{self.directory} cannot be written: {error}") from error
        try:
            db = schema.create(path)
            with_version = {"schema_version": schema.SCHEMA_VERSION, **meta}
            db.execute("BEGIN")
            db.executemany("INSERT INTO meta VALUES (?,?)", [(key, dumps(with_version[key])) for key in with_version])
            db.executemany("INSERT INTO tasks (id, text, hidden, given) VALUES (?,?,?,?)", map(_task_row, tasks))
            db.execute("COMMIT")
            schema.settle(db)
        except sqlite3.Error as error:
            self._lock.release()
            raise JournalError(f"{self.directory} cannot be written: {error}") from error
        self._open(db)

    @classmethod
    def reopen(cls, directory: Path | str) -> Journal:
        """Opens a run's journal to write on where it ends.

        Raises:
            JournalError: there is none, it is of another version, or it cannot be written.
            RunInUse: another process writes it.
        """
        reader = RunReader(directory)
        if reader.version != schema.SCHEMA_VERSION:
            raise JournalError(
                f"{directory} was written with schema version {reader.version}, which has no order of outcomes and no "
                "hidden parts of tasks: it can be shown and replayed, but not resumed"
            )
        journal = cls.__new__(cls)
        journal.directory = Path(directory)
        try:
            journal._lock = RunLock(journal.directory)
        except OSError as error:
            raise JournalError(f"{directory} cannot be written: {error}") from error
        try:
            journal._open(schema.connect(journal.directory / schema.FILE_NAME))
        except sqlite3.Error as error:
            journal._lock.release()
            raise JournalError(f"{directory} cannot be written: {error}; try treewright repair {directory}") from error
        return journal

    async def record(self, *events: Event) -> None:
        """Commits events, in order.

        Raises:
            JournalError: they could not be committed.
        """
        await self._writer.written(lambda db: self._insert(db, events))

    async def turn(self, turn: Turn) -> None:
        """Commits one turn of the engine; it is applied only afterwards.

        Raises:
            JournalError: it could not be committed.
        """
        await self._writer.written(lambda db: self._insert_turn(db, turn))

    async def finish(self, result: Result, *events: Event) -> None:
        """Commits a finished task: its grade, its result and its tree.

        Raises:
            JournalError: it could not be committed.
        """

        def write(db: sqlite3.Connection) -> None:
            self._insert(db, events)
            self._insert_result(db, result)

        await self._writer.written(write)

    def close(self) -> None:
        """Writes what is queued and closes the database."""
        self._writer.close()
        self._db.close()
        self._lock.release()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._texts = TextWriter(db)
        self._tasks: dict[str, int] = dict(db.execute("SELECT id, task FROM tasks"))
        self._writer = Writer(db, self._texts.flush)

    def _insert(self, db: sqlite3.Connection, events: Iterable[Event]) -> None:
        db.executemany(
            f"INSERT INTO events VALUES (NULL{',?' * 22})",
            [
                (
                    event.trial,
                    self._task(db, event.task),
                    event.node,
                    event.kind,
                    None if event.operator is None else self._texts.text(event.operator),
                    bytes.fromhex(event.key),
                    *pack(event.request, self._texts),
                    *self._answer(event),
                    None if event.error is None else storable(event.error),
                    None if event.model is None else self._texts.text(event.model),
                    *(getattr(event.usage, name) for name in schema.USAGE_FIELDS),
                    event.cached,
                    event.started,
                    event.seconds,
                    event.waited,
                )
                for event in events
            ],
        )

    def _answer(self, event: Event) -> Packed | tuple[None, None, None]:
        return (None, None, None) if event.error is not None else pack(event.answer, self._texts)

    def _insert_turn(self, db: sqlite3.Connection, turn: Turn) -> None:
        errors = dumps({str(number): text for number, text in turn.errors.items()}) if turn.errors else None
        db.execute(
            "INSERT INTO turns VALUES (NULL, (SELECT coalesce(max(seq), 0) FROM events), ?,?,?,?,?)",
            (turn.at, turn.limit, turn.asked, dumps(list(turn.told)), None if errors is None else storable(errors)),
        )

    def _insert_result(self, db: sqlite3.Connection, result: Result) -> None:
        grade, task = result.grade, self._task(db, result.task.id)
        db.execute(
            "INSERT INTO results VALUES (?,?,?,?,?,?,?,?,?,?, (SELECT coalesce(max(turn), 0) FROM turns))",
            (
                task,
                None if result.answer is None else storable(result.answer),
                result.value,
                result.node,
                result.stopped,
                None if grade is None else grade.correct,
                None if grade is None else storable(grade.detail),
                dumps(asdict(result.cost)),
                dumps(dict(result.dropped)),
                time(),
            ),
        )
        fields = schema.NODE_FIELDS + schema.NODE_FIELDS_SINCE_2
        names = ("task", "node", "parent", *fields)
        db.executemany(
            f"INSERT INTO nodes ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            [
                (
                    task,
                    node.id,
                    node.parent,
                    self._texts.text(node.text),
                    *(_column(getattr(node, name)) for name in fields[1:]),
                )
                for node in result.tree.nodes
            ],
        )

    def _task(self, db: sqlite3.Connection, task: str) -> int:
        row = self._tasks.get(task)
        if row is None:
            row = db.execute("INSERT INTO tasks (id, text) VALUES (?, '')", (task,)).lastrowid
            assert row is not None
            self._tasks[task] = row
        return row


def _task_row(task: Task) -> tuple[str, str | bytes, str | None, str | None]:
    return task.id, storable(task.text), _as_json(task.hidden), _as_json(task.given)


def _as_json(part: Any) -> str | None:
    """A part of a task as JSON; None where it is none that comes back from JSON as it was."""
    try:
        text = json.dumps(part)
        return text if json.loads(text) == part else None
    except (TypeError, ValueError):
        return None


def _column(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value
