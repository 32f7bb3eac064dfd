"""Control groups: the kernel bounds what a worker and all of its processes hold together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from treewright.domains.code.sandbox import Limits, NoSandbox, Program, cgroup, open_sandbox, session
from treewright.domains.code.sandbox.cgroup import Cgroup, Hierarchy, usable, version_1, version_2

# Each process keeps to the bound of one; together they do not.
MANY = """
import mmap, os, time
full, told = os.pipe()
shut, gate = os.pipe()
os.set_blocking(full, False)
for _ in range(12):
    if os.fork() == 0:
        os.close(gate)
        held = mmap.mmap(-1, 60 << 20)
        for place in range(0, 60 << 20, 4096):
            held[place] = 1
        os.write(told, b".")
        os.read(shut, 1)
        os._exit(0)
holding = ended = 0
while holding + ended < 12:
    time.sleep(0.01)
    ended += os.waitpid(-1, os.WNOHANG)[0] > 0
    try:
        holding += len(os.read(full, 12))
    except BlockingIOError:
        pass
print(holding)
"""
MOUNTS = (
    "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup {root}/memory cgroup rw,memory 0 0\ncgroup {root}/p cgroup rw,pids 0 0\n"
)


@pytest.fixture
def groups() -> Hierarchy:
    try:
        return usable()
    except NoSandbox as error:
        pytest.skip(str(error))


@pytest.fixture
def group(groups: Hierarchy) -> Iterator[Cgroup]:
    made = Cgroup(groups)
    yield made
    made.close()


def of_this_process(groups: Hierarchy) -> set[Path]:
    return {path for place in groups.places for path in place.glob(f"treewright-{os.getpid()}-*")}


def hold(group: Cgroup, size: int) -> int:
    """The exit code of a process in the group that takes so many bytes."""
    command = [sys.executable, "-S", "-c", f"print(len(bytearray(b'x') * {size}))"]
    return subprocess.run([*group.command(), *command], capture_output=True, check=False).returncode


def test_the_kernel_ends_who_takes_more_than_the_bound(group: Cgroup) -> None:
    group.bound(64 << 20, 0, 8)
    assert hold(group, 8 << 20) == 0
    assert not group.starved()
    assert hold(group, 300 << 20) == -9
    assert group.starved()
    group.bound(500 << 20, 0, 8)
    assert not group.starved()
    assert hold(group, 300 << 20) == 0


def test_processes_are_bounded_together(group: Cgroup) -> None:
    group.bound(1 << 30, 0, 3)
    forks = "import os\nfor _ in range(2):\n    os.fork()\n"
    said = subprocess.run([*group.command(), sys.executable, "-S", "-c", forks], capture_output=True, check=False)
    assert b"BlockingIOError" in said.stderr


@pytest.mark.slow
def test_without_a_look_from_outside_the_sum_is_bounded(groups: Hierarchy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_WATCH_SECONDS", 3600.0)
    before = of_this_process(groups)
    with open_sandbox("process", workers=1) as sandbox:
        outcome = sandbox.run(Program(MANY), Limits(memory=400 << 20, disk=1 << 20, seconds=20))
        assert outcome.ending == "memory"
        assert sandbox.replaced == 0, "the worker outlives its program"
        assert sandbox.run(Program(MANY), Limits(memory=1 << 30, seconds=20)).stdout == "12\n"
        assert of_this_process(groups) > before
    assert of_this_process(groups) == before


def test_groups_of_processes_that_are_gone_are_removed(groups: Hierarchy) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    left = [place / f"treewright-{gone.pid}-0" for place in groups.places]
    for path in left:
        path.mkdir()
    Cgroup(groups).close()
    assert not any(path.exists() for path in left)


def test_version_1_is_found_where_the_process_is() -> None:
    found = version_1(MOUNTS.format(root="/g"), "4:memory:/one\n3:pids,cpu:/\n0::/\n")
    assert found is not None
    assert found.places == (Path("/g/memory/one"), Path("/g/p"))
    assert version_1(MOUNTS.format(root="/g"), "4:memory:/one\n0::/\n") is None


def test_version_2_is_found_where_children_are_given_both(tmp_path: Path) -> None:
    mounts, own = f"cgroup2 {tmp_path} cgroup2 rw 0 0\n", "0::/slice/job\n"
    job = tmp_path / "slice" / "job"
    job.mkdir(parents=True)
    for place, given in ((job, ""), (job.parent, "cpu memory pids\n"), (tmp_path, "memory pids\n")):
        (place / "cgroup.subtree_control").write_text(given)
    found = version_2(mounts, own)
    assert found is not None
    assert found.places == (job.parent,)
    (job.parent / "cgroup.subtree_control").write_text("cpu\n")
    found = version_2(mounts, own)
    assert found is not None
    assert found.places == (tmp_path,)
    (tmp_path / "cgroup.subtree_control").write_text("")
    assert version_2(mounts, own) is None


def test_where_groups_cannot_be_made_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "version_2", lambda *_: None)
    monkeypatch.setattr(cgroup, "version_1", lambda *_: None)
    with pytest.raises(NoSandbox, match="no control group gives its children memory and pids"):
        usable()
    absent = Hierarchy((Path("/absent"),), "", "", "", "")
    monkeypatch.setattr(cgroup, "version_1", lambda *_: absent)
    with pytest.raises(NoSandbox, match="control groups cannot be made in /absent"):
        usable()
