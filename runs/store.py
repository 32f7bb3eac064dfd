"""The runs of a directory: how far each is, and how one is removed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..search import JournalError, RunInUse, RunReader
from ..search.journal import FILE_NAME, Tally, tally, writer_of
from .statistics import Estimate, wilson

State = Literal["running", "done", "stopped", "unreadable"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One run directory.

    Attributes:
        state: "running" (a process writes it), "done" (every task is finished), "stopped" (it can be resumed) or
            "unreadable" (`problem` says why).
        suite, recipe: names; empty where they are not known.
        tally: how far it is.
    """

    directory: Path
    state: State
    suite: str = ""
    recipe: str = ""
    tally: Tally = field(default_factory=Tally)
    problem: str = ""

    @property
    def accuracy(self) -> Estimate:
        """The share of the finished tasks that is solved, with its Wilson interval."""
        return wilson(self.tally.solved, self.tally.done)


def listed(directory: Path) -> Listed:
    """One run, looked at now; a journal that cannot be read is said to be so."""
    try:
        reader = RunReader(directory)
        meta, counted = reader.meta(), tally(reader)
    except JournalError as error:
        return Listed(directory, "unreadable", problem=str(error))
    return Listed(directory, state_of(directory, counted), suite_of(meta), meta["recipe"]["name"], counted)


def state_of(directory: Path, counted: Tally) -> Literal["running", "done", "stopped"]:
    """Whether a run goes on, by its tally and by whether a process writes it."""
    if counted.done >= counted.tasks:
        return "done"
    return "stopped" if writer_of(directory) is None else "running"


def suite_of(meta: dict[str, Any]) -> str:
    """The name of a run's suite; its domain's where the run was given tasks and no suite."""
    suite = (meta.get("about") or {}).get("suite")
    return str(suite["name"] if suite else meta["domain"])


def runs_in(root: Path) -> Iterator[Path]:
    """The run directories directly in a directory, by name, which is by time.

    Raises:
        JournalError: there is no such directory.
    """
    if not root.is_dir():
        raise JournalError(f"{root} is no directory; runs are made in results unless --out says otherwise")
    return (path for path in sorted(root.iterdir()) if (path / FILE_NAME).is_file())


def check_run(directory: Path) -> None:
    """Looks whether there is a run to be removed.

    Raises:
        JournalError: it is no run directory.
    """
    if not (directory / FILE_NAME).is_file():
        raise JournalError(f"{directory} is no run directory: it holds no {FILE_NAME}; nothing was removed")


def remove(directory: Path) -> None:
    """Removes a run directory with all that it holds.

    Raises:
        JournalError: it is no run directory.
        RunInUse: a process writes it.
    """
    check_run(directory)
    writer = writer_of(directory)
    if writer is not None:
        raise RunInUse(f"{directory} is being written by {writer}; stop that first")
    shutil.rmtree(directory)
