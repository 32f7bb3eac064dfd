"""Who is let in, and what the page may reach."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from treewright.runs.viewer.access import is_loopback, new_token

ROUTES = [
    "/", "/static/main.js", "/static/absent.js", "/api/run", "/api/extent", "/api/tasks", "/api/tasks/0",
    "/api/tasks/0/tree", "/api/tasks/0/life", "/api/tasks/0/find?text=a", "/api/tasks/0/nodes/0",
    "/api/tasks/0/pictures/0", "/no/such/route",
]  # fmt: skip
Answer = tuple[int, dict[str, str], bytes]


def ask(address: str, path: str, **headers: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def secret() -> str:
    return new_token()


@pytest.fixture(scope="module")
def guarded(serve: Callable[..., str], finished: Path, secret: str) -> str:
    return serve(finished, secret)


@pytest.fixture(scope="module")
def local(serve: Callable[..., str], finished: Path) -> str:
    return serve(finished)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("given", ["", "token=", "token=wrong", "token=%C3%A9"])
def test_every_route_needs_the_token(guarded: str, route: str, given: str) -> None:
    status, _, body = ask(guarded, f"{route}{'&' if '?' in route else '?'}{given}")
    assert status == 401
    assert b"token of the URL that treewright view printed" in body


def test_the_token_in_the_url_opens_and_leaves_a_cookie_that_opens(guarded: str, secret: str) -> None:
    status, headers, _ = ask(guarded, f"/?token={secret}")
    assert status == 200
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    for route in ("/static/main.js", "/api/tasks"):
        assert ask(guarded, route, Cookie=cookie.partition(";")[0])[0] == 200
        assert ask(guarded, route, Cookie=cookie.partition("=")[0] + "=wrong")[0] == 401
        assert ask(guarded, route, Cookie=";;=")[0] == 401


def test_without_a_token_only_loopback_names_are_answered(local: str) -> None:
    port = urlsplit(local).port
    for name in ("127.0.0.1", "localhost", "[::1]", f"localhost:{port}", f"[::1]:{port}"):
        assert ask(local, "/api/run", Host=name)[0] == 200
    for name in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "10.0.0.7"):
        status, _, body = ask(local, "/api/run", Host=name)
        assert (status, b"loopback" in body) == (403, True)


@pytest.mark.parametrize("route", ["/", "/static/main.js", "/api/run", "/no/such/route"])
def test_every_answer_forbids_what_is_not_the_viewers_own(local: str, route: str) -> None:
    _, headers, _ = ask(local, route)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_nothing_outside_the_static_folder_is_served(local: str) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
        assert ask(local, path)[0] == 404


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("box", False)],
)
def test_loopback_is_told_from_other_addresses(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
