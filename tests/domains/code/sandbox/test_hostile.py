"""Each hostile program is contained, the pool goes on afterwards, and nothing is left behind."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import pytest
from sandbox_host import CANARY, Host, left_behind, nothing_more

from treewright.domains.code.sandbox import Assertion, Limits, Program, Sandbox, open_sandbox
from treewright.domains.code.sandbox.process import ProcessSandbox

HOSTILE = Path(__file__).parent / "hostile"
# Attacks in a row; `make bench-sandbox` asks for 10,000.
SOAK = int(os.environ.get("TREEWRIGHT_SOAK", "1000"))
SMALL = Limits(seconds=0.4, total_seconds=2.0, memory=768 << 20, disk=16 << 20, processes=16, output_total=8 << 20)

# How those attacks end that do not end by themselves; all others say "held".
ENDED_BY = {
    "infinite_loop": {"timeout"},
    "endless_sleep": {"timeout"},
    "busy_threads": {"timeout"},
    "fork_bomb": {"timeout"},
    "memory_bomb": {"timeout", "memory"},
    "memory_bomb_of_many": {"memory"},
    "gigabytes_of_stdout": {"output", "timeout"},
    "gigabytes_of_stderr": {"output", "timeout"},
    "deep_recursion": {"signalled", "exited"},
    "native_crash": {"signalled"},
}
ATTACKS = sorted(path.stem for path in (HOSTILE / "attacks").glob("*.py"))
FAKES = sorted(path.stem for path in (HOSTILE / "fakes").glob("*.py"))

TESTS = [
    Assertion("equal", "assert double(2) == 4"),
    Assertion("equal the other way", "assert 4 == double(2)"),
    Assertion("close", "import math\nassert math.isclose(abs(double(2)), 4.0)"),
    Assertion("listed", "assert [double(2)] == [4]"),
    Assertion("member", "assert double(2) in (4,)"),
    Assertion("true", "assert double(2) == 4 and isinstance(double(2), int)"),
    Assertion("must end well", "try:\n    double(2)\nexcept:\n    pass\nassert double(3) == 6"),
    Assertion("lends a function", "assert double(2, lambda value: value) == 4"),
    Assertion("near", "assert abs(double(2) - 4) < 1e-6 and abs(4 - double(2)) < 1e-6"),
    Assertion("mapped", "assert all(map(lambda number: double(number) == 2 * number, [1, 2]))"),
    Assertion("unittest", "import unittest\nunittest.TestCase().assertEqual(double(2), 4)"),
]


# Attacks that end by themselves may take longer than those that wait for a limit.
LONG = replace(SMALL, seconds=5.0)


def attack(name: str) -> str:
    return (HOSTILE / "attacks" / f"{name}.py").read_text()


def fake(name: str) -> str:
    return (HOSTILE / "fakes" / f"{name}.py").read_text()


def goes_on(sandbox: Sandbox) -> None:
    assert sandbox.run(Program("print(6 * 7)")).stdout == "42\n"


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_contained(sandbox: ProcessSandbox, host: Host, name: str) -> None:
    goes_on(sandbox)
    before, replaced = left_behind(), sandbox.replaced
    limits = SMALL if "timeout" in ENDED_BY.get(name, ()) else LONG
    outcome = sandbox.run(Program(attack(name), files=host.target()), limits)
    assert "ESCAPED" not in outcome.stdout
    assert CANARY not in outcome.stdout + outcome.stderr
    if name in ENDED_BY:
        assert outcome.ending in ENDED_BY[name], outcome
        assert not outcome.ok
    else:
        assert outcome.ok, outcome
        assert outcome.stdout.startswith("held"), outcome
    goes_on(sandbox)
    host.untouched()
    assert nothing_more(before)
    assert sandbox.replaced == replaced, "the worker itself was harmed"


@pytest.mark.parametrize("name", FAKES)
def test_fake_does_not_pass(sandbox: ProcessSandbox, name: str) -> None:
    honest = Program("def double(number, back=None):\n    return 2 * number\n")
    assert sandbox.check(honest, TESTS).passed == len(TESTS)
    before, replaced = left_behind(), sandbox.replaced
    report = sandbox.check(Program(fake(name)), TESTS, limits=SMALL)
    assert [verdict for verdict in report.verdicts if verdict.status == "passed"] == []
    assert len(report.verdicts) == len(TESTS)
    assert all(verdict.message for verdict in report.verdicts)
    assert nothing_more(before)
    assert sandbox.replaced == replaced, "the worker itself was harmed"


def test_each_task_finds_an_empty_directory(sandbox: Sandbox) -> None:
    for _ in range(3):
        assert sandbox.run(Program(attack("leave_for_another"))).ok
        assert sandbox.run(Program(attack("find_of_another"))).stdout == "held\n"


def test_returned_files_are_regular_and_named_as_they_are(sandbox: Sandbox, host: Host) -> None:
    program = Program(attack("returned_files"), files=host.target(), collect=("**/*",))
    files = dict(sandbox.run(program, LONG).files)
    assert files.pop("two\nlines") == b"newline"
    assert files.pop("no-text-\udcff\udcfe") == b"bytes"
    assert files.pop("n" * 255) == b"long"
    assert files.pop("closed") == b"readable"
    assert files.pop("evil.zip").startswith(b"PK"), "an archive is bytes; nobody unpacks it"
    assert files.pop("z-hole-00") == bytes(15 << 20), "of 100 files of 15 MiB that take no room, one fits"
    assert set(files) == {"target.json", "hard"}


def test_nothing_is_returned_through_a_link(sandbox: Sandbox) -> None:
    outcome = sandbox.run(Program(attack("replaced_directory"), collect=("**/*",)))
    assert outcome.ok
    assert outcome.files == {}


@pytest.mark.parametrize("runs", [70, pytest.param(SOAK, marks=[pytest.mark.slow, pytest.mark.deep])])
def test_nothing_is_left_after_many(host: Host, runs: int) -> None:
    quick = Limits(seconds=0.05, memory=256 << 20, disk=4 << 20, processes=16, output_total=1 << 20)

    def attacked(name: str) -> str:
        return sandbox.run(Program(attack(name), files=host.target()), quick).stdout

    with open_sandbox("process", workers=2) as sandbox, ThreadPoolExecutor(2) as threads:
        list(threads.map(sandbox.run, [Program("import time\ntime.sleep(0.2)")] * 2))  # both workers are there now
        before = left_behind()
        for stdout in threads.map(attacked, islice(cycle(ATTACKS), runs)):
            assert "ESCAPED" not in stdout
        for _ in range(4):
            goes_on(sandbox)
        assert nothing_more(before)
    host.untouched()
