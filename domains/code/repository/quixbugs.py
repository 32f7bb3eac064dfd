"""QuixBugs (Lin et al. 2017) as repository tasks: one program with a one-line bug each, its tests beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ...protocol import DomainError
from .git import Store
from .problem import git_directory

_BUGGY, _CORRECT, _TESTS, _CASES = "python_programs", "correct_python_programs", "python_testcases", "json_testcases"
_SHARED = ("conftest.py", f"{_TESTS}/load_testdata.py", f"{_TESTS}/node.py")
_SHOWN_CASES = 2


def write_quix_bugs(clone: Path | str, folder: Path | str) -> Path:
    """Writes a clone of QuixBugs as a task file and one bare repository a program, and returns the file.

    The repositories hold the program and its tests, not the corrected programs. Where the cases are data, the first two
    are visible and all are hidden; where they are code, all are both.

    Raises:
        DomainError: the folder is no clone of QuixBugs.
    """
    folder, source = Path(folder), Store(git_directory(Path(clone)))
    files = source.files(source.commit("HEAD"))
    names = [Path(path).stem.removeprefix("test_") for path in sorted(files) if path.startswith(f"{_TESTS}/test_")]
    if not names:
        raise DomainError(f"{clone} is no clone of QuixBugs: it has no {_TESTS}/test_*.py")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "quixbugs.jsonl"
    records = [_written(folder, name, files) for name in names]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def _written(folder: Path, name: str, files: Mapping[str, bytes]) -> dict[str, object]:
    program, test, cases = f"{_BUGGY}/{name}.py", f"{_TESTS}/test_{name}.py", f"{_CASES}/{name}.json"
    shown = {path: files[path] for path in (program, test, *_SHARED) if path in files}
    if cases in files:
        shown[cases] = b"".join(files[cases].splitlines(keepends=True)[:_SHOWN_CASES])
    place = folder / f"{name}.git"
    store = Store(place) if place.exists() else Store.made(place, shown)
    base = store.commit("main")
    every = store.changed(base, {cases: files[cases]} if cases in files else {})
    mended = store.changed(base, {program: files[f"{_CORRECT}/{name}.py"]})
    return {
        "id": f"quixbugs-{name}",
        "text": f"The program {program} has a bug in one line. Its tests are in {test}. Mend the program.",
        "repository": place.name,
        "commit": base,
        "runner": "pytest",
        "packages": ["pytest"],
        "visible": [test],
        "hidden": [test],
        "hidden_patch": store.diff(base, every),
        "solution": store.diff(base, mended),
        "seconds": 20.0,
    }
