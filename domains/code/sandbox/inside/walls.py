"""What a process gives up, for good, before it runs a program: privileges, resources, files, system calls."""

from __future__ import annotations

import math
import os
import resource
from typing import Any

from . import kernel, landlock, root
from .seccomp import Filter

_OPEN_FILES = 128
_ENVIRONMENT = {
    "PATH": f"{root.PROGRAMS}:/usr/local/bin:/usr/bin:/bin",
    "HOME": root.HOME,
    "TMPDIR": root.HOME,
    "LANG": "C.UTF-8",
    "USER": "sandbox",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


def environment(packages: bool) -> None:
    """Puts a fixed environment in place of the inherited one."""
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    if packages:
        os.environ["PYTHONPATH"] = root.PACKAGES


def limit(limits: dict[str, Any], others: int) -> None:
    """Sets the resource limits, where they are not lower already.

    Args:
        limits: the fields of `Limits`.
        others: processes of the same user in this user namespace that are not the program's.
    """
    seconds = math.ceil(limits["cpu_seconds"]) + 1
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["disk"]),
        (resource.RLIMIT_NPROC, limits["processes"] + others),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_SIGPENDING, 256),
        # 0 would not keep a crash from a host's core handler that is a program; 1 does, and leaves no file either.
        (resource.RLIMIT_CORE, 1),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def close(calls: Filter, *, files: bool) -> None:
    """Gives up capabilities, new privileges, system calls and, with `files`, writing outside the private directory."""
    kernel.drop_capabilities()
    kernel.no_new_privileges()
    if files:
        landlock.restrict(["/"], [root.HOME], [f"/dev/{name}" for name in root.DEVICES])
    calls.install()
