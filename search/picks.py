"""Picks: which nodes a stage works on, and which others its operator is shown."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .similarity import similarities
from .tree import ROOT, Node, Tree

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Picked:
    """One piece of a stage's work: the node to be worked on, and the nodes to show beside it, in this order.

    `kinds` leaves out the stage's operators that make nodes of other kinds; none named, all work on it.
    """

    node: int
    shown: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()


class Pick(Protocol):
    """Picks a stage's work from the tree as it stands when the stage begins."""

    def pick(self, tree: Tree, since: int, rng: random.Random) -> list[Picked]:
        """The work, in the order in which it is handed out.

        Args:
            tree: the tree.
            since: the first node that the stage before this one made.
            rng: depends on the search's seed, the task and the stage's number.
        """
        ...


@dataclass(frozen=True, slots=True)
class Root:
    """The root, with nodes of some kinds shown.

    Attributes:
        shows: their kinds; none shows nothing.
        last: show only what the stage before made.
        keep: show at most so many, those of the highest worth, in the order in which they were made.
        newest: show at most so many, those made last.
    """

    shows: tuple[str, ...] = ()
    last: bool = False
    keep: int | None = None
    newest: int | None = None

    def pick(self, tree: Tree, since: int, rng: random.Random) -> list[Picked]:  # noqa: ARG002
        """The root, once."""
        nodes = [node for node in tree.of_kind(*self.shows) if not self.last or node.id >= since]
        if self.keep is not None:
            nodes = sorted(best(nodes, self.keep), key=lambda node: node.id)
        if self.newest is not None:
            nodes = nodes[-self.newest :]
        return [Picked(ROOT, tuple(node.id for node in nodes))]


@dataclass(frozen=True, slots=True)
class Each:
    """Each node of some kinds on which work may go on, with itself and the texts and attempts above it shown.

    Attributes:
        kinds: the nodes' kinds.
        fresh: leave out those that have children, rulings apart.
        approved: a kind of rulings; leave out those that none, or not all of their rulings of that kind approve.
        last: only what the stage before made.
        keep: the so many of the highest worth; None takes all.
        below: only nodes worth less than this.
        least: only nodes worth at least this.
        nearest: show only the so many nearest, the node itself counted.
        history: show also those above it that act: attempts that others were to better.
    """

    kinds: tuple[str, ...]
    fresh: bool = False
    approved: str = ""
    last: bool = False
    keep: int | None = None
    below: float | None = None
    least: float | None = None
    nearest: int | None = None
    history: bool = False

    def pick(self, tree: Tree, since: int, rng: random.Random) -> list[Picked]:  # noqa: ARG002
        """The nodes, in the order in which they were made."""
        nodes = [
            node
            for node in open_nodes(tree, self.kinds)
            if (not self.fresh or all(tree.nodes[child].kind == self.approved for child in node.children))
            and (not self.last or node.id >= since)
            and (not self.approved or approved(tree, node, self.approved))
            and (self.below is None or node.worth < self.below)
            and (self.least is None or node.worth >= self.least)
        ]
        if self.keep is not None:
            nodes = sorted(best(nodes, self.keep), key=lambda node: node.id)
        return [Picked(node.id, above(tree, node.id, self.history)[-(self.nearest or 0) :]) for node in nodes]


@dataclass(frozen=True, slots=True)
class Population:
    """Nodes of the whole tree to be bettered or combined: an elite by worth, then the ones most unlike what is taken.

    Attributes:
        kinds: the individuals' kinds.
        elites: those of the highest worth.
        diverse: further ones, each the least alike to all taken so far (by the highest cosine to one of them).
        partners: individuals that each is shown beside itself, the least alike first (1 for a crossover).
    """

    kinds: tuple[str, ...]
    elites: int = 2
    diverse: int = 0
    partners: int = 0

    def pick(self, tree: Tree, since: int, rng: random.Random) -> list[Picked]:  # noqa: ARG002
        """The elite by worth, then the others; nothing where an individual lacks partners."""
        everyone = open_nodes(tree, self.kinds)
        if len(everyone) <= self.partners:
            return []
        alike = similarities([node.text for node in everyone])
        ranked = sorted(range(len(everyone)), key=lambda i: (-everyone[i].worth, everyone[i].id))
        taken = ranked[: self.elites]
        for _ in range(min(self.diverse, len(everyone) - len(taken))):
            left = [i for i in ranked if i not in taken]
            taken.append(min(left, key=lambda i: max((float(alike[i, j]) for j in taken), default=0.0)))
        picked = []
        for i in taken:
            others = sorted((j for j in ranked if j != i), key=lambda j: float(alike[i, j]))[: self.partners]
            picked.append(Picked(everyone[i].id, (everyone[i].id, *(everyone[j].id for j in others))))
        return picked


