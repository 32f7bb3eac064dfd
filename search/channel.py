"""The feedback channel: what an operator at one node is shown of others, fixed when its leaf is selected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from .shown import Source
from .tree import Node, Tree


class Channel(Protocol):
    """One kind of thing that is passed on.

    Attributes:
        judged: whether the value model is shown it too.
    """

    judged: ClassVar[bool]

    def sources(self, tree: Tree, node: int) -> tuple[Source, ...]:
        """What the operator at `node` is shown."""
        ...


@dataclass(frozen=True, slots=True)
class ToChild:
    """What the value model said of a node is shown to what is made below it (WebPilot's child reflection)."""

    judged: ClassVar[bool] = False

    def sources(self, tree: Tree, node: int) -> tuple[Source, ...]:
        """The node itself, where something was said of it."""
        said = tree.nodes[node].feedback
        return () if said is None else (Source(node, feedback=said),)


@dataclass(frozen=True, slots=True)
class ToSiblings:
    """What came of the children of a node is shown to its later ones (SWE-Search's hindsight feedback).

    Attributes:
        most: children that are shown, the newest.
        values: whether their values are told too.
    """

    judged: ClassVar[bool] = False

    most: int = 3
    values: bool = False

    def sources(self, tree: Tree, node: int) -> tuple[Source, ...]:
        """The children that there are, oldest first."""
        children = [tree.nodes[child] for child in tree.nodes[node].children if tree.nodes[child].acts]
        return tuple(
            Source(child.id, child.value if self.values else None, child.feedback) for child in children[-self.most :]
        )


@dataclass(frozen=True, slots=True)
class ToTree:
    """Nodes of a kind, wherever they stand, are shown to the whole tree (LATS's reflections).

    Attributes:
        kind: which.
        most: nodes that are shown, the newest.
    """

    judged: ClassVar[bool] = False

    kind: str
    most: int = 4

    def sources(self, tree: Tree, node: int) -> tuple[Source, ...]:  # noqa: ARG002
        """Nodes of the kind, oldest first."""
        return tuple(Source(shown.id) for shown in tree.of_kind(self.kind)[-self.most :])


@dataclass(frozen=True, slots=True)
class FromAbove:
    """The nearest node of a kind on the way from the root is shown: the plan under which work is done.

    Attributes:
        kind: which.
    """

    judged: ClassVar[bool] = True

    kind: str

    def sources(self, tree: Tree, node: int) -> tuple[Source, ...]:
        """The nearest one, the node itself included."""
        above = [shown for shown in tree.path(node) if shown.kind == self.kind]
        return (Source(above[-1].id),) if above else ()


@dataclass(frozen=True, slots=True)
class FromBelow:
    """A text of a kind that was written at a node is shown to what is made there later (WebPilot's simulation
    reflection).

    Attributes:
        kind: which; the newest one is shown.
    """

    judged: ClassVar[bool] = False

    kind: str

    def sources(self, tree: Tree, node: int) -> tuple[Source, ...]:
        """The node's newest child of the kind."""
        written = [child for child in tree.nodes[node].children if tree.nodes[child].kind == self.kind]
        return (Source(written[-1]),) if written else ()


def failed_ends(tree: Tree, most: int) -> list[Node]:
    """The first `most` ends that the domain paid 0, one an answer."""
    found: dict[str | None, Node] = {}
    for node in tree.nodes:
        if node.terminated and node.reward == 0:
            found.setdefault(node.answer, node)
    return list(found.values())[:most]
