"""How much memory a process and all of its descendants hold, as /proc outside the sandbox tells it."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def supported() -> bool:
    """Whether this kernel lists the children of a process."""
    return Path("/proc/self/task", str(os.getpid()), "children").exists()


def resident(pid: int) -> int:
    """Resident bytes of a process tree; pages that two processes share count twice. 0 for processes that are gone."""
    total = 0
    for found in descendants(pid):
        try:
            total += int(Path(f"/proc/{found}/statm").read_text().split()[1]) * _PAGE
        except (OSError, IndexError):
            continue  # it ended meanwhile
    return total


def descendants(pid: int) -> list[int]:
    """A process and all that came from it, however their parents ended."""
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue  # it ended meanwhile
    return found
