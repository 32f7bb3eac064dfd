"""The thread that writes the journal."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import groupby

from ..errors import JournalError

MOST = 4096  # items in one transaction

Write = Callable[[sqlite3.Connection], None]
_Waiter = Future[None] | asyncio.Future[None]


class Writer:
    """Commits what it is given, in order, all that has come in meanwhile in one transaction.

    After an error nothing more is written: whoever waits, and whoever comes later, gets that error. What one
    transaction held is then in the database as a whole or not at all.

    Args:
        db: the database; used by the writer's thread alone until it is closed.
        flush: called before each commit.
    """

    def __init__(self, db: sqlite3.Connection, flush: Callable[[], None]) -> None:
        self._db = db
        self._flush = flush
        self._queue: queue.SimpleQueue[tuple[Write, _Waiter] | None] = queue.SimpleQueue()
        self._failed: JournalError | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    async def written(self, write: Write) -> None:
        """Queues a write and waits until it is committed.

        Raises:
            JournalError: it could not be.
        """
        waiter = asyncio.get_running_loop().create_future()
        self._queue.put((write, waiter))
        # Shielded by nothing on purpose: a caller that is cancelled does not take its write back.
        await waiter

    def write(self, write: Write) -> None:
        """Like `written`, without an event loop."""
        waiter: Future[None] = Future()
        self._queue.put((write, waiter))
        waiter.result()

    def close(self) -> None:
        """Writes what is queued and ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch = []
            item = self._queue.get()
            while item is not None:
                batch.append(item)
                if len(batch) == MOST or self._queue.empty():
                    break
                item = self._queue.get()
            going = item is not None
            if batch:
                if self._failed is None:
                    self._commit([write for write, _ in batch])
                _acknowledge([waiter for _, waiter in batch], self._failed)

    def _commit(self, writes: Sequence[Write]) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for write in writes:
                write(self._db)
            self._flush()
            self._db.execute("COMMIT")
        except Exception as error:
            self._failed = JournalError(f"the journal cannot be written any more: {type(error).__name__}: {error}")
            self._failed.__cause__ = error
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def _acknowledge(waiters: Sequence[_Waiter], error: JournalError | None) -> None:
    """Tells all who wait, with one wake-up an event loop; a loop that has gone is not told."""
    for loop, group in groupby(
        waiters, lambda waiter: waiter.get_loop() if isinstance(waiter, asyncio.Future) else None
    ):
        mine = list(group)
        if loop is None:
            _settle(mine, error)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_settle, mine, error)


def _settle(waiters: Sequence[_Waiter], error: JournalError | None) -> None:
    for waiter in waiters:
        if waiter.done():
            continue
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)
