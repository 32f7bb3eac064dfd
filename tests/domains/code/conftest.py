"""What the tests of code tasks share: a task file with a canary in its hidden tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doubling import RECORD
from in_process import InProcess

from treewright.domains.code import CodeFunctions


@pytest.fixture
def task_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes records, each RECORD with some fields changed, as a JSONL file."""

    def write(*changes: dict[str, Any], name: str = "tasks.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps({**RECORD, **change}) + "\n" for change in changes))
        return path

    return write


@pytest.fixture
def sandbox() -> InProcess:
    return InProcess()


@pytest.fixture
def domain(sandbox: InProcess) -> CodeFunctions:
    return CodeFunctions(sandbox=sandbox)
