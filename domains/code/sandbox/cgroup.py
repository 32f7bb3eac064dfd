"""Control groups: the kernel's own bound on the memory and the processes of one worker and all that it starts."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

from .protocol import NoSandbox

_PREFIX = "treewright-"
# Room for what a run may need beside its memory: the kernel's own bookkeeping, pipes and sockets.
_SLACK = 32 << 20
_JOIN = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 > "$1" || exit 1; shift; n=$((n - 1)); done; exec "$@"'
_NUMBER = itertools.count()


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where groups can be made, and what their files are called there.

    Attributes:
        places: parent directories: one for all controllers (version 2), or one a controller (version 1).
        memory, used, kills, swap: names of the files with the bound in bytes, the bytes in use, the count of processes
            that the kernel ended for want of memory, and what forbids swapping.
    """

    places: tuple[Path, ...]
    memory: str
    used: str
    kills: str
    swap: str


def version_1(mounts: str, own: str) -> Hierarchy | None:
    """The groups of version 1 that this process is in.

    Args:
        mounts: the content of /proc/self/mounts.
        own: the content of /proc/self/cgroup.
    """
    mounted: dict[str, Path] = {}
    for line in mounts.splitlines():
        _, where, kind, options, *_ = line.split()
        if kind == "cgroup":
            mounted |= {option: Path(where) for option in options.split(",")}
    fields = [line.split(":", 2) for line in own.splitlines()]
    paths = {name: path for _, names, path in fields for name in names.split(",")}
    if not {"memory", "pids"} <= mounted.keys() & paths.keys():
        return None
    places = tuple(mounted[name] / paths[name].lstrip("/") for name in ("memory", "pids"))
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.oom_control", "memory.swappiness")
    return Hierarchy(places, *names)


def version_2(mounts: str, own: str) -> Hierarchy | None:
    """The nearest group of version 2, from this process's own upwards, whose children are given both controllers."""
    roots = [Path(line.split()[1]) for line in mounts.splitlines() if line.split()[2] == "cgroup2"]
    paths = [line.split(":", 2)[2] for line in own.splitlines() if line.startswith("0::")]
    if not roots or not paths:
        return None
    start = roots[0] / paths[0].lstrip("/")
    for place in (start, *start.parents):
        try:
            given = (place / "cgroup.subtree_control").read_text().split()
        except OSError:
            return None
        if {"memory", "pids"} <= set(given):
            return Hierarchy((place,), "memory.max", "memory.current", "memory.events", "memory.swap.max")
        if place == roots[0]:
            return None
    return None


def usable() -> Hierarchy:
    """Where this process may make groups, tried out.

    Raises:
        NoSandbox: nowhere; the message has the reason.
    """
    mounts, own = Path("/proc/self/mounts").read_text(), Path("/proc/self/cgroup").read_text()
    found = version_2(mounts, own) or version_1(mounts, own)
    if found is None:
        raise NoSandbox("no control group gives its children memory and pids")
    closed = [str(place) for place in found.places if not os.access(place, os.W_OK)]
    if closed:
        raise NoSandbox(f"control groups cannot be made in {', '.join(closed)}")
    try:
        Cgroup(found).close()
    except OSError as error:
        raise NoSandbox(f"control groups cannot be made: {error}") from error
    return found


class Cgroup:
    """A group of processes, one worker and what it starts, with a bound that is set anew for each program.

    Args:
        where: where it is made. Groups left there by processes that are gone are removed first.

    Raises:
        OSError: the kernel refuses.
    """

    def __init__(self, where: Hierarchy) -> None:
        self._where = where
        for place in where.places:
            _sweep(place)
        name = f"{_PREFIX}{os.getpid()}-{next(_NUMBER)}"
        self._groups = [place / name for place in where.places]
        for group in self._groups:
            group.mkdir()
        self._memory, self._processes = self._groups[0], self._groups[-1]
        (self._memory / where.swap).write_text("0")
        self._killed = self._kills()

    def command(self) -> tuple[str, ...]:
        """What a command is put behind so that it starts in the group, before it can start anything itself."""
        files = [str(group / "cgroup.procs") for group in self._groups]
        return ("/bin/sh", "-c", _JOIN, "sh", str(len(files)), *files)

    def bound(self, memory: int, disk: int, processes: int) -> None:
        """Bounds what is started from now on, beside what runs in the group already.

        Args:
            memory: bytes of all processes together.
            disk: bytes of files in memory.
            processes: processes and threads together.
        """
        used = int((self._memory / self._where.used).read_text())
        running = int((self._processes / "pids.current").read_text())
        (self._memory / self._where.memory).write_text(str(used + memory + disk + _SLACK))
        (self._processes / "pids.max").write_text(str(running + processes))
        self._killed = self._kills()

    def starved(self) -> bool:
        """Whether the kernel has ended a process of the group for want of memory since the last `bound`."""
        return self._kills() > self._killed

    def close(self) -> None:
        """Removes the group; its processes have ended."""
        for group in self._groups:
            _remove(group, tries=50)

    def _kills(self) -> int:
        text = (self._memory / self._where.kills).read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill "))


def _sweep(place: Path) -> None:
    """Removes the empty groups of processes that are gone."""
    for group in place.glob(f"{_PREFIX}*"):
        owner = group.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            _remove(group, tries=1)


def _remove(group: Path, tries: int) -> None:
    """Removes a group; the kernel takes a moment to notice that its last process has ended."""
    for _ in range(tries):
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return
