"""Merging runs over disjoint tasks into one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from ..errors import JournalError
from . import schema
from .copying import Shards
from .lock import RunLock
from .reader import RunReader
from .store import Journal

# What runs have to agree on to be shards of one run, and what of `about` has to where they say it.
_SAME = ("domain", "recipe", "budget", "seed", "concurrency", "deterministic", "value_range", "names")
_SAME_ABOUT = ("name", "value", "prior", "constants")


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge made.

    Attributes:
        directory: the new run directory.
        shards: how many it has.
        tasks, finished: all tasks, and those with a result.
        events: model calls, steps and grades.
        missing: shards of the suite that were not among the runs, as "3/4".
    """

    directory: Path
    shards: int
    tasks: int
    finished: int
    events: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        tasks = f"{self.finished}/{self.tasks} tasks finished"
        text = f"{self.directory}: {self.shards} shards, {tasks}, {self.events:,} events"
        if self.missing:
            text += f"; {', '.join(self.missing)} of the suite are not among them"
        return text


def merge(out: Path | str, runs: Sequence[Path | str]) -> Merged:
    """Merges runs over disjoint tasks into a new run that can be shown, accounted for, replayed and resumed.

    Each run becomes a shard: its tasks, its events and its turns stay in their order, and each event is there once, so
    costs are the sums. Shards of one suite come in the order of their numbers, other runs as they are given. The runs
    themselves stay as they are; what is unfinished in them goes on when the merged run is resumed.

    Args:
        out: a new run directory.
        runs: run directories, at least one.

    Raises:
        JournalError: runs of different recipes, budgets, seeds, domains, models or suites, a task that is in two of
            them, a run of another schema version, or an `out` that holds a run.
        RunInUse: one of them is still being written.
    """
    readers = _in_order([RunReader(run) for run in runs])
    if not readers:
        raise JournalError("give at least one run to merge")
    shards = [shard for reader in readers for shard in reader.shards()]
    metas = [reader.meta() for reader in readers]
    for reader, meta in zip(readers, metas, strict=True):
        _check(reader, meta, readers[0], metas[0])
    tasks = [shard.task_ids() for shard in shards]
    _check_disjoint(shards, tasks)
    about = {key: value for key, value in metas[0].get("about", {}).items() if key != "shard"}
    with ExitStack() as locks:
        for directory in {reader.directory.resolve() for reader in readers}:
            locks.callback(RunLock(directory).release)
        events = _write(Path(out), merged_meta({**metas[0], "about": about}, [len(ids) for ids in tasks]), shards)
    finished = len(RunReader(out).tasks())
    return Merged(Path(out), len(shards), sum(map(len, tasks)), finished, events, _missing(metas))


def _write(out: Path, meta: Mapping[str, Any], shards: Sequence[RunReader]) -> int:
    """Makes the merged run, or nothing where it fails; how many events it has."""
    Journal(out, meta).close()
    try:
        with Shards(out) as into:
            for shard in shards:
                into.add_tasks(shard.directory, shard.shard)
            return sum(into.take(shard.directory, number, shard.shard) for number, shard in enumerate(shards))
    except BaseException:
        for path in out.glob(f"{schema.FILE_NAME}*"):
            path.unlink()
        raise


def merged_meta(meta: Mapping[str, Any], sizes: Sequence[int]) -> dict[str, Any]:
    """What describes a merged run, from what describes one of its shards, and how many tasks each of them has."""
    numbers = [[first + 1, last] for first, last in pairwise(accumulate(sizes, initial=0))]
    return {**meta, "shards": numbers}


def _in_order(readers: list[RunReader]) -> list[RunReader]:
    """Shards by their number; other runs as they came."""
    shards = [reader.meta().get("about", {}).get("shard") for reader in readers]
    if any(shard is None for shard in shards):
        return readers
    return [reader for _, reader in sorted(zip(shards, readers, strict=True), key=lambda pair: int(pair[0]["number"]))]


def _check(reader: RunReader, meta: Mapping[str, Any], first: RunReader, other: Mapping[str, Any]) -> None:
    """Raises JournalError where a run cannot be a shard of the same run as the first one."""
    if reader.version != schema.SCHEMA_VERSION:
        raise JournalError(
            f"{reader.directory} was written with schema version {reader.version}; only runs of version "
            f"{schema.SCHEMA_VERSION} can be merged"
        )
    about, others = meta.get("about", {}), other.get("about", {})
    told = [(name, meta.get(name), other.get(name)) for name in _SAME]
    told += [(name, about[name], others[name]) for name in _SAME_ABOUT if name in about and name in others]
    shard, others_shard = about.get("shard") or {}, others.get("shard") or {}
    told += [(f"the shard's {name}", shard.get(name), others_shard.get(name)) for name in ("suite", "of")]
    for name, ours, theirs in told:
        for where, one, another in _differences(name, ours, theirs):
            raise JournalError(
                f"{reader.directory} and {first.directory} cannot be merged: {where} is {one!r} in the one and "
                f"{another!r} in the other; merge runs of one recipe, budget, seed and suite"
            )


def _differences(name: str, ours: Any, theirs: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in {**ours, **theirs}:
            yield from _differences(f"{name}.{key}", ours.get(key), theirs.get(key))
    elif ours != theirs:
        yield name, ours, theirs


def _check_disjoint(shards: Sequence[RunReader], tasks: Sequence[Sequence[str]]) -> None:
    seen: dict[str, RunReader] = {}
    for shard, ids in zip(shards, tasks, strict=True):
        for task in ids:
            if task in seen:
                raise JournalError(
                    f"task {task!r} is in {seen[task].directory} and in {shard.directory}; a task may be in one of the "
                    "runs to merge: leave one of them out"
                )
            seen[task] = shard


def _missing(metas: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Shards that no run is of, where the runs are shards."""
    shards = [shard for meta in metas if (shard := meta.get("about", {}).get("shard"))]
    there = {shard["number"] for shard in shards}
    every = range(1, shards[0]["of"] + 1) if shards else ()
    return tuple(f"{number}/{shards[0]['of']}" for number in every if number not in there)
