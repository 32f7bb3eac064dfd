"""Python's garbage collector while a search runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

FACTOR = 100  # new objects until a collection, as a multiple of the process's own setting

_searches = 0
_before = (0, 0, 0)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collects garbage a hundred times more rarely, and never looks at what was there before the search.

    A search keeps thousands of requests, tasks and nodes alive, makes hardly any cycles, and makes objects so fast that
    the collector, at its default setting, looks through all of them every few milliseconds: with 1,000 requests in
    flight that was half of the process's time. Reference counts go on freeing what they can. The process's own setting
    returns with the last search that runs; where the collector is off it stays off.
    """
    global _searches, _before
    if _searches == 0:
        _before = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(_before[0] * FACTOR, *_before[1:])
    _searches += 1
    try:
        yield
    finally:
        _searches -= 1
        if _searches == 0:
            gc.set_threshold(*_before)
            gc.unfreeze()
