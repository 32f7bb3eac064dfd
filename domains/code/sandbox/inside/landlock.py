"""Landlock: the kernel's own list of what a process may touch, on top of the namespaces."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence

from . import kernel

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_GET_VERSION = 1
_UNDER_PATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIRECTORY = 1, 2, 4, 8
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15


class _Rules(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _UnderPath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's Landlock version; 0 where it has none."""
    try:
        return kernel.syscall("landlock_create_ruleset", _CREATE, None, ctypes.c_size_t(0), _GET_VERSION)
    except OSError:
        return 0


def restrict(readable: Sequence[str], writable: Sequence[str], devices: Sequence[str]) -> None:
    """Forbids this process files that are not below the paths, TCP, and signals and abstract sockets to outside.

    Each as far as the kernel's version goes: renaming between directories from 2, truncation from 3, TCP from 4, device
    ioctls from 5, signals and abstract sockets from 6. Does nothing at version 0.
    """
    found = version()
    if not found:
        return
    everything = (1 << 13) - 1
    for since, right in ((2, 1 << 13), (3, _TRUNCATE), (5, _IOCTL)):
        everything |= right if found >= since else 0
    rules = _Rules(everything, 3 if found >= 4 else 0, 3 if found >= 6 else 0)
    size = 24 if found >= 6 else 16 if found >= 4 else 8
    listed = kernel.syscall("landlock_create_ruleset", _CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    reading = _EXECUTE | _READ_FILE | _READ_DIRECTORY
    for paths, allowed in ((readable, reading), (writable, everything), (devices, _READ_FILE | _WRITE_FILE)):
        for path in paths:
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rule = _UnderPath(allowed, parent)
            kernel.syscall("landlock_add_rule", _ADD_RULE, listed, _UNDER_PATH, ctypes.byref(rule), 0)
            os.close(parent)
    kernel.syscall("landlock_restrict_self", _RESTRICT, listed, 0)
    os.close(listed)
