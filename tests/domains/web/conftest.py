"""What the browser tests share: a small site, and domains on it that are closed in the end."""

from __future__ import annotations

import http.server
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from web_pages import PagesSite, serving

from treewright.domains.web import NoBrowser, Web, find_chromium


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skips where there is no browser."""
    try:
        find_chromium()
    except NoBrowser as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def server(chromium: None) -> Iterator[http.server.ThreadingHTTPServer]:
    with serving() as running:
        yield running


@pytest.fixture
def make(server: http.server.ThreadingHTTPServer) -> Iterator[Callable[..., Web]]:
    """Makes domains on the test pages; keyword arguments of the site and of `Web`."""
    made: list[Web] = []

    def web(*, page_from_context: bool = False, stateless: bool = True, **options: Any) -> Web:
        site = PagesSite(server.server_address[1], page_from_context=page_from_context, stateless=stateless)
        made.append(Web(site, **options))
        return made[-1]

    yield web
    for domain in made:
        domain.close()


@pytest.fixture(scope="module")
def pages(server: http.server.ThreadingHTTPServer) -> Iterator[Web]:
    """One domain for tests that only look at what it shows."""
    domain = Web(PagesSite(server.server_address[1]), contexts=2)
    yield domain
    domain.close()
