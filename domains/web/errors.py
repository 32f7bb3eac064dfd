"""What can go wrong with a browser: each of these fails one node, visibly, and the search goes on."""

from __future__ import annotations

from ..protocol import DomainError


class NoBrowser(DomainError):
    """No Chromium was found, or Playwright is not installed; the message says how to get it."""


class PageFailed(DomainError):
    """A page could not be had: it never loaded, its context died, the browser crashed, each time it was tried."""
