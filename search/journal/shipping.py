"""Shipping a journal to another machine while it is written: what is new, and a copy that is kept up with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import JournalError
from . import schema


@dataclass(frozen=True, slots=True)
class Position:
    """How much of a journal somebody has: the last row of each numbered table, and the tasks with a result."""

    last: dict[str, int] = field(default_factory=dict)
    finished: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class News:
    """Rows of a journal beyond a position, by table; of one moment, so what they rest on is among them or known."""

    rows: dict[str, list[tuple[Any, ...]]]


def news(directory: Path, since: Position) -> News:
    """What a run's journal holds beyond a position; it may be written meanwhile.

    Raises:
        JournalError: there is no journal, or it cannot be read.
    """
    with closing(schema.read(directory / schema.FILE_NAME)) as db:
        try:
            db.execute("BEGIN")
            rows = {
                table: db.execute(f"SELECT * FROM {table} WHERE {key} > ?", (since.last.get(table, 0),)).fetchall()
                for table, key in schema.KEYS.items()
            }
            if not since.last:
                rows |= {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in ("meta", "tasks")}
            new = [task for (task,) in db.execute("SELECT task FROM results") if task not in since.finished]
            for table in ("results", "nodes"):
                rows[table] = [
                    row for task in new for row in db.execute(f"SELECT * FROM {table} WHERE task = ?", (task,))
                ]
        except sqlite3.Error as error:
            raise JournalError(f"{directory} cannot be read: {error}") from error
    return News(rows)


class Replica:
    """A copy of a run's journal, itself a run directory, that takes in news.

    Args:
        directory: of the copy; one that is there already goes on.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._path = directory / schema.FILE_NAME

    @property
    def position(self) -> Position:
        """How much of the journal is here; nothing where there is no copy yet."""
        if not self._path.exists():
            return Position()
        with closing(schema.connect(self._path)) as db:
            if db.execute("SELECT count(*) FROM meta").fetchone()[0] == 0:
                return Position()
            last = {table: schema.last(db, table) for table in schema.KEYS}
            return Position(last, frozenset(task for (task,) in db.execute("SELECT task FROM results")))

    def apply(self, news: News) -> None:
        """Takes in news since this position, all of them or none."""
        if not any(news.rows.values()):
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        connected = schema.connect if self._path.exists() else schema.create
        with closing(connected(self._path)) as db:
            db.execute("BEGIN IMMEDIATE")
            for table, rows in news.rows.items():
                if rows:
                    db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
            db.execute("COMMIT")

    def content(self) -> bytes | None:
        """The whole database as the bytes of its file; None where there is none yet."""
        if not self._path.exists():
            return None
        with closing(schema.connect(self._path)) as db:
            schema.settle(db)
        return self._path.read_bytes()

    def write(self, content: bytes) -> None:
        """Makes the copy from such bytes."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(content)
