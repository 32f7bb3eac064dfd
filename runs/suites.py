"""Suites: named lists of tasks, each with the domain that grades them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..domains.math import countdown_tasks, game24_tasks, read_game24_table, read_gsm8k
from ..domains.protocol import Task
from ..search.errors import MissingPart, UnknownName


@dataclass(frozen=True, slots=True)
class Suite:
    """A named list of tasks; `domain` is a registered name."""

    name: str
    domain: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a suite's tasks come from: a generator (count, seed), or a reader of a file."""

    domain: str
    about: str
    generate: Callable[[int, int], Sequence[Task]] | None = None
    read: Callable[[Path], Sequence[Task]] | None = None


_SOURCES = {
    "countdown": _Source("countdown", "generated: reach a target with some of the numbers", generate=countdown_tasks),
    "game24": _Source("game24", "generated: make 24 of four numbers", generate=game24_tasks),
    "game24_table": _Source("game24", "the published Game of 24 table (CSV)", read=read_game24_table),
    "gsm8k": _Source("math", "GSM8K word problems (JSONL)", read=read_gsm8k),
}
DEFAULT_SIZE = 20


def suite_names() -> dict[str, str]:
    """Each suite's name and one line about it."""
    return {name: source.about for name, source in _SOURCES.items()}


def load_suite(name: str, *, limit: int | None = None, seed: int = 0, data: Path | None = None) -> Suite:
    """A suite with its first `limit` tasks.

    Args:
        name: one of `suite_names()`.
        limit: number of tasks; by default 20 of a generated suite and all of a file.
        seed: of a generated suite.
        data: the file of a suite that is read.

    Raises:
        UnknownName: no such suite.
        MissingPart: the suite is read from a file and none was given, or the other way round.
        DomainError: the file cannot be read; the message gives the line.
    """
    source = _SOURCES.get(name)
    if source is None:
        raise UnknownName("suites", name, _SOURCES)
    if source.read is not None:
        if data is None:
            raise MissingPart(f"suite {name!r} is read from a file; give it with --data FILE")
        tasks = source.read(data)[:limit]
    else:
        if data is not None:
            raise MissingPart(f"suite {name!r} is generated and reads no file; leave --data {data} out")
        assert source.generate is not None
        tasks = source.generate(DEFAULT_SIZE if limit is None else limit, seed)
    return Suite(name, source.domain, tuple(tasks))
