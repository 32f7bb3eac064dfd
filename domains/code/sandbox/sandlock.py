"""sandlock: Landlock and seccomp without namespaces, for machines that forbid those; one process a run."""

from __future__ import annotations

import glob
import json
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from .commands import HOME, CommandSandbox, Launch, Wall
from .protocol import NoSandbox
from .worker import interpreter

# Runs in a Python that has sandlock, outside the wall. sandlock 0.9 wants a group beside a user and then warns, on what
# would be the program's standard error, that it has no use for one.
_LAUNCHER = """
import json, sys, warnings
warnings.simplefilter("ignore")
from sandlock import Sandbox
given = json.loads(sys.argv[1])
sys.exit(Sandbox(**given).run_interactive(sys.argv[2:]))
"""
_READABLE = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/dev/random",
)
_NOBODY = 65_534
_DENIED = ("{}/lib*/python*/site-packages", "{}/lib*/python*/dist-packages")


def wall() -> Wall:
    """The wall of sandlock."""
    forms = [form.format(glob.escape(top)) for top in ("/usr", "/usr/local", sys.base_prefix) for form in _DENIED]
    denied = [path for form in forms for path in glob.glob(form)]  # noqa: PTH207  the form is absolute
    # As root a program would be root, if one without capabilities; elsewhere it stays the user that it is.
    mapped = {"uid": _NOBODY, "gid": _NOBODY} if os.geteuid() == 0 else {}

    def command(launch: Launch) -> Sequence[str]:
        given = {
            "fs_readable": [*_READABLE, sys.base_prefix, HOME],
            "fs_writable": [launch.work, "/dev/null"],
            "fs_denied": denied,
            "max_memory": launch.limits.memory,
            "max_processes": launch.limits.processes,
            "clean_env": True,
            "no_coredump": True,
            **mapped,
        }
        inner = [interpreter(), "-s", "-S", "-P", "-B"]
        return [sys.executable, "-c", _LAUNCHER, json.dumps(given), *inner]

    return Wall(command)


def open_sandlock(workers: int) -> CommandSandbox:
    """A sandbox of sandlock.

    Raises:
        NoSandbox: the package is not installed.
    """
    if find_spec("sandlock") is None:
        raise NoSandbox("the package sandlock is not installed")
    return CommandSandbox("sandlock", wall(), workers)
