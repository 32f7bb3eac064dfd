"""Texts of a run, each stored once: a text is the text of another row, its parent, with the rest appended.

Prompts of one tree begin alike, line by line, so a text is stored as a chain of its lines: a path that is one step
longer than a stored one costs one row. A list of texts is a row whose rest names the rows of its items.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache

from ..errors import JournalError

REMEMBERED = 1 << 17  # rows; a text last seen longer ago may be stored a second time

TextRow = tuple[int, int | None, str | bytes]


class TextWriter:
    """Gives texts row ids and stores the ones that are new.

    Args:
        put: takes each new row of the table: its id, its parent's, its rest.
        last: the table's last id.
    """

    def __init__(self, put: Callable[[TextRow], object], last: int = 0) -> None:
        self._put = put
        self._last = last
        self._known: dict[tuple[int | None, str], int] = {}

    def text(self, text: str) -> int:
        """The row of a text."""
        row: int | None = None
        for line in text.splitlines(keepends=True) or [""]:
            row = self._row(row, line)
        assert row is not None
        return row

    def list(self, texts: Sequence[str]) -> int:
        """The row of a list of texts."""
        return self._row(None, ",".join(str(self.text(text)) for text in texts))

    def _row(self, parent: int | None, rest: str) -> int:
        key = (parent, rest)
        row = self._known.get(key)
        if row is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._last += 1
            row = self._known[key] = self._last
            self._put((row, parent, storable(rest)))
        return row


def storable(text: str) -> str | bytes:
    """A text as SQLite takes it: half of a surrogate pair, which a model's answer may hold, makes it bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")
    return text


def loaded(text: str | bytes) -> str:
    """The text that was stored."""
    return text if isinstance(text, str) else text.decode(errors="surrogatepass")


class TextReader:
    """Reads texts by their row ids, each row once as long as it is remembered.

    Args:
        db: the database; open as long as texts are read.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rest = lru_cache(REMEMBERED)(self._row)
        self.text = lru_cache(4096)(self._text)

    def list(self, row: int) -> list[str]:
        """The list of texts at a row."""
        return [self.text(int(item)) for item in self.text(row).split(",")]

    def _text(self, row: int) -> str:
        lines: list[str] = []
        at: int | None = row
        while at is not None:
            at, rest = self._rest(at)
            lines.append(rest)
        return "".join(reversed(lines))

    def _row(self, row: int) -> tuple[int | None, str]:
        found = self._db.execute("SELECT parent, rest FROM texts WHERE text = ?", (row,)).fetchone()
        if found is None:
            raise JournalError(f"the journal has no text {row}; it is damaged: try treewright repair")
        return found[0], loaded(found[1])
