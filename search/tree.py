"""The tree of one task as its user sees it: text, states and answers beside the forest's statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from ..mcts.drawing import draw, label
from .errors import MissingPart
from .picture import picture

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

ROOT = 0
NO_PARENT = -1


@dataclass(slots=True)
class Node:
    """One node; `id` is its index in `Tree.nodes`.

    Attributes:
        text: the proposal that led here; the task's text at the root.
        prior: the policy's probability of it among its siblings.
        kind: what the operator that made this node makes: "step", "advice", "checks"; "root" at the root.
        reward: what the domain paid for the step; None where only the grader could tell.
        checked: what the domain's visible checks said the state is worth, where they could tell before the end.
        value: the value model's estimate, once it has scored the state; `checked`, where there is no estimate.
        visits, q: completed visits, and the mean (or max) return through this node.
        multiplicity: how many proposals led to this same state.
        answer: the final answer, where this node ends the task with one.
        failure: why this node could not be expanded or scored; None when all went well.
        actions: the domain's actions from the parent's state to this one.
        acts: whether what is made below starts from this node's state; else from that of the nearest node above that
            acts (advice, reviews, attempts that are worked on further).
        parents: further nodes that this one was made from, in the order in which its operator was shown them.
        parts: what the value was made of, where the value model said: steps, members, metrics, by name.
        measures: what the domain's visible checks counted, by name.
        recalled: keys of the remembered cases that the operator was shown (`Recall`).
        state: the domain's state; dropped when the task is finished, and never kept where the domain replays.
    """

    id: int
    parent: int
    depth: int
    text: str
    kind: str = "step"
    prior: float = 1.0
    reward: float | None = 0.0
    terminated: bool = False
    truncated: bool = False
    answer: str | None = None
    multiplicity: int = 1
    checked: float | None = None
    value: float | None = None
    feedback: str | None = None
    failure: str | None = None
    visits: int = 0
    q: float = 0.0
    children: list[int] = field(default_factory=list)
    actions: tuple[Any, ...] = ()
    acts: bool = True
    parents: tuple[int, ...] = ()
    parts: Mapping[str, float] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    recalled: tuple[str, ...] = ()
    state: Any = None

    @property
    def ended(self) -> bool:
        """Whether the task ends here, by the domain or by a limit."""
        return self.terminated or self.truncated

    @property
    def paid(self) -> bool:
        """Whether the domain itself said what this node is worth: by the reward of an end, or by its visible checks."""
        return (self.terminated and self.reward is not None) or self.checked is not None

    @property
    def worth(self) -> float:
        """How good this node is as an end: the domain's reward, else the value model's estimate, else 0."""
        if self.terminated and self.reward is not None:
            return self.reward
        return 0.0 if self.value is None else self.value


@dataclass(slots=True)
class Tree:
    """All nodes of one task's search; the root is `nodes[0]`."""

    nodes: list[Node]

    @classmethod
    def planted(cls, text: str, state: Any) -> Tree:
        """A tree of one node."""
        return cls([Node(ROOT, NO_PARENT, 0, text, "root", state=state)])

    def grow(self, parent: int, text: str, **fields: Any) -> Node:
        """Adds one child and returns it."""
        node = Node(len(self.nodes), parent, self.nodes[parent].depth + 1, text, **fields)
        self.nodes.append(node)
        self.nodes[parent].children.append(node.id)
        return node

    def path(self, node: int) -> list[Node]:
        """The nodes from the root to `node`, both included."""
        nodes = []
        while node != NO_PARENT:
            nodes.append(self.nodes[node])
            node = self.nodes[node].parent
        return nodes[::-1]

    def base(self, node: int) -> int:
        """The nearest node that acts, from `node` up: where work below `node` starts."""
        while not self.nodes[node].acts:
            node = self.nodes[node].parent
        return node

    def of_kind(self, *kinds: str) -> list[Node]:
        """The nodes of these kinds that did not fail, in the order in which they were made."""
        return [node for node in self.nodes if node.kind in kinds and node.failure is None]

    def ends(self) -> Iterator[Node]:
        """The nodes that came to an answer, in the order in which they were made."""
        return (node for node in self.nodes if node.answer is not None)

    def render(self, depth: int | None = None, width: int = 6, mark: int | None = None) -> str:
        """Draws the tree as text.

        Args:
            depth: levels below the root to draw; None draws all.
            width: children of one node to draw, the most visited first; the rest is counted.
            mark: a node whose path from the root is starred.
        """
        starred = set() if mark is None else {node.id for node in self.path(mark)}

        def children(node: Node) -> tuple[list[Node], list[Node]]:
            # Starred children first, so that the path to the answer is drawn whatever the width.
            order = sorted(node.children, key=lambda child: (child not in starred, -self.nodes[child].visits, child))
            nodes = [self.nodes[child] for child in order]
            return nodes[:width], nodes[width:]

        return draw(
            self.nodes[ROOT],
            line=lambda node: f"{'* ' if node.id in starred else ''}{_line(node)}",
            children=children,
            visits=lambda node: node.visits,
            depth=depth,
        )

    def _repr_svg_(self) -> str:
        """How a notebook shows the tree."""
        return picture(self)

    def to_dataframe(self) -> pd.DataFrame:
        """The tree as a pandas table, a row a node, indexed by its id; columns are what `to_networkx` gives.

        Raises:
            MissingPart: pandas is not installed.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError:
            raise MissingPart("to_dataframe needs the package pandas: pip install pandas") from None
        index = pd.Index([node.id for node in self.nodes], name="id")
        return pd.DataFrame([_facts(node) for node in self.nodes], index=index)

    def to_networkx(self) -> nx.DiGraph:
        """The tree as a directed graph from parent to child; node attributes are the fields of `Node`.

        Left out are `id`, `children`, `actions` and `state`. An edge from another node that a node was made from has
        the attribute `provenance`.
        """
        import networkx as nx  # here, not above: a search needs no graphs

        graph = nx.DiGraph()
        for node in self.nodes:
            graph.add_node(node.id, **_facts(node))
            if node.parent != NO_PARENT:
                graph.add_edge(node.parent, node.id)
        for node in self.nodes:
            for source in node.parents:
                if not graph.has_edge(source, node.id):
                    graph.add_edge(source, node.id, provenance=True)
        return graph


_FACTS = [field.name for field in fields(Node) if field.name not in ("id", "children", "actions", "state")]


def _facts(node: Node) -> dict[str, Any]:
    return {name: getattr(node, name) for name in _FACTS}


def _line(node: Node) -> str:
    parts = [f"n={node.visits}", f"q={node.q:.3f}"]
    if node.parent != NO_PARENT:
        parts.append(f"p={node.prior:.3f}")
    if node.value is not None:
        parts.append(f"v={node.value:.3f}")
    if node.answer is not None:
        parts.append(f"answer={label(node.answer)} reward={'?' if node.reward is None else f'{node.reward:g}'}")
    if node.failure is not None:
        parts.append(f"failed: {label(node.failure)}")
    kind = "" if node.kind in ("root", "step") else f"{node.kind}: "
    return f"{kind}{label(node.text)}  [{' '.join(parts)}]"
