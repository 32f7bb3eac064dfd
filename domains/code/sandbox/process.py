"""The default strength: warm workers in namespaces of their own, a fork a program, with or without an outer wall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .base import Walled
from .pool import Pool
from .protocol import Limits
from .session import Session, ended
from .worker import Mode, Setting


class ProcessSandbox(Walled):
    """Programs in forks of warm workers.

    Args:
        strength: its name.
        setting: how workers are started.
        workers: programs at once; as many examiners stand beside them.

    Attributes:
        replaced: workers that were used up or suspect.
    """

    def __init__(self, strength: str, setting: Setting, workers: int) -> None:
        self.strength = strength
        # Whoever holds an examiner holds a program's worker already, so nobody waits in a circle.
        self._programs = Pool(setting, workers)
        self._examiners = Pool(setting, workers)

    @property
    def replaced(self) -> int:
        """How many workers were used up or suspect."""
        return self._programs.replaced + self._examiners.replaced

    @contextmanager
    def session(self, mode: Mode, limits: Limits, seconds: float, collect: Sequence[str] = ()) -> Iterator[Session]:
        """A fork of a warm worker."""
        pool = self._examiners if mode == "examine" else self._programs
        worker, healthy = pool.lease(), False
        try:
            cell = worker.open(mode, limits, seconds=seconds, collect=collect)
            with ended(Session(cell, limits)) as session:
                yield session
            healthy = True
        finally:
            pool.put_back(worker, healthy=healthy)

    def close(self) -> None:
        """Ends all workers; programs that still run are killed first."""
        self._programs.close()
        self._examiners.close()
