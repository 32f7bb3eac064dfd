"""The trees of a run as the page asks for them, each read once as long as nothing is added to it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from ...search import RunReader, Tree
from .columns import columns, life_columns, same_growth
from .life import Growing
from .panel import panel

KEPT = 4  # trees that are held; the page shows one at a time


@dataclass(slots=True)
class Shown:
    """One task's tree.

    Attributes:
        tree: its nodes, those of the journal's table once the task has finished.
        answer: the answer's node, once it is chosen.
        finished: whether it will not grow any more.
        growing: its life; None as long as nobody asked for that of a finished tree.
    """

    tree: Tree
    answer: int | None
    finished: bool
    growing: Growing | None = None


class Trees:
    """Answers what the page asks about a run's tasks and their trees; several threads may ask.

    Args:
        reader: the run.
    """

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader
        self._shown: OrderedDict[str, Shown] = OrderedDict()
        self._rows: tuple[tuple[int, int, int], list[dict[str, Any]]] | None = None
        self._lock = threading.Lock()

    def rows(self) -> list[dict[str, Any]]:
        """The run's tasks, as `RunReader.overview` has them."""
        extent = self._reader.extent()
        known = self._rows
        if known is None or known[0] != extent:
            known = self._rows = extent, self._reader.overview()
        return known[1]

    def tree(self, row: dict[str, Any]) -> dict[str, Any]:
        """A task's tree as columns, by its row; of one that has not finished, as it is now."""
        with self._lock:
            shown = self._read(row)
            return columns(shown.tree, shown.answer) | {"finished": shown.finished}

    def life(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """The life of a task's tree; None where the journal does not tell it.

        It does not in a run of schema version 1, in one with gaps, or where a recipe makes children or backs values up
        in a way of its own.
        """
        with self._lock:
            shown = self._read(row)
            if shown.growing is None:
                shown.growing = Growing(self._reader, row["id"], row["text"])
                shown.growing.advance()
            if not same_growth(shown.growing.tree, shown.tree):
                return None
            return life_columns(shown.growing.life)

    def node(self, row: dict[str, Any], number: int) -> dict[str, Any] | None:
        """One node of a task's tree; None where there is none of this number."""
        with self._lock:
            tree = self._read(row).tree
            if not 0 <= number < len(tree.nodes):
                return None
            return panel(tree, tree.nodes[number], self._reader.events(row["id"], node=number))

    def find(self, row: dict[str, Any], text: str) -> list[int]:
        """The nodes whose text, answer, feedback or failure holds `text`, whatever its case."""
        wanted = text.casefold()
        with self._lock:
            nodes = self._read(row).tree.nodes
        fields = ((node.id, node.text, node.answer, node.feedback, node.failure) for node in nodes)
        return [number for number, *texts in fields if any(part and wanted in part.casefold() for part in texts)]

    def _read(self, row: dict[str, Any]) -> Shown:
        name, finished = row["id"], row["stopped"] is not None
        shown = self._shown.get(name)
        if shown is None or shown.finished != finished:
            shown = self._shown[name] = self._new(row, finished=finished)
        self._shown.move_to_end(name)
        if len(self._shown) > KEPT:
            self._shown.popitem(last=False)
        if not finished:
            assert shown.growing is not None
            shown.growing.advance()
        return shown

    def _new(self, row: dict[str, Any], *, finished: bool) -> Shown:
        if finished:
            return Shown(self._reader.result(row["id"]).tree, row["node"], finished=True)
        growing = Growing(self._reader, row["id"], row["text"])
        return Shown(growing.tree, None, finished=False, growing=growing)
