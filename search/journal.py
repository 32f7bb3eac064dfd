"""The journal: a run's durable record of every model call, step and grade, in one SQLite database.

Each event is committed before the engine is told of it. `docs/architecture.md` documents the tables.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from time import time
from typing import Any, Literal

from ..domains.protocol import Grade, Task
from ..value_models.protocols import Usage
from .budget import Cost
from .errors import JournalError, nearest
from .result import Result
from .tree import NO_PARENT, Node, Tree

SCHEMA_VERSION = 1
FILE_NAME = "journal.db"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, task TEXT NOT NULL, node INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    request TEXT NOT NULL, answer TEXT, error TEXT, model TEXT, prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, calls INTEGER NOT NULL,
    started REAL NOT NULL, seconds REAL NOT NULL
);
CREATE TABLE results (
    task TEXT PRIMARY KEY, text TEXT NOT NULL, answer TEXT, value REAL NOT NULL, node INTEGER, stopped TEXT NOT NULL,
    correct INTEGER, detail TEXT, cost TEXT NOT NULL, dropped TEXT NOT NULL, finished REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE nodes (
    task TEXT NOT NULL, node INTEGER NOT NULL, parent INTEGER NOT NULL, text TEXT NOT NULL, prior REAL NOT NULL,
    reward REAL, terminated INTEGER NOT NULL, truncated INTEGER NOT NULL, answer TEXT, multiplicity INTEGER NOT NULL,
    value REAL, feedback TEXT, failure TEXT, visits INTEGER NOT NULL, q REAL NOT NULL, PRIMARY KEY (task, node)
) WITHOUT ROWID;
"""

EventKind = Literal["propose", "rank", "score", "step", "grade"]
_USAGE_FIELDS = ("prompt_tokens", "cached_tokens", "completion_tokens", "calls")
_NODE_FIELDS = (
    *("text", "prior", "reward", "terminated", "truncated", "answer", "multiplicity"),
    *("value", "feedback", "failure", "visits", "q"),
)


@dataclass(frozen=True, slots=True)
class Event:
    """One model call, domain step or grade.

    Attributes:
        task, node: where in which tree.
        kind: what was done.
        request: what was asked, as plain data; `key` is its digest.
        answer: what came back, as plain data; None where it failed with `error`.
        model: who answered.
        usage: what it cost.
        started: seconds since the epoch.
        seconds: how long it took.
    """

    task: str
    node: int
    kind: EventKind
    request: Any
    answer: Any
    usage: Usage
    started: float
    seconds: float
    model: str | None = None
    error: str | None = None

    @property
    def key(self) -> str:
        """Digest of kind and request: equal for two events exactly when they asked the same."""
        return blake2b(_dumps([self.kind, self.request]).encode(), digest_size=16).hexdigest()


