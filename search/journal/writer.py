"""The thread that writes rows: those of the journal, and those of the cache."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, groupby
from typing import Any

from ..errors import JournalError

MOST = 256  # rows in one statement, a power of two; SQLite takes 32,766 values

Row = tuple[Any, ...]


@dataclass(slots=True)
class _Batch:
    """Rows by the beginning of the statement that inserts them, and who waits for them."""

    rows: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    waiters: list[asyncio.Future[None]] = field(default_factory=list)


class Writer:
    """Commits rows in a thread: all that has come in while a transaction was committed goes into the next one.

    The event loop's side gathers rows and hands them over once an iteration; the thread inserts many in one statement.
    So the thread takes the interpreter's lock a few times a transaction and not several times a row: the loop gives the
    lock up at each of its system calls and has to wait until it gets it back.

    After an error nothing more is written: whoever waits, and whoever comes later, gets that error. What one
    transaction held is then in the database as a whole or not at all. Rows of one table are inserted in the order in
    which they came. All calls come from one thread.

    Args:
        db: the database; used by the writer's thread alone until it is closed.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._gathered = _Batch()
        self._handing_over: asyncio.Handle | None = None
        self._queue: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._failed: JournalError | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def put(self, insert: str, row: Row) -> None:
        """Queues a row, to be committed soon; `insert` is its statement up to VALUES.

        Raises:
            JournalError: an earlier row could not be committed.
        """
        if self._failed is not None:
            raise self._failed
        self._gathered.rows[insert].append(row)
        if self._handing_over is None:
            self._handing_over = asyncio.get_running_loop().call_soon(self._hand_over)

    async def written(self) -> None:
        """Waits until all rows that were queued so far are committed.

        Raises:
            JournalError: they could not be.
        """
        waiter = asyncio.get_running_loop().create_future()
        self._gathered.waiters.append(waiter)
        self._hand_over()
        await waiter

    def close(self) -> None:
        """Writes what is queued and ends the thread."""
        self._hand_over()
        self._queue.put(None)
        self._thread.join()

    def _hand_over(self) -> None:
        if self._handing_over is not None:
            self._handing_over.cancel()
            self._handing_over = None
        gathered, self._gathered = self._gathered, _Batch()
        self._queue.put(gathered)

    def _run(self) -> None:
        going = True
        while going:
            batches = []
            batch = self._queue.get()
            while batch is not None:
                batches.append(batch)
                if self._queue.empty():
                    break
                batch = self._queue.get()
            going = batch is not None
            if self._failed is None:
                self._commit([batch.rows for batch in batches if batch.rows])
            _acknowledge(chain.from_iterable(batch.waiters for batch in batches), self._failed)

    def _commit(self, gathered: Sequence[Mapping[str, Sequence[Row]]]) -> None:
        if not gathered:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for insert in dict.fromkeys(chain.from_iterable(gathered)):
                self._insert(insert, list(chain.from_iterable(rows.get(insert, ()) for rows in gathered)))
            self._db.execute("COMMIT")
        except Exception as error:
            self._failed = JournalError(f"the journal cannot be written any more: {type(error).__name__}: {error}")
            self._failed.__cause__ = error
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _insert(self, insert: str, rows: Sequence[Row]) -> None:
        start = 0
        while start < len(rows):
            # Powers of two, so that few statements are ever made, and SQLite keeps them ready.
            count = min(MOST, 1 << (len(rows) - start).bit_length() - 1)
            some = rows[start : start + count]
            self._db.execute(_statement(insert, count, len(some[0])), tuple(chain.from_iterable(some)))
            start += count


@cache
def _statement(insert: str, rows: int, columns: int) -> str:
    row = f"({','.join('?' * columns)})"
    return f"{insert} VALUES {','.join([row] * rows)}"


def _acknowledge(waiters: Iterable[asyncio.Future[None]], error: JournalError | None) -> None:
    """Tells all who wait, with one wake-up an event loop; a loop that has gone is not told."""
    for loop, group in groupby(waiters, asyncio.Future.get_loop):
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, list(group), error)


def _settle(waiters: Sequence[asyncio.Future[None]], error: JournalError | None) -> None:
    for waiter in waiters:
        if waiter.done():
            continue
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)
