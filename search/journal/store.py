"""Writing a run: events, turns and finished tasks, each on the disk before anybody acts on it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import time
from typing import Any

from ...domains.protocol import Task
from ..errors import JournalError
from ..result import Result
from . import schema
from .event import Event, Turn, dumps
from .lock import RunLock
from .packing import pack
from .reader import RunReader
from .texts import TextWriter, storable
from .writer import Row, Writer

_NODE_FIELDS = schema.NODE_FIELDS[1:] + schema.NODE_FIELDS_SINCE_2  # without the text, which is a row of its own
_TASK = "INSERT INTO tasks (task, id, text)"
_TEXT = "INSERT INTO texts"
_EVENT = "INSERT INTO events"
_TURN = "INSERT INTO turns"
_RESULT = "INSERT INTO results"
_NODE = f"INSERT INTO nodes (task, node, parent, text, {', '.join(_NODE_FIELDS)})"


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
    def reopen(cls, directory: Path | str, shard: int = 0) -> Journal:
        """Opens a run's journal to write on where it, or a shard of it, ends.

        Args:
            directory: the run directory.
            shard: of a merged run, the shard that goes on.

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
            journal._open(schema.connect(journal.directory / schema.FILE_NAME), shard)
        except sqlite3.Error as error:
            journal._lock.release()
            raise JournalError(f"{directory} cannot be written: {error}; try treewright repair {directory}") from error
        return journal

    def record(self, *events: Event) -> None:
        """Queues events, in order: they are committed soon, and before any turn or result that is given later.

        Raises:
            JournalError: something before them could not be committed.
        """
        for event in events:
            self._seq += 1
            self._put(_EVENT, self._event_row(event))

    async def recorded(self) -> None:
        """Waits until what was queued is committed.

        Raises:
            JournalError: it could not be.
        """
        await self._writer.written()

    async def turn(self, turn: Turn) -> None:
        """Commits one turn of the engine, with the events before it; it is applied only afterwards.

        Raises:
            JournalError: it could not be committed.
        """
        self._turn += 1
        errors = dumps({str(number): text for number, text in turn.errors.items()}) if turn.errors else None
        told = dumps(list(turn.told))
        row = (
            self._turn,
            self._seq,
            turn.at,
            turn.limit,
            turn.asked,
            told,
            None if errors is None else storable(errors),
        )
        self._put(_TURN, row)
        await self._writer.written()

    async def finish(self, result: Result, *events: Event) -> None:
        """Commits a finished task: its grade, its result and its tree.

        Raises:
            JournalError: it could not be committed.
        """
        self.record(*events)
        task = self._task(result.task.id)
        self._put(_RESULT, self._result_row(task, result))
        for node in result.tree.nodes:
            fields = (_column(getattr(node, name)) for name in _NODE_FIELDS)
            self._put(_NODE, (task, node.id, node.parent, self._texts.text(node.text), *fields))
        await self._writer.written()

    def close(self) -> None:
        """Writes what is queued and closes the database."""
        self._writer.close()
        self._db.close()
        self._lock.release()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, db: sqlite3.Connection, shard: int = 0) -> None:
        self._db = db
        self._seq, self._turn, text = (schema.last(db, table, shard) for table in schema.KEYS)
        self._tasks: dict[str, int] = dict(db.execute("SELECT id, task FROM tasks"))
        self._writer = Writer(db)
        self._put = self._writer.put
        self._texts = TextWriter(partial(self._put, _TEXT), text)

    def _event_row(self, event: Event) -> Row:
        texts, usage = self._texts, event.usage
        return (
            self._seq,
            event.trial,
            self._task(event.task),
            event.node,
            event.kind,
            None if event.operator is None else texts.text(event.operator),
            bytes.fromhex(event.key),
            *pack(event.request, texts),
            *((None, None, None) if event.error is not None else pack(event.answer, texts)),
            None if event.error is None else storable(event.error),
            None if event.model is None else texts.text(event.model),
            usage.prompt_tokens,
            usage.cached_tokens,
            usage.completion_tokens,
            usage.calls,
            event.cached,
            event.started,
            event.seconds,
            event.waited,
        )

    def _result_row(self, task: int, result: Result) -> Row:
        grade = result.grade
        return (
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
            self._turn,
        )

    def _task(self, task: str) -> int:
        row = self._tasks.get(task)
        if row is None:
            row = self._tasks[task] = 1 + max(self._tasks.values(), default=0)
            self._put(_TASK, (row, task, ""))
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
