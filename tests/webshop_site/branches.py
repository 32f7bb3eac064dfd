"""Branches of the shop: a database file each, made by copying another, so that none sees another's basket."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from .database import connect, create

MAIN = "main"


class NoSuchBranch(KeyError):
    """A name that no branch has; the message gives it."""


class Branches:
    """The databases of one shop, files in one folder.

    Args:
        folder: where they are kept; made when absent.
        seed: of the catalogue.
    """

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._made = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.fresh = folder / "fresh.db"
        self.fresh.unlink(missing_ok=True)
        create(self.fresh, seed)
        self._copy(self.fresh, self._file(MAIN))

    def path(self, name: str) -> Path:
        """A branch's database.

        Raises:
            NoSuchBranch: there is none of this name.
        """
        file = self._file(name)
        if not name.isalnum() or not file.exists():
            raise NoSuchBranch(f"the shop has no branch {name!r}")
        return file

    def new(self, signed_in: str = "") -> str:
        """A branch that is as the shop was at first; whoever opens it is signed in as this customer."""
        name = self._named()
        self._copy(self.fresh, self._file(name))
        if signed_in:
            connection = connect(self._file(name))
            try:
                connection.execute("INSERT INTO settings VALUES ('signed_in', ?)", (signed_in,))
            finally:
                connection.close()
        return name

    def copy(self, name: str) -> str:
        """A branch that is as another one is now."""
        other = self._named()
        self._copy(self.path(name), self._file(other))
        return other

    def drop(self, name: str) -> None:
        """Removes a branch; one that is gone already is no error."""
        self._file(name).unlink(missing_ok=True)

    def _named(self) -> str:
        with self._lock:
            self._made += 1
            return f"branch{self._made}"

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.db"

    def _copy(self, source: Path, target: Path) -> None:
        # SQLite's own copy: a request that writes at this moment is in it as a whole or not at all.
        target.unlink(missing_ok=True)
        reading, writing = sqlite3.connect(source), sqlite3.connect(target)
        try:
            writing.execute("PRAGMA synchronous=OFF")
            reading.backup(writing)
        finally:
            reading.close()
            writing.close()
