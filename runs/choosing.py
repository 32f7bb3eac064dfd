"""Which tasks of a suite are taken, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from hashlib import blake2b

from ..domains.protocol import Task
from ..search.errors import UnknownName

SHOWN = 5  # ids that an error names


def chosen(
    tasks: Sequence[Task], ids: Sequence[str] = (), shuffle: int | None = None, limit: int | None = None
) -> list[Task]:
    """The tasks of these ids, in another order, and of those the first.

    Args:
        tasks: to choose from.
        ids: which, in the order given; none for all.
        shuffle: the seed of a random order, which depends on it and the ids alone; None keeps the order.
        limit: how many; None for all.

    Raises:
        UnknownName: no task has that id; the message gives the nearest one.
    """
    taken = list(tasks)
    if ids:
        by_id = {task.id: task for task in tasks}
        for name in ids:
            if name not in by_id:
                near = get_close_matches(name, by_id, SHOWN) or list(by_id)[:SHOWN]
                raise UnknownName(f"{len(by_id):,} tasks", name, [*near, *(["..."] if len(near) < len(by_id) else [])])
        taken = [by_id[name] for name in dict.fromkeys(ids)]
    if shuffle is not None:
        taken.sort(key=lambda task: blake2b(f"{shuffle}\0{task.id}".encode()).digest())
    return taken[:limit]
