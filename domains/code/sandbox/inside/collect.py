"""Files that a program left, read when all of its processes are gone: regular ones only, no link is followed."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from .values import dumps, loads

MOST = 16 << 20
_DEPTH = 32
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def gather(directory: str, patterns: Sequence[str], most: int) -> dict[str, bytes]:
    """Relative path -> content of the files below `directory` that match a pattern, in the order of their names.

    A pattern is compared with the whole relative path; `*` matches any characters but `/`, and `**/` any directories.
    What goes beyond `most` bytes in sum, lies more than 32 directories deep or cannot be read is left out.
    """
    found: dict[str, bytes] = {}
    try:
        top = os.open(directory, _DIRECTORY)
    except OSError:
        return found  # the program put something else in its place
    try:
        for path, name, parent in _walk(top, "", 0):
            if not any(_matches(path.split("/"), pattern.split("/")) for pattern in patterns):
                continue
            # A file can be far longer than the disk it is on: holes take no room.
            if os.stat(name, dir_fd=parent, follow_symlinks=False).st_size > most:
                continue
            try:
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=parent)
            except OSError:
                continue  # closed to whoever gathers, who is no root
            with open(descriptor, "rb") as file:
                found[path] = file.read(most)
            most -= len(found[path])
    finally:
        os.close(top)
    return found


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one frame's content."""
    return dumps({path: base64.b64encode(content).decode() for path, content in files.items()})


def unpack(content: bytes) -> dict[str, bytes]:
    """The files of a frame that `pack` made."""
    return {path: base64.b64decode(text) for path, text in loads(content).items()}


def _walk(directory: int, prefix: str, depth: int) -> Iterator[tuple[str, str, int]]:
    with os.scandir(directory) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            yield prefix + name, name, directory
        elif stat.S_ISDIR(mode) and depth < _DEPTH:
            try:
                below = os.open(name, _DIRECTORY, dir_fd=directory)
            except OSError:
                continue  # closed to whoever gathers, who is no root
            try:
                yield from _walk(below, f"{prefix}{name}/", depth + 1)
            finally:
                os.close(below)


def _matches(parts: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
