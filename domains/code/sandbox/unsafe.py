"""No wall at all: programs run as their user, who asked for it."""

from __future__ import annotations

from .commands import CommandSandbox, Wall
from .worker import interpreter


def open_unsafe(workers: int) -> CommandSandbox:
    """A sandbox of strength "none": a plain process each, with resource limits and a time limit, nothing else."""
    return CommandSandbox("none", Wall(lambda _: [interpreter(), "-s", "-S", "-P", "-B"], closed=False), workers)
