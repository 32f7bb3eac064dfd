"""A tree as a picture: SVG that needs nothing beside itself, for notebooks and reports."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tree import Node, Tree

COLUMN, ROW, MARGIN = 190, 24, 14  # pixels
LETTERS = 24  # of a text in a column
PALE, DEEP = (188, 197, 207), (10, 61, 117)
MARKED, FAILED, INK, SOFT, LINE = "#e8710a", "#b3261e", "#1d2630", "#5c6875", "#c3cad3"


def picture(tree: Tree, mark: int | None = None, most: int = 60) -> str:
    """Draws a tree as SVG: depth to the right, deeper blue for a higher q, larger for more visits.

    Args:
        tree: to be drawn.
        mark: a node whose path from the root is drawn in orange, whatever else is left out.
        most: nodes to draw at most, beside the marked ones; the most visited first, each below its parent. How many are
            left out is said where they would be.
    """
    marked = {node.id for node in tree.path(mark)} if mark is not None else set()
    drawn = _chosen(tree, marked, most)
    places = _places(tree, drawn)
    nodes = [tree.nodes[node] for node in sorted(drawn)]
    low = min([0.0, *(node.q for node in nodes if node.visits)])
    high = max([1.0, *(node.q for node in nodes if node.visits)])
    width = (max(x for x, _ in places.values()) + 1) * COLUMN + 2 * MARGIN + 60
    height = (max(y for _, y in places.values()) + 1) * ROW + 2 * MARGIN
    at = {node: (MARGIN + x * COLUMN, MARGIN + ROW / 2 + y * ROW) for node, (x, y) in places.items()}
    # Marked edges last, on top of the others.
    upwards = sorted((node for node in nodes if node.parent in drawn), key=lambda node: node.id in marked)
    edges = [_edge(at[node.parent], at[node.id], marked=node.id in marked) for node in upwards]
    dots = [
        _dot(tree, node, at[node.id], shade=(node.q - low) / (high - low), left_out=_left_out(node, drawn), drawn=drawn)
        for node in nodes
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="system-ui, sans-serif" font-size="12" role="img" '
        f'aria-label="A tree of {len(tree.nodes)} nodes, {len(drawn)} of them drawn">'
        f'<g fill="none">{"".join(edges)}</g>{"".join(dots)}</svg>'
    )


def _chosen(tree: Tree, marked: set[int], most: int) -> set[int]:
    """The nodes to draw: each has its parent among them."""
    drawn = set(marked) | {0}
    nodes = tree.nodes
    waiting: list[tuple[int, int]] = []

    def offer(parent: int) -> None:
        for child in nodes[parent].children:
            heapq.heappush(waiting, (-nodes[child].visits, child))

    for node in sorted(drawn):
        offer(node)
    while waiting and len(drawn) < most + len(marked):
        _, node = heapq.heappop(waiting)
        if node not in drawn:
            drawn.add(node)
            offer(node)
    return drawn


def _places(tree: Tree, drawn: set[int]) -> dict[int, tuple[float, float]]:
    """Column and row of each node: leaves below each other, a parent in the middle of its children."""
    rows: dict[int, float] = {}
    order: list[int] = []
    todo = [0]
    leaves = 0
    while todo:
        node = todo.pop()
        order.append(node)
        below = _below(tree.nodes[node], drawn)
        todo += reversed(below)
        if not below:
            rows[node] = leaves
            leaves += 1
    for node in reversed(order):
        below = _below(tree.nodes[node], drawn)
        if below:
            rows[node] = (rows[below[0]] + rows[below[-1]]) / 2
    return {node: (tree.nodes[node].depth, rows[node]) for node in order}


def _below(node: Node, drawn: set[int]) -> Sequence[int]:
    return [child for child in node.children if child in drawn]


def _left_out(node: Node, drawn: set[int]) -> int:
    return sum(child not in drawn for child in node.children)


def _edge(above: tuple[float, float], below: tuple[float, float], *, marked: bool) -> str:
    (x0, y0), (x1, y1) = above, below
    bend = x1 - 50
    style = f'stroke="{MARKED}" stroke-width="2.5"' if marked else f'stroke="{LINE}"'
    curve = f"M{x0:.0f} {y0:.1f}H{bend:.0f}C{x1 - 20:.0f} {y0:.1f} {bend:.0f} {y1:.1f} {x1:.0f} {y1:.1f}"
    return f'<path d="{curve}" {style}/>'


def _dot(tree: Tree, node: Node, at: tuple[float, float], *, shade: float, left_out: int, drawn: set[int]) -> str:
    x, y = at
    text = " ".join(node.text.split()) or "(empty)"
    shown = text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"
    radius = 3 + 3 * min(1.0, node.visits / max(1, tree.nodes[0].visits)) ** 0.5
    colour = _mixed(shade) if node.visits else "#fff"
    edge = FAILED if node.failure is not None else MARKED if node.answer is not None else SOFT
    facts = f"{text}\nvisits {node.visits}" + (f", q {node.q:.3f}" if node.visits else "")
    facts += "" if node.value is None else f", value {node.value:.3f}"
    facts += "" if node.answer is None else f"\nanswer: {node.answer}"
    facts += "" if node.failure is None else f"\nfailed: {node.failure}"
    more = f'<tspan fill="{SOFT}"> +{left_out}</tspan>' if left_out else ""
    # Beside an edge that goes on to the right, a text stands on it.
    lifted = -4 if _below(node, drawn) else 4
    ink = INK if node.visits else SOFT
    return (
        f"<g><title>{escape(facts)}</title>"
        f'<circle cx="{x:.0f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" stroke="{edge}"/>'
        f'<text x="{x + 10:.0f}" y="{y + lifted:.1f}" fill="{ink}">{escape(shown)}{more}</text></g>'
    )


def _mixed(shade: float) -> str:
    part = min(1.0, max(0.0, shade))
    return "#" + "".join(f"{round(pale + (deep - pale) * part):02x}" for pale, deep in zip(PALE, DEEP, strict=True))
