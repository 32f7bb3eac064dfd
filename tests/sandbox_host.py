"""A host with things to steal, and a list of what a program may leave behind on it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from treewright.domains.code.sandbox.inside.keeper import OUTSIDE_ID_OF_ROOT
from treewright.domains.code.sandbox.memory import descendants

CANARY = "canary-of-the-host"


@dataclass(frozen=True)
class Host:
    """What a hostile program would like to reach; `target` tells it where all of it is."""

    file: Path
    tcp: socket.socket
    unix: socket.socket
    abstract: socket.socket
    child: subprocess.Popen[bytes]

    def target(self) -> dict[str, bytes]:
        """The file that a hostile program finds beside itself."""
        found = {
            "file": str(self.file),
            "port": self.tcp.getsockname()[1],
            "unix": self.unix.getsockname(),
            "abstract": self.abstract.getsockname()[1:].decode(),
            "pid": self.child.pid,
        }
        return {"target.json": json.dumps(found).encode()}

    def untouched(self) -> None:
        """Fails where a program reached something."""
        assert self.file.read_text() == CANARY
        assert self.child.poll() is None
        for listening in (self.tcp, self.unix, self.abstract):
            with pytest.raises(BlockingIOError):
                listening.accept()


def _command(pid: int) -> str:
    """The name of a process, empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except FileNotFoundError:
        return None


def left_behind() -> dict[str, list[str]]:
    """What programs may leave on a host, apart from what a pool itself needs: compare before and after."""
    owner = OUTSIDE_ID_OF_ROOT if os.geteuid() == 0 else os.geteuid()
    pids = descendants(os.getpid())
    namespaces = set()
    for pid in pids:
        for kind in ("user", "mnt", "pid", "net", "ipc", "uts"):
            try:
                namespaces.add(str(Path(f"/proc/{pid}/ns/{kind}").readlink()))
            except OSError:
                continue
    # Other test processes remove their groups meanwhile: os.walk passes over what is gone, Path.rglob raises.
    below = (name for _, names, _ in os.walk("/sys/fs/cgroup") for name in names)
    groups = [name for name in below if name.startswith(f"treewright-{os.getpid()}-")]
    keys = [line.split()[8] for line in Path("/proc/keys").read_text().splitlines() if "left-behind" in line]
    return {
        "processes": sorted(filter(None, map(_command, pids))),
        "namespaces": [str(len(namespaces))],
        "mounts": Path("/proc/self/mounts").read_text().splitlines(),
        "descriptors": [str(len(list(Path("/proc/self/fd").iterdir())))],
        "shared memory": sorted(path.name for path in Path("/dev/shm").iterdir() if _owner(path) == owner),
        "groups": [str(len(groups))],
        "keys": keys,
    }


def nothing_more(before: dict[str, list[str]]) -> bool:
    """Whether nothing is there now that was not before; the kernel gets five seconds to take away what has ended."""
    deadline = time.monotonic() + 5
    while not _nothing_more(before, left_behind()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _nothing_more(before: dict[str, list[str]], now: dict[str, list[str]]) -> bool:
    """What an earlier sandbox left may have gone meanwhile: less is no harm."""
    for name, old in before.items():
        numbers = [*old, *now[name]]
        if len(old) == len(now[name]) == 1 and all(number.isdigit() for number in numbers):
            if int(now[name][0]) > int(old[0]):
                return False
        elif Counter(now[name]) - Counter(old):
            return False
    return True
