"""The system calls that Python's os module lacks, by ctypes; each raises OSError with the call's name."""

from __future__ import annotations

import ctypes
import os
import platform

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

BIND, RECURSIVE, PRIVATE, REMOUNT = 4096, 16384, 1 << 18, 32
READ_ONLY, NO_SUID, NO_DEV = 1, 2, 4
_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 4, 24, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_SIGKILL = 9

# System call numbers are equal on all machines from 424 on.
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}

_libc = ctypes.CDLL(None, use_errno=True)


def machine() -> str:
    """The processor's name, as the tables of system call numbers have it."""
    return platform.machine()


def call(name: str, *args: object) -> int:
    """A function of the C library that returns -1 on failure."""
    return _checked(name, getattr(_libc, name)(*args))


def syscall(name: str, number: int, *args: object) -> int:
    """A system call by its number."""
    return _checked(name, _libc.syscall(number, *args))


def _checked(name: str, result: int) -> int:
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def unshare(flags: int) -> None:
    """Leaves the namespaces of `flags` for fresh ones; a fresh PID namespace begins with the next child."""
    call("unshare", flags)


def children_in_own_pid_namespace(own: int) -> None:
    """Puts later children into the caller's PID namespace again; `own` is a pidfd of the caller."""
    call("setns", own, NEWPID)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mounts a file system, or binds a directory or file to a second place."""
    encoded = [part.encode() if part else None for part in (source, target, kind)]
    _checked(
        f"mount {source} at {target}",
        _libc.mount(*encoded, ctypes.c_ulong(flags), options.encode() if options else None),
    )


def unmount(target: str) -> None:
    """Takes a mount away at once; who still has a file of it open keeps that file."""
    call("umount2", target.encode(), _DETACH)


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def restrict_mount(target: str, flags: int) -> None:
    """Adds READ_ONLY, NO_SUID, NO_DEV to a mount and all below it; needs Linux 5.12."""
    attributes = _MountAttributes(flags, 0, 0, 0)
    size = ctypes.sizeof(attributes)
    syscall(
        "mount_setattr",
        _MOUNT_SETATTR,
        _AT_FDCWD,
        target.encode(),
        _AT_RECURSIVE,
        ctypes.byref(attributes),
        ctypes.c_size_t(size),
    )


def pivot_root(root: str) -> None:
    """Makes `root`, a mount, the root directory and lets go of the old one."""
    os.chdir(root)
    syscall("pivot_root", _PIVOT_ROOT[machine()], b".", b".")
    unmount(".")
    os.chdir("/")


def die_with_parent() -> None:
    """Has the kernel kill this process when the thread that made it ends. A change of user id undoes it."""
    call("prctl", _PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def set_dumpable(allowed: bool) -> None:
    """Whether this process owns its entries in /proc; a change of user id takes them away."""
    call("prctl", _PR_SET_DUMPABLE, int(allowed), 0, 0, 0)


def no_new_privileges() -> None:
    """From here on no program that is executed gains anything by setuid bits or file capabilities."""
    call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def bound_capabilities() -> None:
    """Has no program that is executed from here on gain a capability; the caller keeps those it has."""
    call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # beyond the last one that this kernel knows


def drop_capabilities() -> None:
    """Gives up all capabilities of this process, for good once `no_new_privileges` has been called."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    syscall("capset", _CAPSET[machine()], ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
