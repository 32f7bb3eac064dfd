"""Leads the browser: places are reached for the first time, judged, and an answer's actions carried out."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..protocol import Task
from .actions import read_action
from .counts import Counts
from .errors import PageFailed
from .place import Place, Seen
from .pool import Berth, Pool
from .restore import Restorer
from .session import Session, SessionLost
from .site import Site, SnapshotSite, Verdict, Visit

T = TypeVar("T")
TRIES = 2
_HTML_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Extras:
    """What else is kept of every place: a screenshot, an excerpt of the page's source."""

    picture: bool = False
    html: bool = False


class Guide:
    """Goes to places with a pool of browser contexts; all of its methods run in the browser's loop.

    Whatever shows that a context is dead or stuck ends that context, and the work is tried once more in another.
    """

    def __init__(self, site: Site, restorer: Restorer, pool: Pool, extras: Extras, counts: Counts) -> None:
        self._site = site
        self._restorer = restorer
        self._pool = pool
        self._extras = extras
        self._counts = counts

    async def reach(self, place: Place) -> Seen:
        """Goes to a place for the first time and says what is there; its parent has been seen.

        Raises:
            PageFailed: no context lived to see it.
            Diverged: the parent could not be had again.
        """

        async def go(berth: Berth) -> Seen:
            if place.parent is None or place.action is None:
                session, goal = await self._restorer.start(berth, place.task)
                trouble = ""
            else:
                session = await self._restorer.again(berth, place.parent)
                berth.place = None
                assert place.parent.seen is not None
                goal = place.parent.seen.goal
                trouble = await self._restorer.do(session, place.action)
            seen = await self._look(session, place.task, goal, trouble)
            berth.place = place
            return seen

        seen = await self._tried(place.parent, go)
        self._counts.reached(place.depth)
        return seen

    async def judge(self, place: Place, said: str | None) -> Verdict | None:
        """The task's own checker at a place that has been seen."""

        async def go(berth: Berth) -> Verdict | None:
            session = await self._restorer.again(berth, place)
            berth.place = place
            return await self._verdict(place.task, session, said)

        return await self._tried(place, go)

    async def carry_out(self, task: Task, script: Sequence[str], said: str | None) -> Verdict | None:
        """Does an answer's actions from the start on, and gives the checker's verdict on what came of it."""

        async def go(berth: Berth) -> Verdict | None:
            session, _ = await self._restorer.start(berth, task)
            for line in script:
                await session.look()  # numbers the elements that the action names
                await self._restorer.do(session, read_action(line))
            return await self._verdict(task, session, said)

        return await self._tried(None, go)

    async def close(self) -> list[Visit]:
        """Ends all contexts that are not in use; gives the visits that were made in them, for the site to forget."""
        sessions = self._pool.sessions()
        for session in sessions:
            await session.close()
        return [session.visit for session in sessions]

    async def _tried(self, start: Place | None, go: Callable[[Berth], Awaitable[T]]) -> T:
        failure: Exception | None = None
        for _ in range(TRIES):
            async with self._pool.berth(start) as berth:
                try:
                    return await go(berth)
                except (SessionLost, PageFailed) as error:
                    failure = error
                    self._counts.lose()
                    await self._restorer.end(berth)
                except BaseException:
                    berth.place = None
                    raise
        raise PageFailed(f"given up after {TRIES} tries: {failure}") from failure

    async def _verdict(self, task: Task, session: Session, said: str | None) -> Verdict | None:
        inspected = await session.evaluate(self._site.inspect) if self._site.inspect else None
        return await to_thread(self._site.judge, task, session.visit, inspected, said)

    async def _look(self, session: Session, task: Task, goal: str, trouble: str) -> Seen:
        site = self._site
        page = await session.look()
        inspected = await session.evaluate(site.inspect) if site.inspect else None
        snapshot = None
        if site.page_from_context and isinstance(site, SnapshotSite):
            snapshot = await to_thread(site.snapshot, session.visit)
        html = await session.within(session.tab.page.content()) if self._extras.html else ""
        return Seen(
            page=page,
            goal=goal,
            trouble=trouble,
            events=session.events(),
            tabs=(tuple(tab.page.url for tab in session.tabs), session.active),
            sight=await to_thread(site.sight, task, session.visit, inspected),
            context=await session.within(session.context.storage_state()) if site.page_from_context else None,
            snapshot=snapshot,
            html=html[:_HTML_CHARACTERS],
            picture=await session.within(session.tab.page.screenshot()) if self._extras.picture else None,
        )