class Journal:
    """A run directory's journal; use it as a context manager or `close` it.

    Args:
        directory: the run directory; made when absent.
        meta: plain data that describes the run: recipe, budget, seed, models. Stored when the journal is new.

    Raises:
        JournalError: the directory holds a journal already, or cannot be written.
    """

    def __init__(self, directory: Path | str, meta: Mapping[str, Any]) -> None:
        self.directory = Path(directory)
        path = self.directory / FILE_NAME
        if path.exists():
            raise JournalError(f"{self.directory} holds a run already; give a new directory")
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"{self.directory} cannot be written: {error}") from error
        # WAL with NORMAL: a committed event survives kill -9; the last ones may be lost with the machine's power.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        with self._db:
            self._db.executescript(_SCHEMA)
            rows = {"schema_version": SCHEMA_VERSION, **meta}
            self._db.executemany(
                "INSERT INTO meta VALUES (?, ?)", [(key, _dumps(value)) for key, value in rows.items()]
            )

    def record(self, *events: Event) -> None:
        """Commits events, in order, in one transaction."""
        with self._db:
            self._db.executemany(
                "INSERT INTO events (task, node, kind, key, request, answer, error, model, prompt_tokens, "
                "cached_tokens, completion_tokens, calls, started, seconds) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                [
                    (
                        event.task,
                        event.node,
                        event.kind,
                        event.key,
                        _dumps(event.request),
                        None if event.error is not None else _dumps(event.answer),
                        event.error,
                        event.model,
                        event.usage.prompt_tokens,
                        event.usage.cached_tokens,
                        event.usage.completion_tokens,
                        event.usage.calls,
                        event.started,
                        event.seconds,
                    )
                    for event in events
                ],
            )

    def finish(self, result: Result) -> None:
        """Commits a finished task: its result and its tree."""
        task, grade = result.task, result.grade
        with self._db:
            self._db.execute(
                "INSERT INTO results VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    task.id,
                    task.text,
                    result.answer,
                    result.value,
                    result.node,
                    result.stopped,
                    None if grade is None else grade.correct,
                    None if grade is None else grade.detail,
                    _dumps(asdict(result.cost)),
                    _dumps(dict(result.dropped)),
                    time(),
                ),
            )
            self._db.executemany(
                f"INSERT INTO nodes (task, node, parent, {', '.join(_NODE_FIELDS)}) "
                f"VALUES (?,?,?{',?' * len(_NODE_FIELDS)})",
                [
                    (task.id, node.id, node.parent, *(getattr(node, name) for name in _NODE_FIELDS))
                    for node in result.tree.nodes
                ],
            )

    def close(self) -> None:
        """Closes the database."""
        self._db.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RunReader:
    """Reads a run directory, also while the run goes on.

    Raises:
        JournalError: no journal there, or one of a newer version.
    """

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        path = self.directory / FILE_NAME
        if not path.is_file():
            raise JournalError(f"{self.directory} is no run directory: it holds no {FILE_NAME}")
        self._path = path
        version = self.meta().get("schema_version")
        if version != SCHEMA_VERSION:
            raise JournalError(f"{path} has schema version {version}; this treewright reads {SCHEMA_VERSION}")

    def meta(self) -> dict[str, Any]:
        """What describes the run."""
        return {key: json.loads(value) for key, value in self._rows("SELECT key, value FROM meta")}

    def tasks(self) -> list[str]:
        """Ids of the finished tasks, in the order in which they finished."""
        return [task for (task,) in self._rows("SELECT task FROM results ORDER BY finished, task")]

    def result(self, task: str) -> Result:
        """A finished task's result and tree.

        Raises:
            JournalError: no such task; the message gives the nearest one.
        """
        rows = list(
            self._rows(
                "SELECT text, answer, value, node, stopped, correct, detail, cost, dropped FROM results WHERE task = ?",
                task,
            )
        )
        if not rows:
            raise JournalError(f"no finished task {task!r} in {self.directory}{nearest(task, self.tasks())}")
        text, answer, value, node, stopped, correct, detail, cost, dropped = rows[0]
        tree = self._tree(task)
        return Result(
            task=Task(task, text),
            answer=answer,
            value=value,
            cost=_cost(json.loads(cost)),
            tree=tree,
            node=node,
            stopped=stopped,
            grade=None if detail is None else Grade(None if correct is None else bool(correct), detail),
            dropped=json.loads(dropped),
            failures=tuple((n.id, n.failure) for n in tree.nodes if n.failure is not None),
        )

    def events(self, task: str | None = None) -> Iterator[dict[str, Any]]:
        """The events of one task, or of all, in the order in which they were committed."""
        names = ["seq", "task", "node", "kind", "key", "request", "answer", "error", "model"]
        names += [*_USAGE_FIELDS, "started", "seconds"]
        where, values = ("", ()) if task is None else (" WHERE task = ?", (task,))
        for row in self._rows(f"SELECT {', '.join(names)} FROM events{where} ORDER BY seq", *values):
            event = dict(zip(names, row, strict=True))
            event["request"] = json.loads(event["request"])
            event["answer"] = None if event["answer"] is None else json.loads(event["answer"])
            yield event

    def _tree(self, task: str) -> Tree:
        tree = Tree([])
        fields = ", ".join(_NODE_FIELDS)
        for node, parent, *values in self._rows(
            f"SELECT node, parent, {fields} FROM nodes WHERE task = ? ORDER BY node", task
        ):
            depth = 0 if parent == NO_PARENT else tree.nodes[parent].depth + 1
            made = Node(id=node, parent=parent, depth=depth, **dict(zip(_NODE_FIELDS, values, strict=True)))
            made.terminated, made.truncated = bool(made.terminated), bool(made.truncated)
            tree.nodes.append(made)
            if parent != NO_PARENT:
                tree.nodes[parent].children.append(node)
        return tree

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return db.execute(query, values).fetchall()


def _cost(data: dict[str, Any]) -> Cost:
    return Cost(data["expansions"], Usage(**data["policy"]), Usage(**data["value"]), data["seconds"], data["dollars"])


def _dumps(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
