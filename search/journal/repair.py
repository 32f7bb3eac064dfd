"""Saving what can be read of a damaged journal into a new one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ..errors import JournalError
from . import schema
from .lock import RunLock
from .packing import unpack
from .texts import TextReader

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair saved.

    Attributes:
        damaged: where the old database is now; None where it was whole and nothing was done.
        events, events_lost: model calls, steps and grades saved, and known to be lost.
        turns, turns_lost: turns of the engine that can be re-executed, and those after the first gap.
        results: finished tasks saved; the others are searched again from what was saved.
    """

    damaged: Path | None
    events: int
    events_lost: int
    turns: int
    turns_lost: int
    results: int

    def __str__(self) -> str:
        if self.damaged is None:
            return f"nothing is damaged: {self.events:,} events, {self.turns:,} turns, {self.results:,} tasks finished"
        return (
            f"saved {self.events:,} events ({self.events_lost:,} lost), {self.turns:,} turns ({self.turns_lost:,} "
            f"after the first gap dropped), {self.results:,} finished tasks; the damaged database is {self.damaged}"
        )


def repair(directory: Path | str) -> Repaired:
    """Checks a run's database and, where it is damaged, replaces it by one with all that can be read.

    Every event that can be read is kept, so that its answer is never paid for again. The order of outcomes is kept up
    to the first gap; resuming re-executes that much and then goes on with the saved answers.

    Raises:
        JournalError: there is no database, or too little of it can be read to tell what the run was.
        RunInUse: another process writes it.
    """
    directory = Path(directory)
    path = directory / schema.FILE_NAME
    if not path.is_file():
        raise JournalError(f"{directory} is no run directory: it holds no {schema.FILE_NAME}")
    lock = RunLock(directory)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as old:
            if _whole(old):
                counts = [
                    old.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("events", "turns", "results")
                ]
                return Repaired(None, counts[0], 0, counts[1], 0, counts[2])
            saved = path.with_suffix(".saved")
            saved.unlink(missing_ok=True)
            with closing(schema.create(saved)) as new:
                counted = _save(old, new, path)
                schema.settle(new)
        damaged = _swap(path, saved)
        return Repaired(damaged, *counted)
    finally:
        lock.release()


def _whole(db: sqlite3.Connection) -> bool:
    try:
        return [answer for (answer,) in db.execute("PRAGMA integrity_check")] == ["ok"]
    except sqlite3.DatabaseError:
        return False


def _save(old: sqlite3.Connection, new: sqlite3.Connection, path: Path) -> tuple[int, int, int, int, int]:
    """Copies what can be read; events saved and lost, turns saved and lost, results saved."""
    try:
        meta = old.execute("SELECT key, value FROM meta").fetchall()
        tasks = old.execute("SELECT task, id, text, hidden, given FROM tasks").fetchall()
    except sqlite3.DatabaseError as error:
        raise JournalError(f"{path} says no more what the run was: {error}; nothing can be saved") from error
    new.execute("BEGIN")
    new.executemany("INSERT INTO meta VALUES (?,?)", meta)
    new.executemany("INSERT INTO tasks VALUES (?,?,?,?,?)", tasks)
    _insert(new, "texts", _rows(old, "texts"))
    events = [row for row in _rows(old, "events") if _readable(row, TextReader(new))]
    _insert(new, "events", events)
    turns = list(_rows(old, "turns", len(json.loads(dict(meta).get("shards", "[0]")))))
    last = max([row[0] for row in events] + [row[1] for row in turns], default=0)
    shards = [list(rows) for _, rows in groupby(turns, lambda row: row[0] // schema.SHARD)]
    numbers = {row[0] for row in events}
    kept = [row for rows in shards for row in _before_gap(rows, numbers)]
    _insert(new, "turns", kept)
    results = _results(old, new, {row[0] for row in kept})
    new.execute("COMMIT")
    lost_turns = sum(rows[-1][0] % schema.SHARD for rows in shards) - len(kept)
    return len(events), last - len(events), len(kept), lost_turns, results


def _insert(db: sqlite3.Connection, table: str, rows: Iterator[Row] | list[Row]) -> None:
    for row in rows:
        db.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)


def _rows(db: sqlite3.Connection, table: str, shards: int = 1) -> Iterator[Row]:
    """All rows of a table that can be read, by row id, which each shard counts from a number of its own; a range that
    cannot be read is halved until it can.
    """
    page_size = db.execute("PRAGMA page_size").fetchone()[0]
    most = db.execute("PRAGMA page_count").fetchone()[0] * page_size // 4
    ranges = [(shard * schema.SHARD + 1, shard * schema.SHARD + most) for shard in reversed(range(shards))]
    while ranges:
        low, high = ranges.pop()
        try:
            yield from db.execute(
                f"SELECT * FROM {table} WHERE rowid BETWEEN ? AND ? ORDER BY rowid", (low, high)
            ).fetchall()
        except sqlite3.DatabaseError:
            if low < high:
                middle = (low + high) // 2
                ranges += [(middle + 1, high), (low, middle)]


def _readable(event: Row, texts: TextReader) -> bool:
    """Whether all texts of an event were saved."""
    try:
        unpack(event[7:10], texts)
        if event[10] is not None:
            unpack(event[10:13], texts)
        for row in (event[5], event[14]):
            if row is not None:
                texts.text(row)
    except JournalError:
        return False
    return True


def _before_gap(turns: list[Row], events: set[int]) -> list[Row]:
    """The turns of a shard from the first on, as long as none is missing and all events before them are there."""
    kept: list[Row] = []
    seen = turns[0][1]
    for number, row in enumerate(turns, 1):
        if row[0] % schema.SHARD != number or any(seq not in events for seq in range(seen + 1, row[1] + 1)):
            break
        seen = max(seen, row[1])
        kept.append(row)
    return kept


def _results(old: sqlite3.Connection, new: sqlite3.Connection, turns: set[int]) -> int:
    """Copies the results, with their trees, that the kept turns lead to."""
    saved = 0
    for row in _rows(old, "results"):
        try:
            nodes = old.execute("SELECT * FROM nodes WHERE task = ? ORDER BY node", (row[0],)).fetchall()
        except sqlite3.DatabaseError:
            continue
        unknown = row[-1] % schema.SHARD != 0 and row[-1] not in turns
        if unknown or not nodes or [node[1] for node in nodes] != list(range(len(nodes))):
            continue
        _insert(new, "results", [row])
        _insert(new, "nodes", nodes)
        saved += 1
    return saved


def _swap(path: Path, saved: Path) -> Path:
    """Puts the new database in the place of the old one, which is kept under another name."""
    number = 1
    while (damaged := path.with_suffix(f".damaged-{number}")).exists():
        number += 1
    path.rename(damaged)
    for end in ("-wal", "-shm"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            beside.rename(damaged.with_name(damaged.name + end))
        saved.with_name(saved.name + end).unlink(missing_ok=True)
    saved.rename(path)
    return damaged
