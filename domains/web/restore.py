"""Going back: how a place that was seen is had again, the cheapest way first, and checked each time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
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
        if berth.session is not None and berth.session.lost:
            self._counts.lose()
            await self.end(berth)
        if berth.place is place and await self._same("warm", berth, place, self._stay):
            return self._session(berth)
        berth.place = None
        started = monotonic()
        if self._reopens(place) and await self._reopened(berth, place):
            self._counts.restored(self._by_context, monotonic() - started, same=True)
            return self._session(berth)
        if place.follows and await self._came_from_an_ancestor(berth, place):
            return self._session(berth)
        kind: Kind = "replay" if place.depth else "reset"
        if not await self._same(kind, berth, place, self._replay) and self._on_divergence == "drop":
            where = place.title or "the start"
            raise Diverged(f"after {where} the page of task {place.task.id!r} was another one when it was had again")
        return self._session(berth)

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
        started = monotonic()
        same = await self._shows(await way(berth, place), place)
        self._counts.restored(kind, monotonic() - started, same=same)
        return same

    async def _shows(self, session: Session, place: Place) -> bool:
        """Whether a session's page is the one that was recorded."""
        assert place.seen is not None
        page = await session.look()
        session.events()  # told when the place was first seen
        return page.digest == place.seen.page.digest

    async def _came_from_an_ancestor(self, berth: Berth, place: Place) -> bool:
        """Whether the nearest ancestor that its context gives, and the actions since, gave the recorded page."""
        for base in place.ancestors:
            started = monotonic()
            if base.depth and self._reopens(base) and await self._reopened(berth, base):
                session = self._session(berth)
                await self._play(session, place.path[base.depth :])
                place.follows = await self._shows(session, place)
                self._counts.restored("ancestor", monotonic() - started, same=place.follows)
                return place.follows
        return False

    async def _reopened(self, berth: Berth, place: Place) -> bool:
        """Whether a place's context gave its page; where it did not, that is counted, and it is not asked again."""
        started = monotonic()
        try:
            place.reopens = await self._shows(await self._reopen(berth, place), place)
        except PageFailed:  # its address alone opens nothing
            await self.end(berth)
            place.reopens = False
        if not place.reopens:
            self._counts.restored(self._by_context, monotonic() - started, same=False)
        return place.reopens

    @property
    def _by_context(self) -> Kind:
        return "snapshot" if isinstance(self._site, SnapshotSite) else "state"

    def _reopens(self, place: Place) -> bool:
        """Whether a place may be had from its context; one that was not, once, is not asked again."""
        assert place.seen is not None
        copied = place.seen.snapshot is not None or not isinstance(self._site, SnapshotSite)
        return self._site.page_from_context and copied and place.reopens

    def _session(self, berth: Berth) -> Session:
        assert berth.session is not None
        return berth.session

    async def _stay(self, berth: Berth, place: Place) -> Session:  # noqa: ARG002
        return self._session(berth)

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
        await self._play(session, place.path)
        return session

    async def _play(self, session: Session, steps: Sequence[Place]) -> None:
        """Does the actions that led to places once more."""
        for step in steps:
            assert step.action is not None
            await session.look()  # numbers the elements that the action names
            await self.do(session, step.action)

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
