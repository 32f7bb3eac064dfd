"""Warm workers, lent one at a time and replaced when they are used up or suspect."""

from __future__ import annotations

import threading

from .protocol import SandboxBroken
from .worker import Setting, Worker

_RUNS_OF_A_WORKER = 2000


class Pool:
    """At most `size` workers, each started when it is first needed.

    A worker is replaced after 2,000 programs, and at once where it failed or did not end a program in time.
    """

    def __init__(self, setting: Setting, size: int) -> None:
        self._setting = setting
        self._size = size
        self._idle: list[Worker] = []
        self._lent: set[Worker] = set()
        self._starting = 0
        self._closed = False
        self._changed = threading.Condition()
        self.replaced = 0

    def lease(self) -> Worker:
        """A worker for one program; waits while all are lent.

        Raises:
            NoSandbox: it does not start.
            SandboxBroken: the pool is closed.
        """
        with self._changed:
            while not self._idle and len(self._lent) + self._starting >= self._size and not self._closed:
                self._changed.wait()
            if self._closed:
                raise SandboxBroken("the sandbox is closed")
            if self._idle:
                worker = self._idle.pop()
                self._lent.add(worker)
                return worker
            self._starting += 1
        try:
            worker = Worker(self._setting)
        except BaseException:
            with self._changed:
                self._starting -= 1
                self._changed.notify()
            raise
        with self._changed:
            self._starting -= 1
            self._lent.add(worker)
        return worker

    def put_back(self, worker: Worker, *, healthy: bool) -> None:
        """Takes a worker back; one that is not healthy, or has run enough programs, is ended."""
        spent = not healthy or worker.runs >= _RUNS_OF_A_WORKER
        with self._changed:
            self._lent.discard(worker)
            keep = not spent and not self._closed
            if keep:
                self._idle.append(worker)
            self.replaced += spent
            self._changed.notify()
        if not keep:
            worker.close()

    def close(self) -> None:
        """Ends all workers; programs that still run are killed first."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            for worker in self._lent:
                worker.doom()
            self._changed.notify_all()
            while self._lent or self._starting:
                self._changed.wait()
        for worker in idle:
            worker.close()