@dataclass(frozen=True, slots=True)
class Mixed:
    """One node drawn by a uniform and a softmax part, with others shown (AgentSwift, Li et al. 2025; AFlow's is alike).

    P(i) = mix / n + (1 - mix) softmax_i(alpha ((1 - beta) s_i + beta u_i - s_max)), where s_i is the node's checked
    value, u_i = |s_i - p_i| how far the value model's estimate p_i of the design above it was from that, and s_max the
    highest s. A node without an estimate has u_i = 0.

    Attributes:
        kinds: the nodes' kinds.
        alpha, beta, mix: as above.
        partners: others shown after it, those of the highest worth first.
    """

    kinds: tuple[str, ...]
    alpha: float = 0.2
    beta: float = 0.3
    mix: float = 0.3
    partners: int = 0

    def pick(self, tree: Tree, since: int, rng: random.Random) -> list[Picked]:  # noqa: ARG002
        """The node drawn."""
        nodes = open_nodes(tree, self.kinds)
        if not nodes:
            return []
        (drawn,) = rng.choices(nodes, self.probabilities(tree, nodes))
        others = best([node for node in nodes if node is not drawn], self.partners)
        return [Picked(drawn.id, (drawn.id, *(node.id for node in others)))]

    def probabilities(self, tree: Tree, nodes: Sequence[Node]) -> list[float]:
        """P(i) of each node; they add up to 1."""
        highest = max(node.worth for node in nodes)
        urges = []
        for node in nodes:
            predicted = tree.nodes[node.parent].value
            surprise = 0.0 if predicted is None else abs(node.worth - predicted)
            urges.append(self.alpha * ((1 - self.beta) * node.worth + self.beta * surprise - highest))
        total = math.fsum(map(math.exp, urges))
        return [self.mix / len(nodes) + (1 - self.mix) * math.exp(urge) / total for urge in urges]


@dataclass(frozen=True, slots=True)
class Layer:
    """The root, with the newest layer of answers shown (DyLAN, Liu et al. 2024).

    Where the stage before made a ranking of that layer, only the answers that it names are shown, and only the roles
    that gave them go on.

    Attributes:
        kinds: the roles' kinds.
        ranking: the kind of rankings, which name answers by their numbers, the best first.
        keep: answers kept after a ranking.
    """

    kinds: tuple[str, ...]
    ranking: str = ""
    keep: int = 2

    def pick(self, tree: Tree, since: int, rng: random.Random) -> list[Picked]:  # noqa: ARG002
        """The root, once."""
        layer = newest_layer(tree, self.kinds)
        rankings = [node for node in tree.of_kind(self.ranking) if node.id >= since]
        if not rankings:
            return [Picked(ROOT, tuple(node.id for node in layer))]
        named = [int(figure) - 1 for figure in re.findall(r"\d+", rankings[-1].text)]
        chosen = [layer[i] for i in dict.fromkeys(named) if 0 <= i < len(layer)][: self.keep] or layer
        kinds = tuple(node.kind for node in chosen)
        return [Picked(ROOT, tuple(sorted(node.id for node in chosen)), kinds)]


@dataclass(frozen=True, slots=True)
class Finalists:
    """The root, with the ends to choose among shown, one for each answer, and what was said of them after that.

    Attributes:
        count: ends at most, those of the highest worth, shown in the order in which they were made.
        heard: kinds of nodes whose newest ones, by the stage before, are shown as well.
    """

    count: int = 5
    heard: tuple[str, ...] = ()

    def pick(self, tree: Tree, since: int, rng: random.Random) -> list[Picked]:  # noqa: ARG002
        """The root, once; nothing where there are not two answers to choose from."""
        by_answer: dict[str | None, Node] = {}
        for node in best(list(tree.ends()), len(tree.nodes)):
            by_answer.setdefault(node.answer, node)
        ends = sorted(list(by_answer.values())[: self.count], key=lambda node: node.id)
        said = [node for node in tree.of_kind(*self.heard) if node.id >= since]
        return [Picked(ROOT, tuple(node.id for node in (*ends, *said)))] if len(ends) > 1 else []


def newest_layer(tree: Tree, kinds: Sequence[str]) -> list[Node]:
    """The last of the layers of these kinds; a node stands one layer above the highest that it was made from."""
    layers: dict[int, int] = {}
    nodes = tree.of_kind(*kinds)
    for node in nodes:
        layers[node.id] = 1 + max((layers[source] for source in node.parents if source in layers), default=0)
    return [node for node in nodes if layers[node.id] == max(layers.values())]


def open_nodes(tree: Tree, kinds: Sequence[str]) -> list[Node]:
    """The nodes of these kinds on which work may go on."""
    return [node for node in tree.of_kind(*kinds) if not node.ended]


def best(nodes: Sequence[Node], count: int) -> list[Node]:
    """The `count` nodes of the highest worth, best first; of equal ones the first made."""
    return sorted(nodes, key=lambda node: (-node.worth, node.id))[:count]


def above(tree: Tree, node: int, acting: bool = False) -> tuple[int, ...]:
    """The nodes on the way from below the root to `node`, `node` included, that do not act; or all of them."""
    return tuple(step.id for step in tree.path(node)[1:] if acting or not step.acts)


def approved(tree: Tree, node: Node, by: str) -> bool:
    """Whether a node has a child of kind `by`, and each such child names nothing but ones: "1 1 1 1"."""
    rulings = [tree.nodes[child] for child in node.children if tree.nodes[child].kind == by]
    return bool(rulings) and all(set(_DIGIT.findall(ruling.text)) == {"1"} for ruling in rulings)
