"""Importance of agents in a layered debate (DyLAN, Liu et al. 2024), for choosing a team."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from .picks import newest_layer
from .tree import Tree

_RATINGS = re.compile(r"ratings?\W*((?:[1-5][^\w\n]+)*[1-5])\b", re.IGNORECASE)


def ratings(text: str, count: int) -> list[float]:
    """How an answer rates the `count` answers that it was shown, normalised to sum 1; equal where it does not say.

    It is read from words such as "Ratings: 5 3 1 1", a figure from 1 to 5 for each in their order.
    """
    found = _RATINGS.search(text)
    figures = [int(digit) for digit in re.findall(r"[1-5]", found[1])] if found else []
    if len(figures) != count:
        figures = [1] * count
    return [figure / sum(figures) for figure in figures]


def importance(tree: Tree, agents: Sequence[str], answer: str | None) -> dict[str, float]:
    """The importance of each agent, by the kind of its nodes; they add up to the number of layers that led to `answer`.

    In the last layer the nodes that gave the answer share 1 equally. Before it, I(node) = sum over the nodes of the
    next layer that were shown it of w I(next), where w is the rating that they gave it. An agent's importance is the
    sum over its nodes.
    """
    nodes = tree.of_kind(*agents)
    last = [node for node in newest_layer(tree, agents) if node.answer == answer]
    scores: defaultdict[int, float] = defaultdict(float, {node.id: 1 / len(last) for node in last})
    for node in reversed(nodes):
        sources = [source for source in node.parents if tree.nodes[source].kind in agents]
        for source, weight in zip(sources, ratings(node.text, len(sources)), strict=True):
            scores[source] += weight * scores[node.id]
    return {agent: sum(scores[node.id] for node in nodes if node.kind == agent) for agent in agents}
