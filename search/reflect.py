"""Reflection: what a model learns from ways that failed, for the rest of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ..domains.protocol import Domain, Format, Observation, State, Step
from ..mcts import Forest
from ..value_models.protocols import Prompt
from .channel import failed_ends
from .expansion import Child, Expansion
from .live import LiveTree
from .operators import REFLECTION, Request, sampling_of, user_text
from .selection import Descent, Leaf, Selection, Way, reserved
from .shown import Source
from .tree import ROOT

_FORMAT = Format(("\n\n",), 160)


@dataclass(frozen=True, slots=True)
class Reflect:
    """Asks what went wrong in the attempt that the notes show; its answer is a node that is never worked on itself.

    Attributes:
        temperature: of the draw; 0 is greedy.
    """

    name: ClassVar[str] = "reflect"
    kind: ClassVar[str] = REFLECTION
    whole: ClassVar[bool] = False
    draws: ClassVar[bool] = True
    temperature: float = 0.0

    def request(self, observation: Observation, seed: int) -> Request:
        """Asks for one reflection."""
        system = (
            "The attempt below failed. Say in a few sentences why, and what another attempt should do differently. "
            "Write no solution."
        )
        sampling = sampling_of(_FORMAT, self.temperature, seed)
        return Request(Prompt(user_text(observation), system, "", sampling), 1)

    def children(
        self,
        domain: Domain,  # noqa: ARG002
        state: State,
        texts: Sequence[str],
        logprobs: Sequence[float] | None,  # noqa: ARG002
    ) -> Expansion:
        """One child, which changes nothing."""
        said = " ".join(" ".join(texts).split())
        if not said:
            return Expansion(())
        child = Child(said, (), Step(state, (REFLECTION, said)), {said: 0.0}, prior=1.0, acts=False)
        return Expansion((child,))


@dataclass(frozen=True, slots=True)
class Reflecting:
    """Another selection, which stands back for a reflection whenever one more way has failed.

    Reflections are children of the root; the first `most` ends of reward 0 with answers of their own get one each.

    Attributes:
        inner: the selection.
        operator: makes the reflections.
        most: reflections a tree.
    """

    inner: Selection = field(default_factory=Descent)
    operator: Reflect = field(default_factory=Reflect)
    most: int = 3

    @property
    def widens(self) -> bool:
        """As the selection inside."""
        return self.inner.widens

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> Sequence[Leaf | Way]:
        """Reflections that are due, and the leaves of the other trees."""
        due = [(live, end) for live in trees if live.idle and (end := self._due(live)) is not None]
        roots = reserved(forest, [(live, ROOT) for live, _ in due])
        reflections = [
            Leaf(leaf.live, ROOT, leaf.ticket, self.operator, (Source(end),))
            for leaf, (_, end) in zip(roots, due, strict=True)
        ]
        busy = {live.forest_tree for live, _ in due}
        return [*reflections, *self.inner.select(forest, [live for live in trees if live.forest_tree not in busy])]

    def _due(self, live: LiveTree) -> int | None:
        """The failed end that is to be reflected on next."""
        due = next((end.id for end in failed_ends(live.tree, self.most) if end.id not in live.reflected), None)
        if due is not None:
            live.reflected.add(due)
        return due
