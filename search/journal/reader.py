"""Reading a run, of any schema version so far."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from ...domains.protocol import Grade, Task
from ...value_models.protocols import Usage
from ..budget import Cost
from ..errors import JournalError, nearest
from ..result import Result
from ..tree import NO_PARENT, Node, Tree
from . import schema
from .event import OF_POLICY, OF_VALUE, EventKind, Turn
from .packing import unpack
from .texts import TextReader, loaded

_EVENT = (
    *("seq", "trial", "task", "node", "kind", "operator", "key", "request", "answer", "error", "model"),
    *(*schema.USAGE_FIELDS, "cached", "started", "seconds", "waited"),
)


class RunReader:
    """Reads a run directory, also while the run goes on.

    Args:
        directory: the run directory.
        shard: of a merged run, the shard whose tasks, events and turns are read (see `shards`); None reads all tasks
            and events.

    Attributes:
        version: the schema version that it was written with.
        shard: of a merged run, the shard; 0 otherwise.

    Raises:
        JournalError: no journal there, one of a newer version, or one that is damaged.
    """

    def __init__(self, directory: Path | str, shard: int | None = None) -> None:
        self.directory = Path(directory)
        self._path = self.directory / schema.FILE_NAME
        self.version = schema.check_version(self._path, self.meta().get("schema_version"))
        self.shard = shard or 0
        with closing(schema.read(self._path)) as db:
            self._tasks = (0, schema.MOST) if shard is None else schema.tasks_of(db, shard)

    def meta(self) -> dict[str, Any]:
        """What describes the run."""
        return {key: json.loads(value) for key, value in self._rows("SELECT key, value FROM meta")}

    def shards(self) -> list[RunReader]:
        """The shards of a merged run, each with tasks, events and turns of its own; of any other run, the run itself.

        Each shard had an engine of its own, so a run is repeated shard by shard.
        """
        shards = len(self.meta().get("shards", ()))
        return [RunReader(self.directory, shard) for shard in range(shards)] if shards else [self]

    def shard_of(self, task: str) -> RunReader:
        """The shard that a task is in; of a run that was not merged, the run itself.

        Raises:
            JournalError: the run has no such task.
        """
        for shard in self.shards():
            if task in shard.task_ids():
                return shard
        raise JournalError(f"{self.directory} has no task {task!r}")

    def tasks(self) -> list[str]:
        """Ids of the finished tasks, in the order in which they finished."""
        if self.version == 1:
            return [task for (task,) in self._rows("SELECT task FROM results ORDER BY finished, task")]
        query = "SELECT id FROM results JOIN tasks USING (task) WHERE task BETWEEN ? AND ? ORDER BY finished, id"
        return [task for (task,) in self._rows(query, *self._tasks)]

    def task_ids(self) -> list[str]:
        """Ids of all tasks of the run, in the order in which they were given."""
        if self.version == 1:
            return [task["id"] for task in self.meta().get("tasks", ())]
        return [
            task
            for (task,) in self._rows("SELECT id FROM tasks WHERE task BETWEEN ? AND ? ORDER BY task", *self._tasks)
        ]

    def given(self) -> list[Task]:
        """All tasks of the run, in the order in which they were given.

        Raises:
            JournalError: the hidden or given part of a task could not be stored.
        """
        if self.version == 1:
            return [Task(task["id"], task["text"]) for task in self.meta().get("tasks", ())]
        tasks = []
        query = "SELECT id, text, hidden, given FROM tasks WHERE task BETWEEN ? AND ? ORDER BY task"
        for name, text, hidden, given in self._rows(query, *self._tasks):
            if hidden is None or given is None:
                part = "hidden part" if hidden is None else "given part"
                raise JournalError(
                    f"the {part} of task {name!r} is no plain data and not in {self._path}; give the tasks again"
                )
            tasks.append(Task(name, loaded(text), json.loads(hidden), json.loads(given)))
        return tasks

    def result(self, task: str) -> Result:
        """A finished task's result and tree.

        Raises:
            JournalError: no such task; the message gives the nearest one.
        """
        columns = "text, answer, value, node, stopped, correct, detail, cost, dropped"
        if self.version == 1:
            query = f"SELECT {columns} FROM results WHERE task = ?"
        else:
            query = f"SELECT {columns} FROM results JOIN tasks USING (task) WHERE id = ?"
        rows = self._rows(query, task)
        if not rows:
            raise JournalError(f"no finished task {task!r} in {self.directory}{nearest(task, self.tasks())}")
        text, answer, value, node, stopped, correct, detail, cost, dropped = map(_loaded, rows[0])
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

    def events(
        self, task: str | None = None, *, after: int = 0, node: int | None = None, kind: EventKind | None = None
    ) -> Iterator[dict[str, Any]]:
        """The events of one task, or of all, in the order in which they were committed.

        Args:
            task: a task's id.
            after: events up to this number are passed over.
            node: of this node alone.
            kind: of this kind alone.
        """
        with closing(schema.read(self._path)) as db:
            read = self._events1 if self.version == 1 else self._events2
            yield from read(db, after, task, node=node, kind=kind)

    def growth(self, task: str, *, after: int = 0) -> Iterator[dict[str, Any]]:
        """What of a task's events its tree grows by; quicker than `events`, since requests are not read.

        Events have seq, trial, node, kind, operator, error, and the answers of steps and scores; none in a run of
        schema version 1.

        Args:
            task: a task's id.
            after: events up to this number are passed over.
        """
        if self.version == 1:
            return
        names = ("seq", "trial", "node", "kind", "operator", "error")
        with closing(schema.read(self._path)) as db:
            texts = TextReader(db)
            for row in db.execute(
                f"SELECT {', '.join(names)}, answer_shape, answer, answer_numbers FROM events JOIN tasks USING (task) "
                "WHERE seq > ? AND id = ? AND trial IS NOT NULL ORDER BY seq",
                (after, task),
            ):
                event = dict(zip(names, map(_loaded, row), strict=False))
                event["operator"] = None if event["operator"] is None else texts.text(event["operator"])
                told = event["kind"] in ("step", "score") and row[6] is not None
                event["answer"] = unpack(row[6:], texts) if told else None
                yield event

    def turns(self, *, after: int = 0) -> Iterator[Turn]:
        """The turns of the shard's engine, in order; none in a run of schema version 1.

        Args:
            after: so many turns are passed over.
        """
        if self.version == 1:
            return
        first = self.shard * schema.SHARD
        with closing(schema.read(self._path)) as db:
            for seq, at, slots, asked, told, errors in db.execute(
                "SELECT after, at, slots, asked, told, errors FROM turns WHERE turn > ? AND turn < ? ORDER BY turn",
                (first + after, first + schema.SHARD),
            ):
                failed = {} if errors is None else {int(key): text for key, text in json.loads(loaded(errors)).items()}
                yield Turn(tuple(json.loads(told)), slots, at, asked, failed, seq)

    def overview(self) -> list[dict[str, Any]]:
        """One row a task, in the order in which they were given; of trees only their sizes are read.

        Rows have id, text, finished, answer, value, node, stopped, correct, detail, cost, dropped, nodes, failures (of
        nodes) and calls (of models, where the task has not finished). What only a result says is None before.
        """
        results = "answer, value, node, stopped, correct, detail, cost, dropped"
        if self.version == 1:
            query = f"SELECT task, task, text, finished, {results} FROM results ORDER BY finished"
            running: dict[Any, int] = {}
        else:
            query = (
                f"SELECT task, id, text, finished, {results} FROM tasks LEFT JOIN results USING (task) ORDER BY task"
            )
            running = dict(
                self._rows(
                    "SELECT task, count(*) FROM events WHERE task NOT IN (SELECT task FROM results) "
                    f"AND kind IN {(*OF_POLICY, *OF_VALUE)} GROUP BY task"
                )
            )
        sizes = {
            name: (nodes, failures)
            for name, nodes, failures in self._rows("SELECT task, count(*), count(failure) FROM nodes GROUP BY task")
        }
        names = ("id", "text", "finished", *results.split(", "))
        rows = []
        for task, *values in self._rows(query):
            row = dict(zip(names, map(_loaded, values), strict=True))
            row["cost"] = None if row["cost"] is None else _cost(json.loads(row["cost"]))
            row["dropped"] = None if row["dropped"] is None else json.loads(row["dropped"])
            row["nodes"], row["failures"] = sizes.get(task, (0, 0))
            row["calls"] = running.get(task, 0)
            rows.append(row)
        return rows

    def extent(self) -> tuple[int, int, int]:
        """How far the run is: its last event, its last turn, its finished tasks; quickly read, however long it is."""
        turns = "0" if self.version == 1 else "(SELECT coalesce(max(turn), 0) FROM turns)"
        ((events, turn, finished),) = self._rows(
            f"SELECT (SELECT coalesce(max(seq), 0) FROM events), {turns}, (SELECT count(*) FROM results)"
        )
        return events, turn, finished

    def spending(self) -> list[dict[str, Any]]:
        """What the model calls cost, summed over those of one task, kind, operator and model.

        Rows have task, kind, operator, model, `schema.USAGE_FIELDS`, seconds, waited, answers from a cache (`cached`),
        and the calls that failed (`failed`). A kind that is its own operator (score, doubt) has None there, as all
        have in schema version 1.
        """
        sums = ", ".join(f"sum({name})" for name in (*schema.USAGE_FIELDS, "seconds"))
        kinds = f"kind IN {(*OF_POLICY, *OF_VALUE)}"
        if self.version == 1:
            query = f"SELECT task, kind, NULL, model, {sums}, 0.0, 0, sum(error IS NOT NULL) FROM events WHERE {kinds} "
            query += "GROUP BY task, kind, model ORDER BY min(seq)"
        else:
            query = f"SELECT id, kind, operator, model, {sums}, sum(waited), sum(cached), sum(error IS NOT NULL) "
            query += f"FROM events JOIN tasks USING (task) WHERE {kinds} GROUP BY task, kind, operator, model "
            query += "ORDER BY min(seq)"
        names = ("task", "kind", "operator", "model", *schema.USAGE_FIELDS, "seconds", "waited", "cached", "failed")
        with closing(schema.read(self._path)) as db:
            texts = TextReader(db)
            rows = [dict(zip(names, row, strict=True)) for row in db.execute(query)]
            for row in rows if self.version > 1 else ():
                for name in ("operator", "model"):
                    row[name] = None if row[name] is None else texts.text(row[name])
        return rows

    def _events1(self, db: sqlite3.Connection, after: int, task: str | None, **fields: Any) -> Iterator[dict[str, Any]]:
        names = [name for name in _EVENT if name not in ("trial", "operator", "cached", "waited")]
        where, values = _only(task=task, **fields)
        rows = db.execute(f"SELECT {', '.join(names)} FROM events WHERE seq > ?{where} ORDER BY seq", (after, *values))
        for row in rows:
            event = {**dict.fromkeys(_EVENT), "cached": False, "waited": 0.0, **dict(zip(names, row, strict=True))}
            event["request"] = json.loads(event["request"])
            event["answer"] = None if event["answer"] is None else json.loads(event["answer"])
            yield event

    def _events2(self, db: sqlite3.Connection, after: int, task: str | None, **fields: Any) -> Iterator[dict[str, Any]]:
        texts = TextReader(db)
        where, values = _only(id=task, **fields)
        rows = db.execute(
            "SELECT seq, trial, id, node, kind, operator, hex(key), error, model, "
            f"{', '.join(schema.USAGE_FIELDS)}, cached, started, seconds, waited, "
            "request_shape, request, request_numbers, answer_shape, answer, answer_numbers "
            f"FROM events JOIN tasks USING (task) WHERE task BETWEEN ? AND ? AND seq > ?{where} ORDER BY seq",
            (*self._tasks, after, *values),
        )
        names = [name for name in _EVENT if name not in ("request", "answer")]
        for row in rows:
            event = dict(zip(names, map(_loaded, row), strict=False))
            packed = row[len(names) :]
            event["key"] = event["key"].lower()
            event["cached"] = bool(event["cached"])
            for name in ("operator", "model"):
                event[name] = None if event[name] is None else texts.text(event[name])
            event["request"] = unpack(packed[:3], texts)
            event["answer"] = None if packed[3] is None else unpack(packed[3:], texts)
            yield event

    def _tree(self, task: str) -> Tree:
        tree = Tree([])
        names = schema.NODE_FIELDS + (() if self.version == 1 else schema.NODE_FIELDS_SINCE_2)
        fields = ", ".join(names)
        where = "task = ?" if self.version == 1 else "task = (SELECT task FROM tasks WHERE id = ?)"
        with closing(schema.read(self._path)) as db:
            texts = TextReader(db)
            for row in db.execute(f"SELECT node, parent, {fields} FROM nodes WHERE {where} ORDER BY node", (task,)):
                node, parent, text, *values = map(_loaded, row)
                text = text if self.version == 1 else texts.text(text)
                depth = 0 if parent == NO_PARENT else tree.nodes[parent].depth + 1
                named = dict(zip(names[1:], values, strict=True))
                made = Node(id=node, parent=parent, depth=depth, text=text, **named)
                made.terminated, made.truncated = bool(made.terminated), bool(made.truncated)
                tree.nodes.append(made)
                if parent != NO_PARENT:
                    tree.nodes[parent].children.append(node)
        return tree

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with closing(schema.read(self._path)) as db:
            try:
                return db.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise JournalError(f"{self._path} cannot be read: {error}; try treewright repair") from error


def _only(**wanted: str | int | None) -> tuple[str, list[str | int]]:
    """What narrows a query to the columns' wanted values, None being any."""
    given = {column: value for column, value in wanted.items() if value is not None}
    return "".join(f" AND {column} = ?" for column in given), list(given.values())


def _loaded(value: Any) -> Any:
    return loaded(value) if isinstance(value, bytes) else value


def _cost(data: dict[str, Any]) -> Cost:
    return Cost(data["expansions"], Usage(**data["policy"]), Usage(**data["value"]), data["seconds"], data["dollars"])
