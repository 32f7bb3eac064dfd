"""The tables of a run's database. `docs/runs.md` documents them.

Versions:
- 1: one row an event with its request and answer as JSON; no order of outcomes. Read, not written.
- 2: texts stored once, requests and answers packed, turns, tasks with what they hold beside their text,
  kinds of nodes.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from ..errors import JournalError

SCHEMA_VERSION = 2
FILE_NAME = "journal.db"

USAGE_FIELDS = ("prompt_tokens", "cached_tokens", "completion_tokens", "calls")
NODE_FIELDS = (
    *("text", "prior", "reward", "terminated", "truncated", "answer", "multiplicity"),
    *("value", "feedback", "failure", "visits", "q"),
)
NODE_FIELDS_SINCE_2 = ("kind", "checked")
MOST = (1 << 63) - 1  # the largest number of a row
SHARD = 1 << 32  # shard s of a merged run numbers its turns from s * SHARD + 1 on; any other run is shard 0
KEYS = {"events": "seq", "turns": "turn", "texts": "text"}  # numbered by the journal in the order in which rows came

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tasks (task INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL, hidden TEXT, given TEXT);
CREATE TABLE texts (text INTEGER PRIMARY KEY, parent INTEGER, rest TEXT NOT NULL);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, trial INTEGER, task INTEGER NOT NULL, node INTEGER NOT NULL, kind TEXT NOT NULL,
    operator INTEGER, key BLOB NOT NULL,
    request_shape INTEGER NOT NULL, request TEXT NOT NULL, request_numbers BLOB,
    answer_shape INTEGER, answer TEXT, answer_numbers BLOB, error TEXT, model INTEGER,
    prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    calls INTEGER NOT NULL, cached INTEGER NOT NULL, started REAL NOT NULL, seconds REAL NOT NULL, waited REAL NOT NULL
);
CREATE TABLE turns (
    turn INTEGER PRIMARY KEY, after INTEGER NOT NULL, at REAL NOT NULL, slots INTEGER NOT NULL, asked INTEGER NOT NULL,
    told TEXT NOT NULL, errors TEXT
);
CREATE TABLE results (
    task INTEGER PRIMARY KEY, answer TEXT, value REAL NOT NULL, node INTEGER, stopped TEXT NOT NULL,
    correct INTEGER, detail TEXT, cost TEXT NOT NULL, dropped TEXT NOT NULL, finished REAL NOT NULL,
    turn INTEGER NOT NULL
);
CREATE TABLE nodes (
    task INTEGER NOT NULL, node INTEGER NOT NULL, parent INTEGER NOT NULL, text INTEGER NOT NULL, prior REAL NOT NULL,
    reward REAL, terminated INTEGER NOT NULL, truncated INTEGER NOT NULL, answer TEXT, multiplicity INTEGER NOT NULL,
    value REAL, feedback TEXT, failure TEXT, visits INTEGER NOT NULL, q REAL NOT NULL, kind TEXT NOT NULL, checked REAL,
    PRIMARY KEY (task, node)
) WITHOUT ROWID;
"""


def create(path: Path) -> sqlite3.Connection:
    """A new database with empty tables, on the disk when this returns.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    db = connect(path)
    try:
        db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
    except sqlite3.Error:
        db.close()
        raise
    return db


def connect(path: Path) -> sqlite3.Connection:
    """Opens a database for writing, from any one thread at a time; transactions are the caller's."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # WAL with NORMAL: a committed event survives kill -9; the last ones may be lost with the machine's power.
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def settle(db: sqlite3.Connection) -> None:
    """Moves what was committed from the write-ahead log into the database file, where a loss of power spares it."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def read(path: Path) -> sqlite3.Connection:
    """Opens a database for reading, also while somebody writes it.

    Raises:
        JournalError: there is none.
    """
    if not path.is_file():
        raise JournalError(f"{path.parent} is no run directory: it holds no {path.name}")
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def last(db: sqlite3.Connection, table: str, shard: int = 0) -> int:
    """The last number in a table; of turns, the last one of a shard."""
    low, high = turns_of(shard) if table == "turns" else (0, MOST)
    key = KEYS[table]
    (found,) = db.execute(
        f"SELECT coalesce(max({key}), ?) FROM {table} WHERE {key} BETWEEN ? AND ?", (low, low, high)
    ).fetchone()
    return int(found)


def turns_of(shard: int) -> tuple[int, int]:
    """The lowest and the highest number that a turn of a shard may have."""
    return shard * SHARD, (shard + 1) * SHARD - 1


def tasks_of(db: sqlite3.Connection, shard: int) -> tuple[int, int]:
    """Numbers of the first and the last task of a shard; of all tasks where the run is not a merged one."""
    found = db.execute("SELECT value FROM meta WHERE key = 'shards'").fetchone()
    if found is None:
        return 0, MOST
    first, last = json.loads(found[0])[shard]
    return first, last


def check_version(path: Path, version: object) -> int:
    """The schema version of a database that can be read here.

    Raises:
        JournalError: the version is a newer one, or none.
    """
    if isinstance(version, int) and 1 <= version <= SCHEMA_VERSION:
        return version
    newer = isinstance(version, int) and version > SCHEMA_VERSION
    then = "; a newer one wrote it: pip install --upgrade treewright" if newer else ""
    raise JournalError(f"{path} has schema version {version}; this treewright reads 1 to {SCHEMA_VERSION}{then}")
