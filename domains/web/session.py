"""One browser context at work: its tabs, what happens around them, and when they have settled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from .capture import capture
from .errors import PageFailed
from .outline import Outline, outline
from .site import Visit
from .tab import Tab

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Dialog, Download, FileChooser, Page

START_TIME = 1_700_000_000  # seconds since 1970 at which every page's clock starts
MOST_TABS = 8
_TICK = 250  # milliseconds that a page's clock is run by at a time
_TICKS = 4
_WINDOW_SECONDS = 2.0  # between a page's word that it opened a window and the window


class SessionLost(Exception):
    """The context or its page is gone, or does not answer: the session is of no more use."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a page may take.

    Attributes:
        load: to load and come to rest after an action; then it is looked at as it is.
        answer: to answer one question or do one action; then its session is given up.
    """

    load: float = 10.0
    answer: float = 20.0


class Session:
    """A context with its tabs, driven by hand.

    Dialogs are answered at once (accepted, a prompt with its own default), downloads and file choosers are refused, and
    pop-ups become tabs; each is told as an event. The clocks of pages stand still but while a page settles, a second
    after each action, so that what timers do is the same every time.
    """

    def __init__(self, context: BrowserContext, visit: Visit, limits: Limits) -> None:
        self.context = context
        self.visit = visit
        self.tabs: list[Tab] = []
        self.active = 0
        self.page: Outline | None = None
        self.lost = False
        self._limits = limits
        self._events: list[str] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._own = False
        self._arrived = 0

    @property
    def tab(self) -> Tab:
        """The tab that actions go to."""
        if not self.tabs:
            raise SessionLost("the last tab is gone")
        return self.tabs[min(self.active, len(self.tabs) - 1)]

    async def within(self, work: Coroutine[Any, Any, Any], seconds: float | None = None) -> Any:
        """Awaits browser work; whatever shows that the page is gone or stuck ends the session.

        Raises:
            SessionLost: the context died, or took too long.
        """
        from playwright.async_api import Error

        seconds = seconds or self._limits.answer
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, self._crashed}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self.lost = True
                raise SessionLost("its page crashed" if self._crashed.done() else f"no answer within {seconds:g} s")
            return await task
        except Error as error:
            if "closed" in error.message or "crashed" in error.message or "detached" in error.message:
                self.lost = True
                raise SessionLost(error.message.splitlines()[0]) from error
            raise
        finally:
            task.cancel()

    async def go(self, url: str) -> None:
        """Opens an address in the active tab.

        Raises:
            PageFailed: it does not load.
        """
        from playwright.async_api import Error

        try:
            await self.within(
                self.tab.page.goto(url, timeout=self._limits.load * 1000, wait_until="load"), self._limits.load + 5
            )
        except Error as error:
            raise PageFailed(f"{url} does not load: {error.message.splitlines()[0]}") from error

    async def renew(self, visit: Visit) -> None:
        """Makes the session one of another visit: one tab, no history."""
        for tab in self.tabs[1:]:
            await self.within(tab.page.close())
        if not self.tabs:
            await self.add_tab()
        self.visit, self.active = visit, 0
        await self.go(visit.url)
        await self.within(self.tab.channel.send("Page.resetNavigationHistory"))
        self.events()

    async def evaluate(self, script: str) -> Any:
        """Runs a function in the active page; its JSON value. A page that is just being left is waited for."""
        from playwright.async_api import Error

        for _ in range(_TICKS):
            try:
                return await self.within(self.tab.page.evaluate(script))
            except Error as error:
                if "context was destroyed" not in error.message:
                    raise
                await self.tab.rest(monotonic() + self._limits.load)
        raise SessionLost("the page goes from address to address")

    async def settle(self) -> None:
        """Lets the page come to rest: what loads is waited for, then its clock runs on by a second."""
        until = monotonic() + self._limits.load
        for _ in range(_TICKS):
            await self._rest(until)
            await self._run_clock()
        await self._rest(until)

    async def _rest(self, until: float) -> None:
        await self.within(self.tab.hear())
        await self._opened()
        if not await self.tab.rest(until):
            self.tell(f"the page was still loading after {self._limits.load:g} s, and was stopped")
            await self.within(self.tab.channel.send("Page.stopLoading"))

    async def _run_clock(self) -> None:
        from playwright.async_api import Error

        try:
            await self.within(self.context.clock.run_for(_TICK))
        except Error as error:
            if "context was destroyed" not in error.message:  # a page that is being left needs no clock
                raise

    async def look(self) -> Outline:
        """Reads the active page as it is now, and keeps it as `page`."""
        self.page = outline(await self.within(capture(self.tab.channel)))
        return self.page

    def tell(self, event: str) -> None:
        """Notes an event for the next observation."""
        if event not in self._events:
            self._events.append(event)

    def events(self) -> tuple[str, ...]:
        """What happened since it was last asked."""
        told, self._events = tuple(self._events), []
        return told

    async def add_tab(self) -> None:
        """Opens an empty tab and makes it the active one."""
        self._own = True
        try:
            page = await self.within(self.context.new_page())
        finally:
            self._own = False
        await self._adopt(page)

    async def close(self) -> None:
        """Closes the context; one that is gone already is no error."""
        from playwright.async_api import Error

        for task in self._opening:
            task.cancel()
        try:
            async with asyncio.timeout(self._limits.answer):
                await self.context.close()
        except (Error, TimeoutError):
            self.lost = True

    async def prepare(self) -> None:
        """One empty tab, its clock standing still."""
        await self.within(self._prepare())

    async def _prepare(self) -> None:
        clock = self.context.clock
        await clock.install(time=START_TIME)
        await clock.pause_at(START_TIME + 1)
        if self.visit.headers:
            await self.context.set_extra_http_headers(dict(self.visit.headers))
        self.context.on("page", self._popped_up)
        await self.add_tab()

    def _popped_up(self, page: Page) -> None:
        if self._own:
            return
        self._arrived += 1
        self._later(self._adopt(page, wait=True))
        self.tell("a new tab was opened")

    async def _opened(self) -> None:
        """Waits for windows that pages say they have opened, and for what is being done about dialogs and the like."""
        until = monotonic() + _WINDOW_SECONDS
        while self._arrived < sum(tab.opened for tab in self.tabs) and monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        for tab in self.tabs:
            tab.opened = 0  # one that has not come was blocked
        self._arrived = 0
        if self._opening:
            await self.within(asyncio.wait(set(self._opening)))

    async def _adopt(self, page: Page, *, wait: bool = False) -> None:
        from playwright.async_api import Error

        if len(self.tabs) >= MOST_TABS:
            self.tell(f"a tab was closed: there are {MOST_TABS} already")
            await page.close()
            return
        channel = await self.context.new_cdp_session(page)
        await channel.send("Page.enable")
        await channel.send("DOM.enable")
        tab = Tab(page, channel)
        page.on("dialog", lambda dialog: self._later(self._dialog(dialog)))
        page.on("download", lambda download: self._later(self._download(download)))
        page.on("filechooser", self._file_chooser)
        page.on("crash", lambda _: self._lose())
        page.on("close", lambda _: self._closed(tab))
        self.tabs.append(tab)
        self.active = len(self.tabs) - 1
        if wait:  # what it loads was asked for before anybody listened
            try:
                await page.wait_for_load_state("load", timeout=self._limits.load * 1000)
            except Error:
                self.tell("the new tab was still loading")

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._opening.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.tell("a window, dialog or download went away by itself")

    async def _dialog(self, dialog: Dialog) -> None:
        self.tell(f"a dialog ({dialog.type}) said {dialog.message[:200]!r} and was accepted")
        await dialog.accept(dialog.default_value)

    async def _download(self, download: Download) -> None:
        self.tell(f"the download of {download.suggested_filename[:100]!r} was refused")
        await download.cancel()

    def _file_chooser(self, chooser: FileChooser) -> None:  # noqa: ARG002
        self.tell("the page asked for a file; none was given")

    def _lose(self) -> None:
        self.lost = True
        if not self._crashed.done():
            self._crashed.set_result(None)

    def _closed(self, tab: Tab) -> None:
        if tab in self.tabs:
            self.active -= self.active >= self.tabs.index(tab) > 0
            self.tabs.remove(tab)
        self.active = max(0, min(self.active, len(self.tabs) - 1))
