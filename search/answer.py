"""Which end of a finished tree is the answer."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from .picks import newest_layer
from .tree import Node, Tree

By = Literal["best", "vote", "weighted", "mean_path", "verdict"]

VERDICT = "verdict"

_NUMBER = re.compile(r"\d+")


class Chooser(Protocol):
    """A way to choose the answer of a recipe's own."""

    def choose(self, tree: Tree) -> Node | None:
        """The node whose answer is given; None for no answer."""
        ...


@dataclass(frozen=True, slots=True)
class Keep:
    """A filter of a cascade: keeps the ends whose measure is the lowest or highest, or at least `bound`.

    A filter that would leave nothing leaves all, and so does one whose measure no end has.

    Attributes:
        measure: a name in `Node.measures`, or "worth".
        which: "lowest", "highest", or "passing" (at least `bound`).
        bound: for "passing".
    """

    measure: str
    which: Literal["lowest", "highest", "passing"] = "highest"
    bound: float = 1.0

    def __post_init__(self) -> None:
        if self.which not in ("lowest", "highest", "passing"):
            raise ValueError(f"which is 'lowest', 'highest' or 'passing', not {self.which!r}")

    def of(self, ends: Sequence[Node]) -> list[Node]:
        """The ends that are kept, in their order."""
        known = [(node, figure) for node in ends if (figure := self._figure(node)) is not None]
        if not known:
            return list(ends)
        figures = [figure for _, figure in known]
        least = {"lowest": -math.inf, "highest": max(figures), "passing": self.bound}[self.which]
        most = min(figures) if self.which == "lowest" else math.inf
        return [node for node, figure in known if least <= figure <= most] or list(ends)

    def _figure(self, node: Node) -> float | None:
        return node.worth if self.measure == "worth" else node.measures.get(self.measure)


@dataclass(frozen=True, slots=True)
class Choice:
    """Chooses among the ends: by kind, through a cascade of filters, then by worth, votes or a verdict.

    On ties the first one made is taken.

    Attributes:
        by: "best": the end of the highest worth (the domain's reward, else the value model's estimate).
            "vote": the answer that most proposals came to (self-consistency, Wang et al. 2023), by its canonical form.
            "weighted": the answer of the highest sum of worth over the proposals that came to it (Li et al. 2023).
            "mean_path": the end whose way there is worth most on average, over its valued nodes.
            "verdict": the end that most nodes of kind "verdict" name by its number among what they were shown; by worth
            where there is no such verdict.
            The node given is the best end with the chosen answer.
        kinds: only ends of the first of these kinds that has any; none named, of all.
        layer: roles that were shown each other's answers; only ends of their newest layer.
        keep: filters, applied one after the other.
        top: only the so many of the highest worth, of those left, are chosen among.
    """

    by: By = "best"
    kinds: tuple[str, ...] = ()
    layer: tuple[str, ...] = ()
    keep: tuple[Keep, ...] = ()
    top: int | None = None

    def __post_init__(self) -> None:
        if self.by not in get_args(By):
            raise ValueError(f"by is one of {', '.join(map(repr, get_args(By)))}, not {self.by!r}")
        if self.top is not None and self.top < 1:
            raise ValueError(f"top is a number of ends and at least 1, not {self.top}")

    def choose(self, tree: Tree) -> Node | None:
        """The node whose answer is given; None where no path came to an answer."""
        ends = list(tree.ends())
        for kind in self.kinds:
            if of_kind := [node for node in ends if node.kind == kind]:
                ends = of_kind
                break
        if self.layer:
            newest = {node.id for node in newest_layer(tree, self.layer)}
            ends = [node for node in ends if node.id in newest]
        for keep in self.keep:
            ends = keep.of(ends)
        if self.top is not None:
            ends = sorted(sorted(ends, key=_badness)[: self.top], key=lambda node: node.id)
        if not ends:
            return None
        if self.by == "mean_path":
            return max(ends, key=lambda node: (_mean_worth(tree, node), -node.id))
        if self.by == "verdict":
            return _elected(tree, ends)
        return _most_voted(ends, self.by)


Answer = By | Chooser


def choose(tree: Tree, answer: Answer) -> Node | None:
    """The node whose answer is given, by a name of `Choice.by` or a chooser; None where no path came to an answer."""
    chooser = Choice(answer) if isinstance(answer, str) else answer
    return chooser.choose(tree)


def named(tree: Tree, verdict: Node) -> Node | None:
    """The node that a verdict names by its number among those it was shown, from 1; None where it names none."""
    found = _NUMBER.search(verdict.text)
    candidates = [tree.nodes[node] for node in verdict.parents if tree.nodes[node].answer is not None]
    if found is None or not 1 <= int(found[0]) <= len(candidates):
        return None
    return candidates[int(found[0]) - 1]


def _elected(tree: Tree, ends: Sequence[Node]) -> Node:
    votes: defaultdict[int, int] = defaultdict(int)
    among = {node.id for node in ends}
    for verdict in tree.of_kind(VERDICT):
        node = named(tree, verdict)
        if node is not None and node.id in among:
            votes[node.id] += verdict.multiplicity
    if not votes:
        return min(ends, key=_badness)
    return tree.nodes[min(votes, key=lambda node: (-votes[node], node))]


def _most_voted(ends: Sequence[Node], by: By) -> Node:
    if by in ("vote", "weighted"):
        votes: defaultdict[str | None, float] = defaultdict(float)
        for node in ends:
            votes[node.answer] += node.multiplicity * (1.0 if by == "vote" else node.worth)
        most = max(votes, key=lambda text: votes[text])
        ends = [node for node in ends if node.answer == most]
    return min(ends, key=_badness)


def _mean_worth(tree: Tree, end: Node) -> float:
    worths = [node.worth for node in tree.path(end.id) if node.value is not None or node.paid]
    return math.fsum(worths) / len(worths) if worths else 0.0


def _badness(node: Node) -> tuple[float, int]:
    return -node.worth, node.id
