"""Finding, starting and restarting Chromium."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import NoBrowser, PageFailed

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # else it is a way around the gate
)
HELP = (
    "Install Chromium with your system's packages (Debian: apt install chromium), or with "
    "`playwright install chromium`, or name one in TREEWRIGHT_CHROMIUM."
)
_START_SECONDS = 60.0


def find_chromium() -> Path:
    """The browser to use: TREEWRIGHT_CHROMIUM, else the system's, else the one that Playwright downloaded.

    Raises:
        NoBrowser: there is none, or Playwright is not installed.
    """
    if importlib.util.find_spec("playwright") is None:
        raise NoBrowser("The web domain needs Playwright: pip install 'treewright[web]'.")
    named = os.environ.get("TREEWRIGHT_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise NoBrowser(f"TREEWRIGHT_CHROMIUM names {named}, which is no file.")
        return Path(named)
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    downloaded = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    if downloaded:
        return downloaded[-1]
    raise NoBrowser(f"No Chromium was found. {HELP}")


class Chromium:
    """One Chromium process, started on first use and started anew after it has died.

    It lives and dies with this process: Playwright's driver holds a pipe to us, and Chromium one to the driver; each
    ends when its pipe closes, also after kill -9.

    Args:
        proxy: the address that all its traffic goes through.
        executable: by default `find_chromium()`.
        headless: no window.
    """

    def __init__(self, proxy: str, executable: Path | None = None, *, headless: bool = True) -> None:
        self._proxy = proxy
        self._executable = executable or find_chromium()
        self._headless = headless
        self._driver: Any = None
        self._browser: Browser | None = None
        self._lock = asyncio.Lock()
        self._starts = 0

    async def context(self, **options: Any) -> BrowserContext:
        """A new browser context; `options` as for Playwright's `new_context`."""
        from playwright.async_api import Error

        for attempt in (1, 2):
            browser = await self._running()
            try:
                return await browser.new_context(**options)
            except Error as error:
                if attempt == 2 or "closed" not in error.message:
                    raise PageFailed(f"no browser context could be made: {error}") from error
                self._browser = None  # a driver that is gone cannot tell that its browser is
        raise AssertionError("the second attempt returns or raises")

    async def close(self) -> None:
        """Ends the browser and the driver."""
        async with self._lock:
            if self._browser is not None and self._browser.is_connected():
                await self._browser.close()
            if self._driver is not None:
                await self._driver.stop()
            self._browser = self._driver = None

    async def _running(self) -> Browser:
        from playwright.async_api import Error

        async with self._lock:
            if self._browser is not None and self._browser.is_connected():
                return self._browser
            try:
                self._browser = await self._launched()
            except Error as error:
                if not self._starts:
                    raise NoBrowser(f"{self._executable} does not start: {error}. {HELP}") from error
                self._driver = None  # it ran before: the driver may have died with it
                self._browser = await self._launched()
            self._starts += 1
            return self._browser

    async def _launched(self) -> Browser:
        from playwright.async_api import async_playwright

        if self._driver is None:
            self._driver = await async_playwright().start()
        arguments = list(_ARGUMENTS)
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium's own sandbox refuses to run as root
        browser: Browser = await self._driver.chromium.launch(
            executable_path=str(self._executable),
            headless=self._headless,
            args=arguments,
            proxy={"server": self._proxy},
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=_START_SECONDS * 1000,
        )
        return browser
