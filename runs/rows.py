"""Tasks of any JSONL or Parquet file, by a mapping from a task's fields to the file's."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..domains.protocol import Domain, DomainError, Task
from ..search.errors import UnknownName, nearest

FIELDS = ("id", "text", "hidden", "given", "split")

Row = dict[str, Any]


def read_rows(
    path: Path,
    fields: Mapping[str, str],
    *,
    domain: Domain,
    split: str | None = None,
    skipped: list[str] | None = None,
) -> list[Task]:
    """The tasks of a file, one a row.

    Args:
        path: a file that ends in .jsonl, .jsonl.gz or .parquet.
        fields: the file's name of each field of a task: `text` (needed), `id` (else the file's name and the row's
            number), `hidden` (what the grader may see; a number becomes its text), `given` (what search may see
            beside the text), `split`. By default `text` is "text".
        domain: each text must be one of its tasks'.
        split: only rows whose `split` says this.
        skipped: takes why each bad row was passed over; None raises at the first one.

    Raises:
        UnknownName: a task has no such field.
        DomainError: the file or one of its rows cannot be read; the message names line, field and value.
    """
    for name in fields:
        if name not in FIELDS:
            raise UnknownName("fields of a task", name, FIELDS)
    if split is not None and "split" not in fields:
        raise DomainError(f"{path} has rows of several splits only where a field says which: give --field split=NAME")
    mapped = {"text": "text", **fields}
    tasks: dict[str, Task] = {}
    for number, where, row in _rows(path):
        try:
            if isinstance(row, DomainError):
                raise row
            if split is not None and str(_value(row, mapped["split"], where)) != split:
                continue
            task = _task(row, mapped, f"{path.name.split('.')[0]}-{number}", where)
            if task.id in tasks:
                raise DomainError(f"{where}, {mapped.get('id', 'id')}: {task.id!r} stands in an earlier row too")
            try:
                domain.reset(task.visible())
            except DomainError as error:
                raise DomainError(f"{where}, {mapped['text']}: {error}") from error
            tasks[task.id] = task
        except DomainError as error:
            if skipped is None:
                raise
            skipped.append(str(error))
    return list(tasks.values())


def _task(row: Row, mapped: Mapping[str, str], name: str, where: str) -> Task:
    text = _value(row, mapped["text"], where)
    if not isinstance(text, str) or not text.strip():
        raise DomainError(f"{where}, {mapped['text']}: {text!r}; expected a text that is not empty")
    if "id" in mapped:
        found = _value(row, mapped["id"], where)
        if isinstance(found, bool) or not isinstance(found, str | int) or not str(found).strip():
            raise DomainError(f"{where}, {mapped['id']}: {found!r}; expected a text or a whole number")
        name = str(found)
    hidden, given = (_value(row, mapped[part], where) if part in mapped else None for part in ("hidden", "given"))
    if isinstance(hidden, int | float) and not isinstance(hidden, bool):
        hidden = str(hidden)
    return Task(name, text.strip(), hidden, given)


def _value(row: Row, column: str, where: str) -> Any:
    if column not in row:
        raise DomainError(f"{where}: no field {column!r}{nearest(column, row)}")
    return row[column]


def _rows(path: Path) -> Iterator[tuple[int, str, Row | DomainError]]:
    """Each row with its number and its place; an error in place of one that is no object."""
    if path.suffix == ".parquet":
        return ((number, f"{path}, row {number}", row) for number, row in enumerate(_parquet(path), 1))
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        return _json_lines(path)
    raise DomainError(f"{path} is neither JSONL nor Parquet; its name must end in .jsonl, .jsonl.gz or .parquet")


def _json_lines(path: Path) -> Iterator[tuple[int, str, Row | DomainError]]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    where = f"{path}, line {number}"
                    yield number, where, _parsed(line, where)
    except (OSError, EOFError) as error:
        raise DomainError(f"{path} cannot be read: {error}") from None


def _parsed(line: bytes, where: str) -> Row | DomainError:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return DomainError(f"{where}: {line[:60]!r} is no JSON: {error}")
    return row if isinstance(row, dict) else DomainError(f"{where}: {line[:60]!r}; expected an object")


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa  # only now: most runs read no Parquet file
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise DomainError(f"{path} cannot be read: {error}") from None
