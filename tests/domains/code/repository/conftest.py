"""A small repository with a bug, its task, and the domain with the real sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from doubling import CANARY

from treewright.domains.code import CodeRepository, read_tasks
from treewright.domains.code.repository.git import Store
from treewright.domains.code.sandbox import NoSandbox, Sandbox, open_sandbox
from treewright.domains.protocol import Task

FILES = {
    "calc/__init__.py": "",
    "calc/core.py": "def add(a, b):\n    return a - b\n\n\ndef twice(a):\n    return add(a, a)\n",
    "calc/text.py": "def shout(text):\n    return text.upper()\n",
    "tests/__init__.py": "",
    "tests/test_core.py": (
        "import unittest\n\nfrom calc.core import add, twice\nfrom calc.text import shout\n\n\n"
        "class TestCore(unittest.TestCase):\n"
        "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n\n"
        "    def test_twice(self):\n        self.assertEqual(twice(4), 8)\n\n"
        "    def test_shout(self):\n        self.assertEqual(shout('a'), 'A')\n"
    ),
}
HIDDEN = (
    "import unittest\n\nfrom calc.core import add\n\n\nclass TestHidden(unittest.TestCase):\n"
    f"    def test_negative(self):\n        self.assertEqual(add(-1, -2), -3, '{CANARY}')\n"
)
VISIBLE = [f"tests.test_core.TestCore.test_{name}" for name in ("add", "twice", "shout")]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.made(tmp_path / "calc.git", {path: text.encode() for path, text in FILES.items()})


@pytest.fixture
def repository_file(tmp_path: Path, store: Store) -> Callable[..., Path]:
    """Writes the task of the small repository, with some fields changed."""
    base = store.commit("main")
    record = {
        "id": "calc-1",
        "text": "add is wrong.",
        "repository": "calc.git",
        "commit": "main",
        "visible": VISIBLE,
        "hidden": [*VISIBLE, "tests.test_hidden.TestHidden.test_negative"],
        "hidden_patch": store.diff(base, store.changed(base, {"tests/test_hidden.py": HIDDEN.encode()})),
        "solution": store.diff(
            base, store.changed(base, {"calc/core.py": FILES["calc/core.py"].replace("a - b", "a + b").encode()})
        ),
        "seconds": 20,
    }

    def write(*changes: dict[str, Any]) -> Path:
        path = tmp_path / "repositories.jsonl"
        path.write_text("".join(json.dumps({**record, **change}) + "\n" for change in changes or [{}]))
        return path

    return write


@pytest.fixture(scope="session")
def wall() -> Iterator[Sandbox]:
    """The real sandbox; skips where no wall stands."""
    try:
        sandbox = open_sandbox(workers=1)
    except NoSandbox as error:
        pytest.skip(str(error))
    with sandbox:
        yield sandbox


@pytest.fixture
def repository(wall: Sandbox) -> Iterator[CodeRepository]:
    domain = CodeRepository(wall)
    yield domain
    domain.close()


@pytest.fixture
def task(repository_file: Callable[..., Path]) -> Task:
    return read_tasks(repository_file()).tasks[0]
