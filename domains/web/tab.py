"""A tab: its page, its debugging channel, and what of it is still on its way."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

_NAVIGATION = ("Page.frameRequestedNavigation", "Page.frameScheduledNavigation", "Page.frameStartedLoading")
_ARRIVAL = ("Page.frameStoppedLoading", "Page.frameClearedScheduledNavigation")


class Tab:
    """A page, its debugging channel, and what of it is still on its way."""

    def __init__(self, page: Page, channel: CDPSession) -> None:
        self.page = page
        self.channel = channel
        self._loading: set[str] = set()
        self._requests: set[Any] = set()
        self.opened = 0  # windows that the page has opened
        channel.on("Page.windowOpen", lambda _: self._open_window())
        for name in _NAVIGATION:
            channel.on(name, lambda event: self._loading.add(event["frameId"]))
        for name in _ARRIVAL:
            channel.on(name, lambda event: self._loading.discard(event["frameId"]))
        channel.on("Page.frameDetached", lambda event: self._loading.discard(event["frameId"]))
        # Functions, not bound methods: Playwright marks what it is given.
        page.on("request", lambda request: self._requests.add(request))
        page.on("requestfinished", lambda request: self._requests.discard(request))
        page.on("requestfailed", lambda request: self._requests.discard(request))

    def _open_window(self) -> None:
        self.opened += 1

    @property
    def busy(self) -> bool:
        """Whether something is being loaded."""
        return bool(self._loading or self._requests)

    async def hear(self) -> None:
        """Waits until the page has told what the last action set off: it has answered a question, or is loading."""
        answer = asyncio.ensure_future(self.channel.send("Runtime.evaluate", {"expression": "0"}))
        try:
            while not answer.done() and not self.busy:  # noqa: ASYNC110 - a page that is being left does not answer
                await asyncio.sleep(0.002)
        finally:
            answer.cancel()

    async def rest(self, until: float) -> bool:
        """Waits for what is being loaded; whether all of it came before `until`, a time of `monotonic`."""
        while self.busy and monotonic() < until:  # noqa: ASYNC110 - several kinds of events end it
            await asyncio.sleep(0.005)
        rested = not self.busy
        self._loading.clear()  # what has not come by now is not waited for again
        self._requests.clear()
        return rested
