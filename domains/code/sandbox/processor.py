"""What a process and all of its descendants had of the processors, as /proc outside the sandbox tells it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .memory import descendants

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Use:
    """One look at a process tree.

    Attributes:
        seconds: of processor time so far, that of children that have ended included.
        wanting: whether a thread of it runs, would run if it had a processor, or waits for a disk.
    """

    seconds: float = 0.0
    wanting: bool = False


def use(pid: int) -> Use:
    """What a process tree had, and whether it wants more; processes that are gone count nothing."""
    ticks, wanting = 0, False
    for found in descendants(pid):
        try:
            ticks += sum(map(int, _fields(Path(f"/proc/{found}/stat"))[11:15]))
            wanting = wanting or any(
                _fields(task / "stat")[0] in ("R", "D") for task in Path(f"/proc/{found}/task").iterdir()
            )
        except OSError:
            continue  # it ended meanwhile
    return Use(ticks / _TICKS, wanting)


def _fields(stat: Path) -> list[str]:
    """The fields after the name, which may hold anything: state first, user and system ticks at 11 to 14."""
    return stat.read_text(errors="replace").rpartition(")")[2].split()
