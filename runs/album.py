"""Screenshots and outlines of a web task's pages, kept in the run directory for those who look at its tree."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from ..domains.web import Web, write_album
from ..search import RunReader
from ..search.errors import SearchError
from .kept import domain_name, domain_of, tasks_of

FOLDER = "album"


def album_of(run: Path, task: int) -> Path:
    """Where a task's album lies in a run directory: `album/TASK`, with NODE.png and NODE.txt.

    Args:
        run: the run directory.
        task: the task's number, from 0 in the order in which the tasks were given.
    """
    return run / FOLDER / str(task)


def picture(run: Path, task: int, node: int) -> Path | None:
    """A node's screenshot, if it was kept."""
    file = album_of(run, task) / f"{node}.png"
    return file if file.is_file() else None


def outline(run: Path, task: int, node: int) -> str | None:
    """The accessibility tree of a node's page, if it was kept."""
    file = album_of(run, task) / f"{node}.txt"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def make_album(run: Path, task: str, *, most: int = 12) -> Path:
    """Visits the pages of a finished task's tree again and keeps them; gives the path of an HTML page that shows them.

    Args:
        run: the run directory.
        task: the task's id.
        most: pages; of all nodes the most visited ones, and those on the way to the answer.

    Raises:
        SearchError: the run is of no web domain, or has no such task.
        DomainError: a page could not be had again.
    """
    reader = RunReader(run)
    result, meta = reader.result(task), reader.meta()
    if not isinstance(domain_of(meta), Web):
        raise SearchError(
            f"{run} is of the domain {domain_name(meta)!r}, which has no pages; an album is of a web domain's tasks"
        )
    given = tasks_of(reader)
    number = next(number for number, one in enumerate(given) if one.id == task)
    with closing(domain_of(meta, pictures=True)) as domain:
        place = album_of(run, number)
        return write_album(domain, given[number], result.tree.nodes, place, best=result.node, most=most)
