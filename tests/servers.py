"""The real model server that tests share: one that runs already, or one started for the session."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from treewright.value_models import Server
from treewright.value_models.environment import find_build
from treewright.value_models.errors import SetupFailed

NAMED = "TREEWRIGHT_TEST_SERVER"


def running_server() -> Iterator[str]:
    """Gives the address of a real server: the one that $TREEWRIGHT_TEST_SERVER names, or one with the small model.

    Skips the test, with the reason, where there is neither a named server nor a vLLM that could serve.
    """
    if url := os.environ.get(NAMED):
        yield url
        return
    try:
        find_build()
    except SetupFailed as error:
        pytest.skip(f"no {NAMED}, and none can be started: {error}")
    with Server() as server:
        yield server.url
