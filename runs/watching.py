"""Following a run from another process, by its journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import sleep, time

from ..search import Prices, RunReader
from ..search.journal import Tally, tally
from .figures import Figures
from .store import State, state_of


def watch(directory: Path, every: float = 2.0) -> Iterator[tuple[Figures, State]]:
    """The run's figures again and again, until it is done or nobody works on it; the last ones come with that state.

    Requests in flight are not in the journal, so `Figures.in_flight` is None; its seconds are those from the first
    event on, until now while the run goes on.

    Args:
        directory: the run directory.
        every: seconds between two looks.

    Raises:
        JournalError: no run there, or one that cannot be read.
    """
    reader = RunReader(directory)
    meta = reader.meta()
    prices = Prices.model_validate((meta.get("budget") or {}).get("prices", {}))
    counted: Tally | None = None
    while True:
        counted = tally(reader, counted)
        state = state_of(directory, counted)
        yield _figures(meta["recipe"]["name"], counted, prices, going=state == "running"), state
        if state != "running":
            return
        sleep(every)


def _figures(name: str, counted: Tally, prices: Prices, *, going: bool) -> Figures:
    end = time() if going else counted.latest
    return Figures(
        name,
        counted.tasks,
        counted.done,
        counted.solved,
        counted.policy.tokens + counted.value.tokens,
        prices.dollars(counted.policy, counted.value),
        None,
        0.0 if counted.started is None or end is None else end - counted.started,
    )
