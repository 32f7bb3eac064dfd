"""bubblewrap as the outer wall: the workers of the default strength start inside of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .worker import interpreter

_LINKS = ("bin", "sbin", "lib", "lib32", "lib64")
_SETTINGS = ("ld.so.cache", "localtime", "alternatives")


def command(program: str, binds: Mapping[str, str]) -> tuple[str, ...]:
    """The command that a worker's own is put behind.

    Args:
        program: the bwrap program.
        binds: as in `Setting`: what the workers need to find in order to bind it again.
    """
    privileged = os.geteuid() == 0
    words = [program, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    # Root keeps its capabilities up to the inner wall, which needs them to reach an interpreter below a closed home.
    words += ["--cap-add", "ALL"] if privileged else ["--unshare-user"]
    words += ["--new-session", "--proc", "/proc", "--dev", "/dev", "--dir", "/sys"]
    for path in (
        "/usr",
        "/nix/store",
        sys.base_prefix,
        str(Path(interpreter()).parent),
        str(Path(__file__).resolve().parent),
    ):
        words += ["--ro-bind-try", path, path]
    for name in _LINKS:
        link = Path("/", name)
        bound = ["--symlink", str(link.readlink())] if link.is_symlink() else ["--ro-bind-try", str(link)]
        words += [*bound, str(link)]
    for name in _SETTINGS:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for source in binds.values():
        words += ["--ro-bind", source, source]
    return (*words, "--")
