"""Which end of a finished tree is the answer."""

from __future__ import annotations

from collections import defaultdict
from typing import Literal

from .tree import Node, Tree

Answer = Literal["best", "vote"]


def choose(tree: Tree, answer: Answer) -> Node | None:
    """The node whose answer is given; None where no path came to an answer.

    - "best": the end of the highest worth (the domain's reward, else the value model's estimate).
    - "vote": the answer that most proposals came to (self-consistency, Wang et al. 2023), by its canonical form.
      The node is the best end with that answer.

    On ties the first one made is taken.
    """
    ends = list(tree.ends())
    if not ends:
        return None
    if answer == "vote":
        votes: defaultdict[str | None, int] = defaultdict(int)
        for node in ends:
            votes[node.answer] += node.multiplicity
        most = max(votes, key=lambda text: votes[text])
        ends = [node for node in ends if node.answer == most]
    return max(ends, key=lambda node: (node.worth, -node.id))
