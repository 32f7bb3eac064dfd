"""Strengths that are another program's: the command that is built, and the real thing where it is installed."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from treewright.domains.code.sandbox import (
    Assertion,
    Exchange,
    Limits,
    NoSandbox,
    Program,
    Sandbox,
    SandboxBroken,
    SandboxError,
    open_sandbox,
)
from treewright.domains.code.sandbox.commands import HOME, CommandSandbox, Launch, Wall, words
from treewright.domains.code.sandbox.containers import container, open_container
from treewright.domains.code.sandbox.sandlock import wall as sandlock_wall
from treewright.domains.code.sandbox.worker import interpreter

LAUNCH = Launch("treewright-1", Limits(memory=1 << 28, processes=8, disk=1 << 20), "/somewhere")

# Stands in for a container engine at its command line: drops the engine's own words and runs python3 right here.
ENGINE = f"""#!{sys.executable}
import os, sys
if sys.argv[1] != "run":
    sys.exit("no such image" if "absent" in sys.argv else 0)
if "broken" in sys.argv:
    sys.exit(125)
inner = sys.argv[sys.argv.index("python3") + 1 :]
inner[-1] = os.environ["TREEWRIGHT_TEST_HOME"]
inner[-2] = inner[-2].replace('"closed": true', '"closed": false').replace("/tmp/work", os.getcwd() + "/work")
os.execv({interpreter()!r}, [{interpreter()!r}, *inner])
"""


def test_a_container_has_no_network_no_rights_and_every_limit() -> None:
    command = words(container("docker", "python:3.11-slim", "runsc"), LAUNCH, "run", 5.0)
    text = " ".join(command)
    assert text.startswith(
        "docker run --rm --interactive --pull never --name treewright-1 --runtime runsc --network none"
    )
    for part in (
        "--read-only --cap-drop ALL --security-opt no-new-privileges --user 65534:65534",
        "--memory 268435456 --memory-swap 268435456 --pids-limit 8",
        "--tmpfs /tmp:rw,nosuid,nodev,size=1048576,mode=1777",
        ":/treewright:ro --workdir /tmp python:3.11-slim python3 -s -B -c",
    ):
        assert part in text
    assert command[-1] == "/treewright"
    assert "--runtime" not in words(container("podman", "x"), LAUNCH, "run", 5.0)
    stop = container("podman", "x").stop
    assert stop is not None
    assert stop("treewright-1") == ("podman", "kill", "treewright-1")


def test_sandlock_is_given_what_programs_may_touch() -> None:
    command = words(sandlock_wall(), LAUNCH, "serve", 5.0)
    given = command[3]
    assert '"fs_writable": ["/somewhere", "/dev/null"]' in given
    assert '"max_memory": 268435456, "max_processes": 8' in given
    assert "site-packages" in given.partition('"fs_denied"')[2]
    assert "/etc/passwd" not in given
    assert ('"uid": 65534' in given) is (os.geteuid() == 0), "root's programs are not root"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = tmp_path / "docker"
    path.write_text(ENGINE)
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return str(path)


def with_home(sandbox: CommandSandbox) -> CommandSandbox:
    sandbox._wall = replace(sandbox._wall, environment={"TREEWRIGHT_TEST_HOME": HOME})
    return sandbox


def test_a_container_engine_is_spoken_to_as_it_expects(engine: str) -> None:
    sandbox = with_home(open_container("docker", "image", workers=1))
    outcome = sandbox.run(Program("import sys\nprint(input())\nsys.exit(3)", stdin=b"typed\n"))
    assert (outcome.ending, outcome.code, outcome.stdout) == ("exited", 3, "typed\n")
    assert sandbox.run(Program("while True: pass"), Limits(seconds=0.3)).ending == "timeout"
    program = Program("def double(number):\n    return 2 * number\n")
    report = sandbox.check(program, [Assertion("a", "assert double(2) == 4"), Assertion("b", "assert double(2) == 5")])
    assert [verdict.status for verdict in report.verdicts] == ["passed", "failed"]
    with pytest.raises(SandboxError, match="'docker' gives no files back"):
        sandbox.run(Program("1", collect=("*",)))
    with pytest.raises(SandboxBroken, match="did not start"):
        with_home(open_container("docker", "broken", workers=1)).run(Program("1"))
    with pytest.raises(NoSandbox, match="image inspect absent: no such image"):
        open_container("docker", "absent", workers=1)


@pytest.fixture(scope="module", params=["none", "sandlock", "wasm", "docker", "podman", "gvisor"])
def slow_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    try:
        opened = open_sandbox(request.param, workers=1, unsafe_no_sandbox=request.param == "none")
    except NoSandbox as error:
        pytest.skip(str(error).splitlines()[0])
    with opened:
        yield opened


def test_another_program_s_wall_speaks_the_same_protocol(slow_sandbox: Sandbox) -> None:
    outcome = slow_sandbox.run(Program("print(open('a/b').read())\n1 / 0", files={"a/b": b"x"}))
    assert (outcome.ending, outcome.code, outcome.stdout) == ("exited", 1, "x\n")
    assert "ZeroDivisionError" in outcome.stderr
    program = Program("def double(number):\n    print(number)\n    return 2 * number\nprint(double(1))\n")
    tests = [
        Assertion("right", "assert double(2) == 4"),
        Assertion("wrong", "assert double(2) == 5"),
        Exchange("text", "", "1\n2\n"),
    ]
    report = slow_sandbox.check(program, tests, limits=Limits(total_seconds=60))
    assert [verdict.status for verdict in report.verdicts] == ["passed", "failed", "passed"]
    assert slow_sandbox.run(Program("while True: pass"), Limits(seconds=0.5)).ending == "timeout"


def test_memory_in_sum_is_watched_from_outside() -> None:
    hungry = (
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0: break\nheld = b'x' * (100 << 20)\ntime.sleep(9)"
    )
    with open_sandbox(unsafe_no_sandbox=True, workers=1) as sandbox:
        assert sandbox.run(Program(hungry), Limits(memory=300 << 20)).ending == "memory"


def test_a_wall_that_cannot_be_started_is_an_error_of_the_sandbox() -> None:
    with pytest.raises(FileNotFoundError):
        CommandSandbox("absent", Wall(lambda _: ["/no/such/program"]), 1).run(Program("1"))
