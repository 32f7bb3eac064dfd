"""The program that runs a repository's tests inside the sandbox: one verdict a test, behind a word that it was told.

It is sent into the sandbox as a file, so it imports nothing of this package. What is tested runs in the same process:
the word keeps a printed result from passing for a real one, and is no wall against a patch that goes looking for it.
"""

from __future__ import annotations

import io
import json
import os
import sys
import unittest
from typing import Any


def main() -> None:
    """Reads {"word", "runner", "tests"} and writes the word and {test: [status, message]} as the last line."""
    asked = json.loads(sys.stdin.read())
    out = os.fdopen(os.dup(1), "w")
    sys.path.insert(0, "")
    run = by_pytest if asked["runner"] == "pytest" else by_unittest
    results = run(asked["tests"])
    out.write("\n" + asked["word"] + json.dumps(results) + "\n")
    out.flush()
    os._exit(0)


def by_unittest(tests: list[str]) -> dict[str, list[str]]:
    """Runs tests by their dotted names; a module or class stands for all that it holds."""
    results: dict[str, list[str]] = {}
    for name in tests:
        try:
            suite = unittest.defaultTestLoader.loadTestsFromName(name)
        except Exception as error:
            results[name] = ["error", f"{type(error).__name__}: {error}"]
            continue
        found = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(suite)
        wrong = [*found.errors, *found.failures]
        if wrong:
            status = "failed" if found.failures and not found.errors else "error"
            results[name] = [status, wrong[0][1].strip()[-800:]]
        elif found.testsRun == 0:
            results[name] = ["error", "no such test"]
        else:
            results[name] = ["passed", ""]
    return results


class Collector:
    """A pytest plug-in that keeps each test's verdict."""

    def __init__(self) -> None:
        self.results: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keeps the worst of set-up, call and tear-down."""
        status = "passed" if report.passed or report.skipped else "failed" if report.when == "call" else "error"
        if self.results.get(report.nodeid, ["passed"])[0] == "passed":
            self.results[report.nodeid] = [status, "" if status == "passed" else str(report.longrepr)[-800:]]

    def pytest_collectreport(self, report: Any) -> None:
        """Keeps why a file could not be collected."""
        if report.failed:
            self.results[report.nodeid] = ["error", str(report.longrepr)[-800:]]


def by_pytest(tests: list[str]) -> dict[str, list[str]]:
    """Runs tests by their node ids; a file or class stands for all that it holds, and passes where all of it does."""
    import pytest

    collector = Collector()
    pytest.main(["-q", "-p", "no:cacheprovider", *tests], plugins=[collector])
    return {name: _worst(name, collector.results) for name in tests}


def _worst(name: str, results: dict[str, list[str]]) -> list[str]:
    """What a name's own tests came to: the first that did not pass; else what kept its file from being collected."""
    own = [result for test, result in results.items() if test == name or test.startswith((f"{name}::", f"{name}["))]
    wrong = [result for result in own if result[0] != "passed"]
    if own:
        return wrong[0] if wrong else own[0]
    return results.get(name.split("::")[0]) or ["error", "no such test"]


if __name__ == "__main__":
    main()
