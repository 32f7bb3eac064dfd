"""Lines of task files as records, and the places where hidden tests lie."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..protocol import DomainError
from .forms import Record, record


@dataclass(frozen=True, slots=True)
class HiddenTests:
    """Where a task's hidden tests lie: a line of a file. The tests themselves are never in the searching process.

    Attributes:
        path: the JSONL file, plain or gzipped.
        offset: the line's first byte, in the unpacked file.
        digest: of the line, so that a file that has changed since is noticed.
    """

    path: str
    offset: int
    digest: str


def record_at(hidden: HiddenTests) -> Record:
    """The whole record at a place, hidden tests and reference solution included; for grading processes only.

    Raises:
        DomainError: the file is gone or has changed.
    """
    path = Path(hidden.path)
    try:
        with _opened(path) as file:
            file.seek(hidden.offset)
            line = file.readline()
    except (OSError, EOFError) as error:
        raise DomainError(f"{path} cannot be read any more: {error}") from None
    if digest(line) != hidden.digest:
        raise DomainError(f"{path} has changed at byte {hidden.offset} since the task was loaded; load it again")
    return read_record(line, f"{path}, byte {hidden.offset}")


def read_record(line: bytes, where: str) -> Record:
    """One line as a record of the documented form.

    Raises:
        DomainError: the line is no JSON object, or its fields are of no known form.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DomainError(f"{where}: {line[:60]!r} is no JSON: {error}") from None
    if not isinstance(row, dict):
        raise DomainError(f"{where}: {line[:60]!r}; expected an object")
    return record(row, where)


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line of a file, plain or gzipped, with its first byte's place in the unpacked file.

    Raises:
        DomainError: the file cannot be read.
    """
    try:
        with _opened(path) as file:
            offset = 0
            for line in file:
                yield offset, line
                offset += len(line)
    except (OSError, EOFError) as error:
        raise DomainError(f"{path} cannot be read: {error}") from None


def _opened(path: Path) -> Any:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def digest(line: bytes) -> str:
    """What tells that a line has changed."""
    return blake2b(line.rstrip(b"\r\n"), digest_size=16).hexdigest()
