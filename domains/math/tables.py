"""Readers of published task files: the Game of 24 table and GSM8K."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..protocol import DomainError, Task
from .answers import exact_number
from .puzzle_text import puzzle_text
from .rules import GAME24

_RANK, _PUZZLES = "Rank", "Puzzles"
_FOUR_NUMBERS = re.compile(r"(?:[1-9]|1[0-3])(?: (?:[1-9]|1[0-3])){3}")


def read_game24_table(path: Path | str, skipped: list[str] | None = None) -> list[Task]:
    """The puzzles of a CSV file with the columns Rank and Puzzles ("4 7 8 8"), as Yao et al. 2023 published them.

    Other columns are not read. Ids are "game24-table-RANK".

    Args:
        path: the file.
        skipped: takes why each bad row was passed over; None raises at the first one.

    Raises:
        DomainError: the file or one of its rows cannot be read; the message names line, field and value.
    """
    tasks: dict[str, Task] = {}
    rows = csv.reader(_lines(path))
    header = next(rows, [])
    missing = [column for column in (_RANK, _PUZZLES) if column not in header]
    if missing:
        raise DomainError(f"{path}, line 1: no column {missing[0]!r}; found {', '.join(header) or 'nothing'}")
    rank_at, puzzle_at = header.index(_RANK), header.index(_PUZZLES)
    for row in filter(None, rows):
        where = f"{path}, line {rows.line_num}"
        with _passed_over(skipped):
            if len(row) != len(header):
                raise DomainError(f"{where}: {len(row)} fields; expected {len(header)}, as in the first line")
            rank, puzzle = row[rank_at].strip(), " ".join(row[puzzle_at].split())
            if not re.fullmatch(r"[0-9]{1,9}", rank):
                raise DomainError(f"{where}, {_RANK}: {rank!r}; expected a whole number")
            if not _FOUR_NUMBERS.fullmatch(puzzle):
                raise DomainError(f"{where}, {_PUZZLES}: {puzzle!r}; expected four whole numbers from 1 to 13")
            name = f"game24-table-{int(rank)}"
            if name in tasks:
                raise DomainError(f"{where}, {_RANK}: {rank!r} stands in an earlier line too")
            numbers = sorted(map(int, puzzle.split()))
            tasks[name] = Task(name, puzzle_text(numbers, 24, GAME24))
    return list(tasks.values())


def read_gsm8k(path: Path | str, skipped: list[str] | None = None) -> list[Task]:
    """The problems of a JSONL file with `question` and `answer`, the answer's last line being "#### N" (GSM8K).

    Ids are "gsm8k-LINE", from 1; the number N is the hidden part.

    Args:
        path: the file.
        skipped: takes why each bad line was passed over; None raises at the first one.

    Raises:
        DomainError: the file or one of its lines cannot be read; the message names line, field and value.
    """
    tasks = []
    for number, line in enumerate(_lines(path), 1):
        with _passed_over(skipped):
            if line.strip():
                tasks.append(_word_problem(line, number, f"{path}, line {number}"))
    return tasks


def _word_problem(line: str, number: int, where: str) -> Task:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DomainError(f"{where}: {line[:60]!r} is no JSON: {error}") from None
    if not isinstance(row, dict):
        raise DomainError(f"{where}: {line[:60]!r}; expected an object with question and answer")
    question, answer = (_text(row, field, where) for field in ("question", "answer"))
    _, marked, gold = answer.rpartition("####")
    gold = gold.strip()
    if not marked or exact_number(gold) is None:
        raise DomainError(f"{where}, answer: {answer[-60:]!r}; expected an end like '#### 18'")
    return Task(f"gsm8k-{number}", question, hidden=gold)


@contextmanager
def _passed_over(skipped: list[str] | None) -> Iterator[None]:
    """Notes why a row cannot be used instead of raising, where there is a list to note it in."""
    try:
        yield
    except DomainError as error:
        if skipped is None:
            raise
        skipped.append(str(error))


def _lines(path: Path | str) -> Iterator[str]:
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            yield from file
    except OSError as error:
        raise DomainError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DomainError(f"{path} is not UTF-8 text: {error}") from None


def _text(row: dict[str, object], field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise DomainError(f"{where}, {field}: {value!r}; expected a text that is not empty")
    return value.strip()
