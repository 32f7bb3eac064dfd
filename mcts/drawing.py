"""Trees as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from .family import Family
from .fields import COMPLETE, EXHAUSTED, PROVEN, TERMINAL
from .records import Snapshot

Item = TypeVar("Item")

_WIDEST_LABEL = 72
_WORDS = {TERMINAL: "terminal", PROVEN: "proven", EXHAUSTED: "exhausted", COMPLETE: "complete"}


def draw(
    root: Item,
    *,
    line: Callable[[Item], str],
    children: Callable[[Item], tuple[Sequence[Item], Sequence[Item]]],
    visits: Callable[[Item], int],
    depth: int | None,
) -> str:
    """A tree of anything, a line a node, with branches before it.

    Args:
        root: of the tree.
        line: the text of a node.
        children: of a node: those to draw, and those to count only.
        visits: of a node, to be summed for those that are only counted.
        depth: levels below the root to draw; None draws all.
    """
    lines: list[str] = []
    # What is left to do, the next thing last: a line as it is, or a node with what stands before it and its children.
    todo: list[str | tuple[Item, str, str, int]] = [(root, "", "", 0)]
    while todo:
        task = todo.pop()
        if isinstance(task, str):
            lines.append(task)
            continue
        node, before, below, level = task
        lines.append(before + line(node))
        shown, hidden = children(node)
        if depth is not None and level >= depth:
            if shown or hidden:
                lines.append(f"{below}└─ ({len(shown) + len(hidden)} below)")
            continue
        if hidden:
            todo.append(f"{below}└─ ({len(hidden)} more, {sum(map(visits, hidden))} visits)")
        for position in range(len(shown) - 1, -1, -1):
            last = position == len(shown) - 1 and not hidden
            branch, gap = ("└─ ", "   ") if last else ("├─ ", "│  ")
            todo.append((shown[position], below + branch, below + gap, level + 1))
    return "\n".join(lines)


def label(text: str) -> str:
    """A text on one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= _WIDEST_LABEL else text[: _WIDEST_LABEL - 1] + "…"


def render(
    snapshot: Snapshot,
    labels: Mapping[int, str] | None = None,
    *,
    max_depth: int | None = None,
    min_visits: int = 0,
    width: int | None = None,
) -> str:
    """Draws a snapshot as text: visits n, Q, prior p, reward r where there is one, value v where one was given, flags.

    Args:
        snapshot: of the tree.
        labels: a text by node id; nodes without one are shown by their id.
        max_depth: levels below the root to draw; None draws all.
        min_visits: completed visits that a node must have to be drawn.
        width: children of one node to draw; None draws all. The most visited come first.

    What is not drawn is counted. A link shows which node it stands for; what is below that node is drawn there.

    Raises:
        InvalidInput: a parent or a target that is the node of no row.
    """
    family = Family(snapshot)
    visits = snapshot.visits.tolist()

    def children(row: int) -> tuple[list[int], list[int]]:
        rows = sorted(family.children(row).tolist(), key=lambda child: -visits[child])
        shown = [child for child in rows if visits[child] >= min_visits][:width]
        return shown, rows[len(shown) :]

    def line(row: int) -> str:
        node = int(snapshot.node[row])
        text = str(node) if labels is None or node not in labels else label(labels[node])
        return f"{text}  [{' '.join(_facts(snapshot, row))}]"

    return draw(0, line=line, children=children, visits=visits.__getitem__, depth=max_depth)


def _facts(snapshot: Snapshot, row: int) -> list[str]:
    facts = [f"n={snapshot.visits[row]}", f"q={snapshot.q[row]:.3f}"]
    if snapshot.parent[row] >= 0:
        facts.append(f"p={snapshot.prior[row]:.3f}")
    if snapshot.reward[row]:
        facts.append(f"r={snapshot.reward[row]:.3f}")
    if not np.isnan(snapshot.raw[row]):
        facts.append(f"v={snapshot.raw[row]:.3f}")
    if snapshot.in_flight[row]:
        facts.append(f"in_flight={snapshot.in_flight[row]}")
    if snapshot.target[row] >= 0:
        facts.append(f"link={snapshot.target[row]}")
    return facts + [word for flag, word in _WORDS.items() if snapshot.flags[row] & flag]
