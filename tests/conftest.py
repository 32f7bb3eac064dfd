"""What all tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from counted import COUNTED
from servers import Served, named, served

from treewright.domains.code.sandbox import NoSandbox, open_sandbox

# A shell without job control starts background jobs with SIGINT ignored, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def local_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real vLLM server with the small model; started on first use, once a session."""
    yield from served(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> str:
    """The address of a real vLLM server with a small model, ending in /v1."""
    return named() or request.getfixturevalue("local_server").url


@pytest.fixture(scope="session")
def wall() -> None:
    """For tests that run programs in the real sandbox: skips them where none stands."""
    try:
        open_sandbox(workers=1).close()
    except NoSandbox as error:
        pytest.skip(str(error))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints how many of each the durability tests made."""
    if COUNTED:
        made = ", ".join(f"{number} {what}" for what, number in sorted(COUNTED.items()))
        terminalreporter.write_line(f"durability: {made}")
