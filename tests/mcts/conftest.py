"""Fixtures of the forest's tests: every behaviour is asked of the native forest and of the oracle alike."""

from __future__ import annotations

from typing import Any

import pytest

from treewright.mcts import Forest, ReferenceForest


@pytest.fixture(params=[Forest, ReferenceForest], ids=["native", "reference"])
def kind(request: pytest.FixtureRequest) -> Any:
    """The class under test."""
    return request.param
