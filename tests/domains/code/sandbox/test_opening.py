"""Which sandbox is opened: the strongest that stands, the one that is asked for, or a refusal; never none by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from treewright.domains.code.sandbox import NoSandbox, Program, open_sandbox
from treewright.domains.code.sandbox.base import Walled
from treewright.domains.code.sandbox.commands import CommandSandbox, Wall
from treewright.domains.code.sandbox.strengths import STRENGTHS, Options, Strength, open_strongest
from treewright.domains.code.sandbox.unsafe import open_unsafe

PKG = Path(__file__).parents[4] / ".pkg"


def failing(name: str) -> Strength:
    def opens(_: Options) -> Walled:
        raise NoSandbox(f"nothing of {name} here")

    return Strength(name, "", (), opens)


def test_auto_takes_the_strongest_that_stands() -> None:
    with open_sandbox(workers=1) as sandbox:
        assert sandbox.strength in ("bubblewrap", "process")
        assert sandbox.run(Program("print(1)")).stdout == "1\n"
    standing = Strength("plain", "", (), lambda _: open_unsafe(1))
    assert open_strongest([failing("a"), standing, failing("b")], Options()).strength == "none"


def test_a_wall_whose_first_program_fails_does_not_stand() -> None:
    broken = CommandSandbox("broken", Wall(lambda _: ["sh", "-c", "echo no such python >&2; exit 1"]), 1)
    with pytest.raises(NoSandbox, match="a first program came to nothing: no such python"):
        open_strongest([Strength("broken", "", (), lambda _: broken)], Options())


def test_without_any_wall_it_refuses_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treewright.domains.code.sandbox.opening.STRENGTHS", {n: failing(n) for n in ("one", "two")})
    with pytest.raises(NoSandbox) as caught:
        open_sandbox()
    message = str(caught.value)
    assert "no wall stands here: one: nothing of one here; two: nothing of two here" in message
    assert "--unsafe-no-sandbox" in message


def test_where_the_kernel_forbids_namespaces_it_refuses() -> None:
    program = """
from treewright.domains.code.sandbox.inside import kernel, seccomp
from treewright.domains.code.sandbox import NoSandbox, open_sandbox
calls = seccomp.Filter()
kernel.no_new_privileges()
calls.install()
try:
    open_sandbox("process")
except NoSandbox as error:
    print(error)
"""
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={"PYTHONPATH": str(PKG)}, check=True
    )
    assert "the strength 'process' cannot be used: a worker does not start: PermissionError" in found.stdout, found
    assert "User namespaces must be allowed" in found.stdout


def test_an_unknown_strength_is_named_with_the_nearest() -> None:
    with pytest.raises(NoSandbox, match="no strength 'proces'; did you mean 'process'"):
        open_sandbox("proces")
    assert list(STRENGTHS)[:2] == ["bubblewrap", "process"]


def test_none_at_all_has_to_be_asked_for() -> None:
    with open_sandbox(unsafe_no_sandbox=True, workers=1) as sandbox:
        assert sandbox.strength == "none"
        assert sandbox.run(Program("import os\nprint(os.path.exists('/etc/passwd'))")).stdout == "True\n"
