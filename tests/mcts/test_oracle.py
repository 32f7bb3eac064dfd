"""The native forest against the oracle: the same random interleavings must leave the same bits in every field."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from interleavings import Interleavings

# Interleavings in a default run: `make sanitize`, whose build is slower by an order of magnitude, asks for fewer.
EXAMPLES = int(os.environ.get("TREEWRIGHT_INTERLEAVINGS", "40"))


class Short(Interleavings):
    """The default run."""


class Long(Interleavings):
    """A deeper run."""


TestShort = Short.TestCase
TestShort.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)

TestLong = pytest.mark.deep(pytest.mark.slow(Long.TestCase))
TestLong.settings = settings(
    max_examples=200, stateful_step_count=80, deadline=None, suppress_health_check=list(HealthCheck)
)
