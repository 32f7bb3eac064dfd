"""The browser as the domain's threads see it: opened on first use, closed with the domain."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path

from ..protocol import Task
from .chromium import Chromium, find_chromium
from .counts import Counts
from .gate import Gate
from .guide import Extras, Guide
from .loop import LoopThread
from .place import Place, Seen
from .pool import Pool
from .restore import OnDivergence, Restorer
from .session import Limits
from .site import Site, SnapshotSite, Verdict, Visit


class _Running:
    """A loop thread with a gate, a browser and a guide in it."""

    def __init__(self, loop: LoopThread, gate: Gate, chromium: Chromium, guide: Guide) -> None:
        self.loop = loop
        self.gate = gate
        self.chromium = chromium
        self.guide = guide

    async def end(self) -> list[Visit]:
        """Closes what is open; gives the visits that the site may forget."""
        visits = await self.guide.close()
        await self.chromium.close()
        await self.gate.close()
        return visits


class Machine:
    """Does blocking calls from any thread by work in one loop; places are reached once, whoever asks first.

    Args:
        site: where the tasks are.
        counts: kept up to date.
        contexts: browser contexts kept; two a core are in use at a time.
        limits, window, on_divergence, extras: as for `Restorer` and `Guide`.
        executable: the browser; by default `find_chromium()`.
    """

    def __init__(
        self,
        site: Site,
        *,
        counts: Counts,
        contexts: int,
        limits: Limits,
        window: tuple[int, int],
        on_divergence: OnDivergence,
        extras: Extras,
        executable: Path | None,
    ) -> None:
        self._site = site
        self._counts = counts
        self._contexts = contexts
        self._limits = limits
        self._window = window
        self._on_divergence: OnDivergence = on_divergence
        self._extras = extras
        self._executable = executable
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def see(self, place: Place) -> Seen:
        """What is at a place; those above it are reached first."""
        if place.seen is not None:
            return place.seen
        if place.parent is not None:
            self.see(place.parent)
        with place.lock:
            if place.seen is None:
                running = self._open()
                place.seen = running.loop.call(running.guide.reach(place))
                if isinstance(self._site, SnapshotSite) and place.seen.snapshot is not None:
                    weakref.finalize(place, self._site.drop, place.seen.snapshot)
            return place.seen

    def judge(self, place: Place, said: str | None) -> Verdict | None:
        """The checker's verdict at a place."""
        self.see(place)
        running = self._open()
        return running.loop.call(running.guide.judge(place, said))

    def carry_out(self, task: Task, script: Sequence[str], said: str | None) -> Verdict | None:
        """The checker's verdict on a script of actions."""
        running = self._open()
        return running.loop.call(running.guide.carry_out(task, script, said))

    @property
    def refused(self) -> dict[str, int]:
        """Addresses that pages asked for and that the gate refused."""
        return {} if self._running is None else dict(self._running.gate.refused)

    def close(self) -> None:
        """Ends the browser and its thread."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            try:
                visits = running.loop.call(running.end())
            finally:
                running.loop.stop()
            # Here and not in a thread of the loop: at the end of the process there are no new threads to be had.
            for visit in visits:
                self._site.close(visit)

    def _open(self) -> _Running:
        with self._lock:
            if self._running is None:
                executable = self._executable or find_chromium()
                loop = LoopThread("browser")
                try:
                    self._running = loop.call(self._start(loop, executable))
                except BaseException:
                    loop.stop()
                    raise
            return self._running

    async def _start(self, loop: LoopThread, executable: Path) -> _Running:
        gate = Gate(self._site.origins, self._site.served)
        at_once = 2 * (os.cpu_count() or 1)
        chromium = Chromium(await gate.open(), executable)
        restorer = Restorer(self._site, chromium, gate, self._limits, self._window, self._on_divergence, self._counts)
        return _Running(
            loop,
            gate,
            chromium,
            Guide(self._site, restorer, Pool(self._contexts, min(self._contexts, at_once)), self._extras, self._counts),
        )
