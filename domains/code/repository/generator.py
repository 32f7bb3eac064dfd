"""Repair tasks of the project's own: small packages with a seeded bug each, as repositories and a task file."""

from __future__ import annotations

import ast
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...protocol import DomainError
from ..sandbox.protocol import Sandbox
from .git import Store
from .mutations import Mutant, mutants
from .problem import RepositoryProblem
from .samples import SAMPLES
from .testing import run_tests

_HIDDEN = "hidden/"
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Broken:
    """A sample with one bug, and the visible tests that it breaks."""

    sample: str
    path: str
    mutant: Mutant
    failing: tuple[str, ...]


def write_repairs(folder: Path | str, count: int, seed: int, sandbox: Sandbox) -> Path:
    """Writes `count` tasks as `repairs.jsonl` and one bare repository each, and returns the file.

    Each bug breaks at least one visible and one hidden test, and leaves at least one visible test passing. Equal seeds
    give equal tasks; a longer list begins with a shorter one.

    Args:
        folder: where to write; made when absent.
        sandbox: runs the tests of each mutant, which may never end.

    Raises:
        DomainError: there are not as many different bugs.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    records: list[dict[str, object]] = []
    for number, broken in enumerate(_breaking(seed, sandbox)):
        if len(records) == count:
            break
        records.append(_written(folder, f"repair-{seed}-{number}", broken))
    if len(records) < count:
        raise DomainError(f"{count} repair tasks asked for; the samples give {len(records)}")
    path = folder / "repairs.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def _breaking(seed: int, sandbox: Sandbox) -> Iterator[_Broken]:
    """Bugs that the tests notice, the samples taking turns, each one's in an order of the seed's own."""
    waiting: list[tuple[str, Iterator[tuple[str, Mutant]]]] = []
    for name, files in sorted(SAMPLES.items()):
        candidates = [
            (path, mutant) for path, text in sorted(files.items()) if _is_source(path) for mutant in mutants(text)
        ]
        random.Random(f"{seed}-{name}").shuffle(candidates)
        waiting.append((name, iter(candidates)))
    while waiting:
        for turn in list(waiting):
            found = next(_noticed(*turn, sandbox), None)
            if found is None:
                waiting.remove(turn)
            else:
                yield found


def _noticed(name: str, candidates: Iterator[tuple[str, Mutant]], sandbox: Sandbox) -> Iterator[_Broken]:
    files = SAMPLES[name]
    problem = RepositoryProblem(source="", commit="", seconds=_SECONDS)
    tests = {hidden: _test_names(files, hidden=hidden) for hidden in (False, True)}
    for path, mutant in candidates:
        contents = {place.replace(_HIDDEN, "tests/"): text.encode() for place, text in files.items()}
        contents[path] = mutant.source.encode()
        results = run_tests(sandbox, problem, contents, [*tests[False], *tests[True]])
        failing = tuple(test for test in tests[False] if not results[test].passed)
        hidden = [test for test in tests[True] if not results[test].passed]
        if failing and hidden and len(failing) < len(tests[False]):
            yield _Broken(name, path, mutant, failing)


def _written(folder: Path, name: str, broken: _Broken) -> dict[str, object]:
    files = SAMPLES[broken.sample]
    shown = {path: text.encode() for path, text in files.items() if not path.startswith(_HIDDEN)}
    # The right source has the mutant's layout, so that nothing but the bug tells one from the other.
    shown[broken.path] = f"{ast.unparse(ast.parse(files[broken.path]))}\n".encode()
    with_bug = {**shown, broken.path: broken.mutant.source.encode()}
    store = Store.made(folder / f"{name}.git", with_bug)
    base = store.commit("main")
    more = {path.replace(_HIDDEN, "tests/"): text.encode() for path, text in files.items() if path.startswith(_HIDDEN)}
    return {
        "id": name,
        "text": _issue(broken),
        "repository": f"{name}.git",
        "commit": base,
        "visible": list(_test_names(files, hidden=False)),
        "hidden": [*_test_names(files, hidden=False), *_test_names(files, hidden=True)],
        "hidden_patch": store.diff(base, store.changed(base, more)),
        "solution": store.diff(base, store.changed(base, {broken.path: shown[broken.path]})),
        "seconds": _SECONDS,
        "bug": {"kind": broken.mutant.kind, "path": broken.path, "line": broken.mutant.line},
    }


def _issue(broken: _Broken) -> str:
    summary = SAMPLES[broken.sample]["README.md"].split("\n\n", 1)[1].strip()
    tests = "\n".join(broken.failing)
    return (
        f"The package {broken.sample} has a bug: one place in its source is wrong. {summary}\n"
        f"These tests fail:\n{tests}\nRepair the source; the tests are right."
    )


def _test_names(files: Mapping[str, str], *, hidden: bool) -> tuple[str, ...]:
    """Dotted names of the test methods, in the files' order."""
    found = []
    for path, text in sorted(files.items()):
        if not Path(path).name.startswith("test_") or path.startswith(_HIDDEN) != hidden:
            continue
        module = path.replace(_HIDDEN, "tests/").removesuffix(".py").replace("/", ".")
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                methods = [part.name for part in node.body if isinstance(part, ast.FunctionDef)]
                found += [f"{module}.{node.name}.{method}" for method in methods if method.startswith("test")]
    return tuple(found)


def _is_source(path: str) -> bool:
    return path.endswith(".py") and not path.startswith(("tests/", _HIDDEN)) and not path.endswith("__init__.py")
