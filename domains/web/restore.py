"""Going back: how a place that was seen is had again, the cheapest way first, and checked each time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Literal

from ..protocol import Diverged, Task
from .actions import WebAction
from .chromium import Chromium
from .counts import Counts, Kind
from .errors import PageFailed
from .gate import Gate
from .perform import NotDone, perform
from .place import Place
from .pool import Berth
from .session import Limits, Session
from .site import Site, SnapshotSite, Visit

_CONTEXT_SECONDS = 90.0  # the browser's start included
OnDivergence = Literal["drop", "go_on"]


class Restorer:
    """Sets the session of a berth to the start of a task, or to a place that was seen; runs in the browser's loop.

    Args:
        site: where the tasks are.
        chromium: makes contexts.
        gate: what they may reach.
        window: width and height in pixels.
        on_divergence: "drop" raises where a page that was had again is another one, "go_on" takes it as it now is.
        counts: kept up to date.
    """

    def __init__(
        self,
        site: Site,
        chromium: Chromium,
        gate: Gate,
        limits: Limits,
        window: tuple[int, int],
        on_divergence: OnDivergence,
        counts: Counts,
    ) -> None:
        self._site = site
        self._chromium = chromium
        self._gate = gate
        self._limits = limits
        self._window = window
        self._on_divergence = on_divergence
        self._counts = counts

    async def start(self, berth: Berth, task: Task) -> tuple[Session, str]:
        """The start of a task, and the task in words."""
        visit = await asyncio.to_thread(self._site.open, task)
        self._gate.allow(visit.url)
        session = berth.session
        if session is not None and self._site.stateless and not session.lost:
            await self._leave(session)
            await session.renew(visit)
        else:
            session = await self._open(berth, visit)
            await session.go(visit.url)
        said = await session.evaluate(visit.script) if visit.script else None
        await session.settle()
        return session, said if isinstance(said, str) else task.text

    async def do(self, session: Session, action: WebAction) -> str:
        """Does one action and lets the page settle; why it was not done, or ""."""
        self._counts.did()
        try:
            await perform(session, action)
        except NotDone as error:
            return str(error)
        finally:
            await session.settle()
        return ""

    async def again(self, berth: Berth, place: Place) -> Session:
        """A session at a place that has been seen.

        Raises:
            Diverged: no way led to the page that was recorded.
        """
        assert place.seen is not None
        site = self._site
        if berth.session is not None and berth.session.lost:
            self._counts.lose()
            await self.end(berth)
        if berth.session is not None and berth.place is place and await self._same("warm", berth, place, self._stay):
            return berth.session
        berth.place = None
        copies = isinstance(site, SnapshotSite)
        if site.page_from_context and (not copies or place.seen.snapshot is not None):
            kind: Kind = "snapshot" if copies else "state"
            if await self._same(kind, berth, place, self._reopen):
                assert berth.session is not None
                return berth.session
        kind = "replay" if place.depth else "reset"
        if not await self._same(kind, berth, place, self._replay) and self._on_divergence == "drop":
            where = place.title or "the start"
            raise Diverged(f"after {where} the page of task {place.task.id!r} was another one when it was had again")
        assert berth.session is not None
        return berth.session

    async def end(self, berth: Berth) -> None:
        """Closes the session of a berth, if it has one."""
        session, berth.session, berth.place = berth.session, None, None
        if session is not None:
            await session.close()
            await self._leave(session)

    async def _same(
        self, kind: Kind, berth: Berth, place: Place, way: Callable[[Berth, Place], Awaitable[Session]]
    ) -> bool:
        """Restores a page in one way; whether it is the one that was recorded."""
        assert place.seen is not None
        started = monotonic()
        session = await way(berth, place)
        page = await session.look()
        session.events()  # told when the place was first seen
        same = page.digest == place.seen.page.digest
        self._counts.restored(kind, monotonic() - started, same=same)
        return same

    async def _stay(self, berth: Berth, place: Place) -> Session:  # noqa: ARG002
        assert berth.session is not None
        return berth.session

    async def _reopen(self, berth: Berth, place: Place) -> Session:
        assert place.seen is not None
        visit = Visit(place.seen.page.url)
        if isinstance(self._site, SnapshotSite):
            visit = await asyncio.to_thread(self._site.restore, place.task, place.seen.snapshot)
        session = await self._open(berth, visit, place.seen.context)
        await session.go(place.seen.page.url)
        await session.settle()
        return session

    async def _replay(self, berth: Berth, place: Place) -> Session:
        session, _ = await self.start(berth, place.task)
        for step in place.path:
            assert step.action is not None
            await session.look()  # numbers the elements that the action names
            await self.do(session, step.action)
        return session

    async def _open(self, berth: Berth, visit: Visit, state: Any = None) -> Session:
        await self.end(berth)
        width, height = self._window
        try:
            async with asyncio.timeout(_CONTEXT_SECONDS):
                context = await self._chromium.context(
                    viewport={"width": width, "height": height}, storage_state=state, service_workers="block"
                )
        except TimeoutError:
            raise PageFailed(f"the browser gave no context within {_CONTEXT_SECONDS:g} s") from None
        berth.session = Session(context, visit, self._limits)
        await berth.session.prepare()
        return berth.session

    async def _leave(self, session: Session) -> None:
        await asyncio.to_thread(self._site.close, session.visit)
