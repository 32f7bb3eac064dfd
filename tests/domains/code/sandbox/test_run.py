"""One run: how it ends, what it reads, writes and leaves."""

from __future__ import annotations

import select
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from treewright.domains.code.sandbox import BadProgram, Limits, NoSandbox, Program, Sandbox, SandboxBroken, open_sandbox
from treewright.domains.code.sandbox.process import ProcessSandbox


@pytest.mark.parametrize(
    ("source", "code", "stdout", "stderr"),
    [
        ("print('out')", 0, "out\n", ""),
        ("import sys\nsys.exit(3)", 3, "", ""),
        ("import sys\nsys.exit('why')", 1, "", "why\n"),
        ("exit()", 0, "", ""),
        ("import os\nprint('kept', flush=True)\nprint('lost')\nos._exit(4)", 4, "kept\n", ""),
        ("import atexit\natexit.register(print, 'bye')\nprint('hello')", 0, "hello\nbye\n", ""),
        ("import threading\nthreading.Timer(0.05, print, ('late',)).start()", 0, "late\n", ""),
        ("print(__name__, __file__)", 0, "__main__ program.py\n", ""),
        ("import os\nprint(os.listdir('.'), os.getcwd())", 0, "[] /tmp/work\n", ""),
        ("import sys\nprint(input(), sys.stdin.read())", 0, "one two\n\n", ""),
        ("import multiprocessing as m\nprint(m.Pool(2).map(abs, [-1, -2]))", 0, "[1, 2]\n", ""),
        ("import asyncio\nprint(asyncio.run(asyncio.sleep(0, 'slept')))", 0, "slept\n", ""),
        ("import subprocess as s\nprint(s.run(['echo', 'hi'], capture_output=True).stdout)", 0, "b'hi\\n'\n", ""),
    ],
)
def test_a_script_runs_as_the_interpreter_runs_it(
    sandbox: Sandbox, source: str, code: int, stdout: str, stderr: str
) -> None:
    outcome = sandbox.run(Program(source, stdin=b"one\ntwo\n"))
    assert (outcome.ending, outcome.code, outcome.stdout, outcome.stderr) == ("exited", code, stdout, stderr)
    assert outcome.ok == (code == 0)


def test_a_traceback_shows_the_program_only(sandbox: Sandbox) -> None:
    outcome = sandbox.run(Program("def f():\n    return 1 / 0\n\nf()\n"))
    assert outcome.code == 1
    lines = [line.strip() for line in outcome.stderr.splitlines() if "^" not in line]
    assert lines == [
        "Traceback (most recent call last):",
        'File "program.py", line 4, in <module>',
        "f()",
        'File "program.py", line 2, in f',
        "return 1 / 0",
        "ZeroDivisionError: division by zero",
    ]


def test_a_syntax_error_is_told_like_python_does(sandbox: Sandbox) -> None:
    assert "SyntaxError" in sandbox.run(Program("def f(:\n")).stderr


def test_a_command_runs_on_files_and_gives_some_back(sandbox: Sandbox) -> None:
    program = Program(
        argv=("sh", "-c", "tr a-z A-Z < in/lower > upper.txt; cat; cp upper.txt other.bin; exit 5"),
        stdin=b"typed",
        files={"in/lower": b"text"},
        collect=("*.txt", "in/*"),
    )
    outcome = sandbox.run(program)
    assert (outcome.code, outcome.stdout) == (5, "typed")
    assert outcome.files == {"upper.txt": b"TEXT", "in/lower": b"text"}


def test_a_command_that_is_not_there_is_127(sandbox: Sandbox) -> None:
    outcome = sandbox.run(Program(argv=("no-such-command",)))
    assert (outcome.code, outcome.stderr) == (127, "no-such-command: No such file or directory\n")


def test_output_is_cut_to_the_limit_and_the_run_goes_on(sandbox: Sandbox) -> None:
    source = "import sys\nsys.stdout.write('x' * 100_000)\nsys.stderr.write('y' * 10)"
    outcome = sandbox.run(Program(source), Limits(output=1000))
    assert outcome.ok
    assert outcome.cut
    assert (outcome.stdout, outcome.stderr) == ("x" * 1000, "y" * 10)


