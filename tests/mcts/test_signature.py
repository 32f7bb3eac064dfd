"""The signature of bench/forest.py: a change of it means that searches have changed, which must be meant."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

SIGNATURE = "0fd325f0"


def test_the_recorded_signature(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    names = ("forest", "plain_python", "table_evaluator")
    bench = importlib.import_module("forest")
    assert bench.signature(kind) == SIGNATURE
    for name in names:
        del sys.modules[name]
