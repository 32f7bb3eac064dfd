"""A search tree over pages, with a screenshot of each: an HTML page for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Protocol

from ..protocol import Task
from .domain import Web

_STYLE = (
    "body{font:14px sans-serif;margin:1em}ul{list-style:none;display:flex;gap:1em;padding:0;margin:.5em 0 0}"
    "li{border:1px solid #bbb;border-radius:4px;padding:.5em;background:#fff}img{display:block;border:1px solid #ddd}"
    ".best{border-color:#070;border-width:2px}code{white-space:pre-wrap}"
)


class TreeNode(Protocol):
    """What is read of a search's node; `treewright.search.Node` has it."""

    id: int
    parent: int
    text: str
    visits: int
    q: float
    children: list[int]
    terminated: bool


def write_album(
    domain: Web, task: Task, nodes: Sequence[TreeNode], directory: Path, *, best: int | None = None, most: int = 12
) -> Path:
    """Writes index.html into `directory` and gives its path, and beside it a PNG and the outline (.txt) of each page.

    A finished search keeps no pages, so each is had again, by the ways that a search goes back; their number is in
    `domain.counts`.

    Args:
        domain: built with pictures=True.
        task: the tree's.
        nodes: the tree's, the root first: `result.tree.nodes`.
        directory: made where it is absent.
        best: the node that gave the answer, `result.node`; it and those above it are marked, and shown in any case.
        most: pages; of all nodes the most visited ones.

    Raises:
        ValueError: the domain keeps no pictures.
        PageFailed, Diverged: a page could not be had again.
    """
    if not domain.keeps_pictures:
        raise ValueError("the domain keeps no pictures; build it with pictures=True")
    marked: list[int] = []
    while best is not None and best >= 0:
        marked.append(best)
        best = nodes[best].parent
    chosen = {0, *marked}
    for node in sorted(nodes, key=lambda node: (-node.visits, node.id)):
        if len(chosen) < most and node.parent in chosen:
            chosen.add(node.id)
    directory.mkdir(parents=True, exist_ok=True)
    states = {0: domain.reset(task)}
    for node in nodes:
        if node.id in chosen and node.id != 0:
            state = states[node.parent]
            # An end is shown by no page of its own, and what it does may be what nothing can undo.
            for action in () if node.terminated else domain.parse(state, node.text):
                state = domain.step(state, action).state
            states[node.id] = state
    for number in sorted(chosen):
        picture = domain.see(states[number]).picture
        assert picture is not None
        if not nodes[number].terminated:
            (directory / f"{number}.png").write_bytes(picture)
            (directory / f"{number}.txt").write_text(domain.observe(states[number]).notes, encoding="utf-8")
    page = directory / "index.html"
    body = _written(0, nodes, chosen, frozenset(marked))
    page.write_text(
        f"<!doctype html><meta charset=utf-8><title>{escape(task.id)}</title><style>{_STYLE}</style><ul>{body}</ul>"
    )
    return page


def _written(number: int, nodes: Sequence[TreeNode], chosen: set[int], marked: frozenset[int]) -> str:
    node = nodes[number]
    image = "" if node.terminated else f'<img src="{number}.png" width="220">'
    below = "".join(_written(child, nodes, chosen, marked) for child in node.children if child in chosen)
    kind = ' class="best"' if number in marked else ""
    told = f"<code>{escape(node.text)}</code> n={node.visits} q={node.q:.2f}"
    return f"<li{kind}>{told}{image}<ul>{below}</ul></li>"
