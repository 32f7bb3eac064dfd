"""The file system that programs see: the system and the interpreter read-only, one private directory, nothing else."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping

from . import kernel

HOME = "/tmp"
WORK = "/tmp/work"
PACKAGES = "/packages"
PROGRAMS = "/programs"
DEVICES = ("null", "zero", "full", "urandom", "random")

# There is one everywhere, and nothing that programs see comes from it.
_AT = "/sys"
_SYSTEM = ("/usr", "/nix/store")
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64")
_SETTINGS = ("ld.so.cache", "localtime", "alternatives")
_INTERPRETER_PARTS = ("bin", "lib", "lib64")
# Installed packages can hold the very tests and solutions that a program is judged by, so they are covered up.
_COVERED = ("{}/lib*/python*/site-packages", "{}/lib*/python*/dist-packages", "{}/share/doc", "{}/src")
_MEBIBYTE = 1 << 20


def build(interpreter: str, python: str, binds: Mapping[str, str]) -> None:
    """Builds a root directory and moves into it; the old root is out of reach afterwards.

    Args:
        interpreter: the prefix of the Python installation, kept at its path.
        python: its program, which commands find as `python` and `python3`.
        binds: further read-only directories or files: place inside -> path outside.
    """
    at = _AT
    kernel.mount("", "/", flags=kernel.RECURSIVE | kernel.PRIVATE)
    kernel.mount("tmpfs", at, "tmpfs", kernel.NO_SUID | kernel.NO_DEV, f"size={_MEBIBYTE},mode=755")
    for path in _SYSTEM:
        _bind(path, at + path)
    for name in _LINKS:
        path = "/" + name
        if os.path.islink(path):
            os.symlink(os.readlink(path), at + path)
        else:
            _bind(path, at + path)
    for prefix in ("/usr", "/usr/local", interpreter):
        if prefix == interpreter and not os.path.exists(at + interpreter):
            for part in _INTERPRETER_PARTS:
                _bind(f"{prefix}/{part}", f"{at}{prefix}/{part}")
        for pattern in _COVERED:
            for path in glob.glob(at + pattern.format(glob.escape(prefix))):
                kernel.mount("tmpfs", path, "tmpfs", kernel.READ_ONLY, "size=4096,mode=555")
    for place, source in binds.items():
        _bind(source, at + place)
    os.mkdir(at + PROGRAMS)
    for name in ("python", "python3"):
        os.symlink(python, f"{at}{PROGRAMS}/{name}")
    _write_settings(at)
    for name in DEVICES:
        _bind(f"/dev/{name}", f"{at}/dev/{name}", devices=True)
    os.symlink(HOME, f"{at}/dev/shm")
    os.mkdir(at + HOME)
    kernel.pivot_root(at)
    kernel.restrict_mount("/", kernel.READ_ONLY | kernel.NO_SUID)


def _write_settings(at: str) -> None:
    os.makedirs(f"{at}/etc", exist_ok=True)
    for name in _SETTINGS:
        _bind(f"/etc/{name}", f"{at}/etc/{name}")
    for name, text in (
        ("passwd", f"sandbox:x:1000:1000::{HOME}:/bin/sh\n"),
        ("group", "sandbox:x:1000:\n"),
        ("hosts", "127.0.0.1 localhost\n"),
    ):
        with open(f"{at}/etc/{name}", "w") as file:
            file.write(text)


def _bind(source: str, target: str, *, devices: bool = False) -> None:
    if not os.path.exists(source):
        return
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w"):
            pass
    kernel.mount(source, target, flags=kernel.BIND | kernel.RECURSIVE)
    kernel.restrict_mount(target, kernel.READ_ONLY | kernel.NO_SUID | (0 if devices else kernel.NO_DEV))


def fresh_home(disk: int) -> None:
    """Mounts the private directory of the next program: `disk` bytes, and a file or directory for each 4 KiB of it."""
    flags = kernel.NO_SUID | kernel.NO_DEV
    kernel.mount("tmpfs", HOME, "tmpfs", flags, f"size={disk},nr_inodes={max(disk // 4096, 64)},mode=700")
    os.mkdir(WORK)


def drop_home() -> None:
    """Takes the private directory away with all that is in it."""
    kernel.unmount(HOME)
