"""Names to objects: domains, policies, value models, recipes and suites are found through their entry points.

A plug-in is a protocol, a name and an entry point in one of the groups below; the built-in parts are declared the same
way in pyproject.toml, so there is one mechanism.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal, get_args

from .errors import MissingPart, NameCollision, UnknownName

Kind = Literal["domains", "policies", "value_models", "recipes", "suites"]


def names(kind: Kind) -> list[str]:
    """The registered names of one kind, sorted."""
    return sorted(_entries(kind))


def load(kind: Kind, name: str) -> Any:
    """The object registered under a name: a class or a factory, imported only now.

    Raises:
        UnknownName: no such name; the message gives the nearest one and all that there are.
        NameCollision: two installed packages claim the name.
        MissingPart: it needs a package that is not installed.
    """
    entry = _entry(kind, name)
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        raise MissingPart(f"{name!r} of the {kind} needs the package {error.name}, which is not installed") from error


def module_of(kind: Kind, name: str) -> str:
    """The module in which the object registered under a name is made, which is not imported.

    Raises:
        UnknownName: no such name.
        NameCollision: two installed packages claim the name.
    """
    return _entry(kind, name).module


def _entry(kind: Kind, name: str) -> EntryPoint:
    entries = _entries(kind)
    if name not in entries:
        raise UnknownName(kind, name, sorted(entries))
    return entries[name]


def _entries(kind: Kind) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in _declared(tuple(_state(folder) for folder in sys.path))[kind]:
        known = found.get(entry.name)
        if known is not None and known.value != entry.value:
            raise NameCollision(kind, entry.name, known.value, entry.value)
        found[entry.name] = entry
    return found


def _state(folder: str) -> tuple[str, int, int]:
    """What changes where a package is installed into the folder or removed from it."""
    try:
        found = Path(folder).stat()  # "" is the working directory
    except OSError:
        return folder, 0, 0
    return folder, found.st_ino, found.st_mtime_ns


@lru_cache(maxsize=1)
def _declared(_places: tuple[tuple[str, int, int], ...]) -> dict[str, list[EntryPoint]]:
    """All entry points of each kind. Kept: to read what is installed takes tens of milliseconds, and we ask often."""
    installed = entry_points()
    return {kind: list(installed.select(group=f"treewright.{kind}")) for kind in get_args(Kind)}
