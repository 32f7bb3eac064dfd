"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers import running_server


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of a real vLLM server with a small model, ending in /v1; started on first use, once a session."""
    yield from running_server()
