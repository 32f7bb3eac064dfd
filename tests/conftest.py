"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from counted import COUNTED
from servers import running_server


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of a real vLLM server with a small model, ending in /v1; started on first use, once a session."""
    yield from running_server()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints how many of each the durability tests made."""
    if COUNTED:
        made = ", ".join(f"{number} {what}" for what, number in sorted(COUNTED.items()))
        terminalreporter.write_line(f"durability: {made}")
