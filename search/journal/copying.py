"""Copying runs, row by row, into another run as its shards."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ..errors import JournalError
from . import schema
from .lock import RunLock
from .packing import moved
from .texts import TextMover, TextRow, TextWriter

Columns = Mapping[str, int]  # the place of each column in a row
Change = Callable[[list[Any]], None]


class Shards:
    """A merged run's journal, open to take in other runs as its shards; use it as a context manager or `close` it.

    Args:
        directory: the run directory; its journal has the tasks of all shards already.

    Raises:
        RunInUse: another process writes it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = RunLock(directory)
        self._db = schema.connect(directory / schema.FILE_NAME)

    def add_tasks(self, source: Path, source_shard: int = 0) -> None:
        """Adds the tasks of a run, or of one shard of it, behind those that are there."""
        with closing(schema.read(source / schema.FILE_NAME)) as there:
            rows = there.execute(
                "SELECT id, text, hidden, given FROM tasks WHERE task BETWEEN ? AND ? ORDER BY task",
                schema.tasks_of(there, source_shard),
            ).fetchall()
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT INTO tasks (id, text, hidden, given) VALUES (?,?,?,?)", rows)
        self._db.execute("COMMIT")

    def take(self, source: Path, shard: int, source_shard: int = 0) -> int:
        """Puts a run, or one shard of it, in the place of a shard of this one: all of it or, where that fails, nothing.

        Events get new numbers, in their order; turns and trials keep theirs; a text that both runs have is stored once.

        Args:
            source: the run directory; nobody writes it meanwhile.
            shard: the shard here; what it held is dropped.
            source_shard: the shard there, where that is a merged run.

        Returns:
            How many events were copied.

        Raises:
            JournalError: the journal there cannot be read.
        """
        with closing(schema.read(source / schema.FILE_NAME)) as there:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                if schema.last(self._db, "turns", shard) > shard * schema.SHARD:
                    self._drop(shard)
                events = _Copy(there, source_shard, self._db, shard).all()
                self._db.execute("COMMIT")
            except BaseException as error:
                self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.DatabaseError):
                    raise JournalError(f"{source} cannot be read: {error}; try treewright repair {source}") from error
                raise
        return events

    def _drop(self, shard: int) -> None:
        for table in ("events", "results", "nodes"):
            self._db.execute(f"DELETE FROM {table} WHERE task BETWEEN ? AND ?", schema.tasks_of(self._db, shard))
        self._db.execute("DELETE FROM turns WHERE turn BETWEEN ? AND ?", schema.turns_of(shard))

    def close(self) -> None:
        """Closes the database."""
        self._db.close()
        self._lock.release()

    def __enter__(self) -> Shards:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Copy:
    """The rows of one shard, as they are to be in another run."""

    def __init__(self, there: sqlite3.Connection, source_shard: int, here: sqlite3.Connection, shard: int) -> None:
        self._there = there
        self._here = here
        self._turns = schema.turns_of(source_shard)
        self._later = (shard - source_shard) * schema.SHARD
        self._seq = schema.last(here, "events")
        self._made: list[TextRow] = []
        self._texts = TextMover(there, TextWriter(self._made.append, schema.last(here, "texts")))
        self._range = schema.tasks_of(there, source_shard)
        ids = dict(here.execute("SELECT id, task FROM tasks"))
        given = there.execute("SELECT task, id FROM tasks WHERE task BETWEEN ? AND ?", self._range)
        self._tasks = {task: ids[name] for task, name in given}

    def all(self) -> int:
        """Copies everything; how many events there were."""
        copied: list[int] = []
        self._copy("events", "task", self._range, "seq", lambda at: self._event(at, copied))
        self._copy("turns", "turn", self._turns, "turn", lambda at: self._turn(at, copied))
        self._copy("results", "task", self._range, "task", self._result)
        self._copy("nodes", "task", self._range, "task, node", self._node)
        self._here.executemany("INSERT INTO texts VALUES (?,?,?)", self._made)
        return len(copied)

    def _event(self, at: Columns, copied: list[int]) -> Change:
        seq, task, named = at["seq"], at["task"], (at["operator"], at["model"])
        packed = [(at[f"{part}_shape"], at[part], at[f"{part}_numbers"]) for part in ("request", "answer")]

        def change(row: list[Any]) -> None:
            copied.append(row[seq])
            row[seq] = self._seq + len(copied)
            row[task] = self._tasks[row[task]]
            for column in named:
                row[column] = None if row[column] is None else self._texts.text(row[column])
            for shape, leaves, numbers in packed:
                if row[shape] is not None:
                    row[shape], row[leaves], _ = moved((row[shape], row[leaves], row[numbers]), self._texts)

        return change

    def _turn(self, at: Columns, copied: list[int]) -> Change:
        turn, after = at["turn"], at["after"]

        def change(row: list[Any]) -> None:
            row[turn] += self._later
            row[after] = self._seq + bisect_right(copied, row[after])

        return change

    def _result(self, at: Columns) -> Change:
        task, turn = at["task"], at["turn"]

        def change(row: list[Any]) -> None:
            row[task] = self._tasks[row[task]]
            row[turn] += self._later

        return change

    def _node(self, at: Columns) -> Change:
        task, text = at["task"], at["text"]

        def change(row: list[Any]) -> None:
            row[task] = self._tasks[row[task]]
            row[text] = self._texts.text(row[text])

        return change

    def _copy(
        self, table: str, key: str, numbers: tuple[int, int], order: str, changes: Callable[[Columns], Change]
    ) -> None:
        """Copies the rows whose key is within the numbers, each of them changed."""
        rows = self._there.execute(f"SELECT * FROM {table} WHERE {key} BETWEEN ? AND ? ORDER BY {order}", numbers)
        names = [column[0] for column in rows.description]
        change = changes({name: at for at, name in enumerate(names)})

        def changed() -> Iterator[list[Any]]:
            for found in rows:
                row = list(found)
                change(row)
                yield row

        insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self._here.executemany(insert, changed())
