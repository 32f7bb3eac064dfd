"""The shards of a distributed run that are not in its journal yet: a copy of each one's journal, kept in the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..search import Journal, RunReader
from ..search.journal.copying import Shards
from ..search.journal.shipping import Replica

FOLDER = "shards"


@dataclass(slots=True)
class Pending:
    """A shard that is not finished.

    Attributes:
        number: which shard of the run, from 0.
        tasks: ids of its tasks, in order.
        replica: the copy of its journal.
        losses: how many workers it has lost.
    """

    number: int
    tasks: Sequence[str]
    replica: Replica
    losses: int = 0

    @property
    def home(self) -> tuple[str, Path] | None:
        """The node and the directory of the journal that the replica is a copy of; None before it was started."""
        path = self._home
        if not path.exists():
            return None
        node, directory = json.loads(path.read_text())
        return node, Path(directory)

    def settle(self, node: str, directory: str) -> None:
        """Notes where the journal is now."""
        self.replica.directory.mkdir(parents=True, exist_ok=True)
        part = self._home.with_suffix(".part")
        part.write_text(json.dumps([node, directory]))
        part.replace(self._home)

    @property
    def _home(self) -> Path:
        return self.replica.directory / "home.json"


def pending(run: Path) -> list[Pending]:
    """The shards of a run that have tasks without a result."""
    found = []
    for shard in RunReader(run).shards():
        ids = shard.task_ids()
        if len(shard.tasks()) < len(ids):
            found.append(Pending(shard.shard, ids, Replica(run / FOLDER / str(shard.shard))))
    return found


def take_in(into: Shards, shard: Pending) -> None:
    """Puts the copy of a shard's journal into the run's own, and removes the copy."""
    if shard.replica.position.last:
        into.take(shard.replica.directory, shard.number)
    shutil.rmtree(shard.replica.directory, ignore_errors=True)


def take_in_all(run: Path) -> None:
    """Puts what a distributed run left of its shards into its journal, so that one process can go on with it.

    Nothing happens where there is nothing.
    """
    if not (run / FOLDER).is_dir():
        return
    with Shards(run) as into:
        for shard in pending(run):
            take_in(into, shard)
    shutil.rmtree(run / FOLDER)


def take_out(run: Path, shard: Pending) -> None:
    """Makes the copy of a shard from the run's own journal, where one process has gone on with it."""
    reader = RunReader(run).shards()[shard.number]
    if shard.replica.position.last or next(reader.turns(), None) is None:
        return
    meta = {key: value for key, value in reader.meta().items() if key not in ("shards", "schema_version")}
    Journal(shard.replica.directory, meta).close()
    with Shards(shard.replica.directory) as into:
        into.add_tasks(run, shard.number)
        into.take(run, 0, shard.number)
