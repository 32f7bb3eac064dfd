"""A tree as columns of plain data, one entry a node: what the page draws without asking for each node."""

from __future__ import annotations

from typing import Any

from ...mcts.drawing import label
from ...search import Node, Tree
from .life import Life

ENDED, ANSWERS, FAILED, CUT = 1, 2, 4, 8


def columns(tree: Tree, answer: int | None) -> dict[str, Any]:
    """The tree's nodes by their ids.

    `q` is None where a node was never visited, since the forest then holds what was only hoped of it. `flags` are sums
    of ENDED (the task ends there), ANSWERS (it came to an answer), FAILED and CUT (a limit ended it).

    Args:
        tree: to be shown.
        answer: the answer's node.
    """
    nodes = tree.nodes
    kinds = list(dict.fromkeys(node.kind for node in nodes))
    return {
        "parent": [node.parent for node in nodes],
        "text": [label(node.text) for node in nodes],
        "visits": [node.visits for node in nodes],
        "q": [round(node.q, 4) if node.visits else None for node in nodes],
        "value": [None if node.value is None else round(node.value, 4) for node in nodes],
        "reward": [node.reward for node in nodes],
        "prior": [round(node.prior, 4) for node in nodes],
        "kind": [kinds.index(node.kind) for node in nodes],
        "kinds": kinds,
        "flags": [_flags(node) for node in nodes],
        "answer": answer,
        "principal": [node.id for node in principal(tree)],
    }


def principal(tree: Tree) -> list[Node]:
    """The path that the search itself preferred: from the root on, the most visited child; of equals the highest q."""
    path = [tree.nodes[0]]
    while path[-1].children:
        children = [tree.nodes[child] for child in path[-1].children]
        path.append(max(children, key=lambda node: (node.visits, node.q, -node.id)))
        if path[-1].visits == 0:
            return path[:-1]
    return path


def life_columns(life: Life) -> dict[str, Any]:
    """A tree's life by its steps, nodes and visits."""
    return {
        "seconds": [round(at, 3) for at in life.seconds],
        "born": life.born,
        "step": [step for step, _, _ in life.visits],
        "node": [node for _, node, _ in life.visits],
        "value": [round(value, 4) for _, _, value in life.visits],
    }


def same_growth(tree: Tree, other: Tree) -> bool:
    """Whether two trees have the same nodes below the same parents, visited as often."""

    def facts(grown: Tree) -> list[tuple[int, str, int]]:
        return [(node.parent, node.text, node.visits) for node in grown.nodes]

    return facts(tree) == facts(other)


def _flags(node: Node) -> int:
    return (
        ENDED * node.ended
        + ANSWERS * (node.answer is not None)
        + FAILED * (node.failure is not None)
        + CUT * node.truncated
    )
