"""Texts of a run, each stored once: a text is the text of another row, its parent, with the rest appended.

Prompts of one tree begin alike, line by line, so a text is stored as a chain of its lines: a path that is one step
longer than a stored one costs one row. A list of texts is a row whose rest names the rows of its items.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b

from ..errors import JournalError

BLOCK = 1 << 12  # rows that a mover reads at once
REMEMBERED = 1 << 17  # rows; a text last seen longer ago may be stored a second time
LONG = 1 << 12  # characters; a longer line, such as a picture's, is remembered by its digest

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
        self._known: dict[tuple[int | None, str | bytes], int] = {}

    def text(self, text: str) -> int:
        """The row of a text."""
        row: int | None = None
        for line in text.splitlines(keepends=True) or [""]:
            row = self.row(row, line)
        assert row is not None
        return row

    def list(self, texts: Sequence[str]) -> int:
        """The row of a list of texts."""
        return self.row(None, ",".join(str(self.text(text)) for text in texts))

    def row(self, parent: int | None, rest: str) -> int:
        """The row of a text that begins as the parent does and goes on with the rest."""
        key = (parent, rest if len(rest) <= LONG else _digest(rest))
        row = self._known.get(key)
        if row is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._last += 1
            row = self._known[key] = self._last
            self._put((row, parent, storable(rest)))
        return row


def _digest(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


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


class TextMover:
    """Moves texts from one run's table into another's, each once, by their rows and not by their characters.

    Args:
        db: the database to read from.
        to: stores the texts that are new there.
    """

    def __init__(self, db: sqlite3.Connection, to: TextWriter) -> None:
        self._db = db
        self._to = to
        self._block = lru_cache(REMEMBERED // BLOCK)(self._rows)
        self._moved: dict[int, int] = {}
        self.list = lru_cache(REMEMBERED)(self._list)
        self.content = lru_cache(1024)(TextReader(db).text)

    def text(self, row: int) -> int:
        """The row there of a text here."""
        way: list[tuple[int, str]] = []
        at: int | None = row
        while at is not None and at not in self._moved:
            parent, rest = self._row(at)
            way.append((at, rest))
            at = parent
        there = None if at is None else self._moved[at]
        if len(self._moved) >= REMEMBERED:
            self._moved.clear()
        for here, rest in reversed(way):
            there = self._moved[here] = self._to.row(there, rest)
        assert there is not None
        return there

    def _list(self, row: int) -> int:
        _, rest = self._row(row)
        return self._to.row(None, ",".join(str(self.text(int(item))) for item in rest.split(",")))

    def _row(self, row: int) -> tuple[int | None, str]:
        found = self._block(row // BLOCK).get(row)
        if found is None:
            raise JournalError(f"the journal has no text {row}; it is damaged: try treewright repair")
        return found

    def _rows(self, block: int) -> dict[int, tuple[int | None, str]]:
        query = "SELECT text, parent, rest FROM texts WHERE text BETWEEN ? AND ?"
        first = block * BLOCK
        return {
            row: (parent, loaded(rest)) for row, parent, rest in self._db.execute(query, (first, first + BLOCK - 1))
        }