def test_only_the_standard_library_can_be_imported(sandbox: Sandbox) -> None:
    outcome = sandbox.run(Program("import sys\nprint(sys.path)\nimport numpy"))
    assert "ModuleNotFoundError" in outcome.stderr
    assert "site-packages" not in outcome.stdout


def test_named_packages_can_be_imported_with_what_they_require() -> None:
    with open_sandbox("process", workers=1, packages=("pytest",)) as sandbox:
        program = Program(argv=("python", "-m", "pytest", "-q"), files={"test_it.py": b"def test(): assert 1 == 2\n"})
        outcome = sandbox.run(program, Limits(seconds=20))
        assert outcome.code == 1, outcome
        assert "1 failed" in outcome.stdout
        assert sandbox.run(Program("import pytest, pluggy")).ok
        assert "ModuleNotFoundError" in sandbox.run(Program("import numpy")).stderr
    with pytest.raises(NoSandbox, match="'no-such-package', which programs are to import, is not installed"):
        open_sandbox("process", packages=("no-such-package",))


def test_runs_are_alike_but_for_what_is_random(sandbox: Sandbox) -> None:
    order = "print({'a', 'b', 'c', 'd', 'e'})"
    assert sandbox.run(Program(order)).stdout == sandbox.run(Program(order)).stdout
    draw = "import random\nprint(random.random())"
    assert sandbox.run(Program(draw)).stdout != sandbox.run(Program(draw)).stdout


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (Program(), "either source or argv; this one has neither"),
        (Program("1", argv=("true",)), "either source or argv; this one has both"),
        (Program("1", files={"/etc/x": b""}), "'/etc/x' is not inside the working directory"),
        (Program("1", files={"a/../../x": b""}), "'a/../../x' is not inside"),
        (Program(argv=("a\0b",)), "null character"),
    ],
)
def test_what_no_sandbox_can_run_is_refused(sandbox: Sandbox, program: Program, message: str) -> None:
    with pytest.raises(BadProgram, match=message):
        sandbox.run(program)


def test_a_source_that_no_encoding_takes_is_an_outcome(sandbox: Sandbox) -> None:
    assert sandbox.run(Program("print('\ud800')")).code == 1
    assert "null bytes" in sandbox.run(Program("1\0")).stderr


def test_many_threads_share_a_sandbox() -> None:
    with open_sandbox("process", workers=2) as sandbox, ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda number: sandbox.run(Program(f"print({number})")).stdout, range(40)))
    assert outcomes == [f"{number}\n" for number in range(40)]


def test_a_worker_that_died_is_said_and_replaced() -> None:
    with open_sandbox("process", workers=1) as sandbox:
        assert isinstance(sandbox, ProcessSandbox)
        worker = sandbox._programs._idle[0]
        worker._process.kill()
        worker._process.wait()
        assert select.select([worker.control()], [], [], 10)[0], "what it had forked ends a moment later"
        with pytest.raises(SandboxBroken):
            sandbox.run(Program("print(1)"))
        assert sandbox.run(Program("print(1)")).stdout == "1\n"
        assert sandbox.replaced == 1


def test_a_used_up_worker_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treewright.domains.code.sandbox.pool._RUNS_OF_A_WORKER", 3)
    with open_sandbox("process", workers=1) as sandbox:
        assert isinstance(sandbox, ProcessSandbox)
        assert [sandbox.run(Program("print(1)")).stdout for _ in range(7)] == ["1\n"] * 7
        assert sandbox.replaced == 2, "the try-out counts"


def test_close_ends_what_runs() -> None:
    sandbox = open_sandbox("process", workers=1)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sandbox.run, Program("import time\ntime.sleep(60)"), Limits(seconds=60))
        while not sandbox._programs._lent:  # type: ignore[attr-defined]
            pass
        sandbox.close()
        error = running.exception(timeout=10)
    # Killed, or closed before it was forked.
    assert isinstance(error, SandboxBroken) if error else running.result().ending == "signalled"
    with pytest.raises(SandboxBroken, match="the sandbox is closed"):
        sandbox.run(Program("print(1)"))


def test_the_interpreter_is_this_one(sandbox: Sandbox) -> None:
    source = "import sys\nprint(sys.version)"
    assert sandbox.run(Program(source)).stdout == f"{sys.version}\n"
