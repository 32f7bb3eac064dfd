"""Selection by a model: it reads a numbered list of the nodes that may be worked on, and names the next one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ..domains.protocol import Domain, Observation, State, Step
from ..mcts import Forest
from ..value_models.protocols import Prompt, Sampling
from .expansion import Child, Expansion
from .live import LiveTree
from .operators import Request, user_text
from .scored import Scored
from .selection import Leaf, reserved
from .shown import Source
from .standing import Standing
from .tree import ROOT, Node

PICK = "pick"

_NUMBER = re.compile(r"\d+")
_ASK = (
    "The user shows a task and several states of work on it, in their order, with what they seem to be worth. Give the "
    "number of the state from which to go on, or 0 to begin anew at the task, and nothing else."
)


@dataclass(frozen=True, slots=True)
class Choose:
    """Asks for the number of one of the nodes that the notes list; the answer is a node that changes nothing.

    Attributes:
        ranked: take the number of the highest probability; else one is written, and a text without a number of the list
            is dropped as "no_pick".
        temperature: of a number that is written; 0 is greedy.
        numbers: the list's; set by the selection.
        turn: the selection's place among a tree's, so that no two answers are one node; set by it too.
    """

    name: ClassVar[str] = "choose"
    kind: ClassVar[str] = PICK
    whole: ClassVar[bool] = False
    ranked: bool = True
    temperature: float = 0.0
    numbers: tuple[str, ...] = ()
    turn: int = 0

    @property
    def draws(self) -> bool:
        """Whether the number is written."""
        return not self.ranked

    def request(self, observation: Observation, seed: int) -> Request:
        """Asks for one number."""
        sampling = Sampling(4, self.temperature, stop=("\n",), seed=seed)
        prompt = Prompt(user_text(observation), _ASK, "Number: ", sampling)
        return Request(prompt, 0, self.numbers) if self.ranked else Request(prompt, 1)

    def children(
        self,
        domain: Domain,  # noqa: ARG002
        state: State,
        texts: Sequence[str],
        logprobs: Sequence[float] | None,
    ) -> Expansion:
        """One child, whose text is the number."""
        chances = [0.0] * len(texts) if logprobs is None else logprobs
        likeliest = max(range(len(texts)), key=lambda i: (chances[i], -i), default=None)
        found = None if likeliest is None else _NUMBER.search(texts[likeliest])
        if found is None or found[0] not in self.numbers:
            return Expansion((), Counter(no_pick=1))
        key = (PICK, self.turn, found[0])
        return Expansion((Child(found[0], (), Step(state, key), {found[0]: 0.0}, prior=1.0, acts=False),))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model picks the node that is worked on next (SWE-Search's selector by a model; Antoniades et al. 2024).

    It is asked before each expansion for which there is a choice, at the root; the root itself is number 0, where it
    may be expanded. Where it names no node of the list, the terms decide.

    Attributes:
        inner: which nodes may be worked on, the terms by which the list is cut, and who decides where the model does
            not.
        operator: asks.
        most: nodes listed, those of the highest sums, in the order in which they were made.
        values: whether the model is told what they are worth.
    """

    widens: ClassVar[bool] = True
    inner: Scored = field(default_factory=lambda: Scored(scope="tree"))
    operator: Choose = field(default_factory=Choose)
    most: int = 8
    values: bool = True

    def __post_init__(self) -> None:
        if self.most < 2:
            raise ValueError(f"most is the length of a list and at least 2, not {self.most}")

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> list[Leaf]:
        """The node that was picked in each tree, or the root, where the model is to pick; none while one is in work."""
        leaves = []
        for live in trees:
            if not live.idle:
                continue
            seen = Standing.of(forest, live, self.inner.scale)
            if live.level == 0 and (listed := self._listed(seen, live)):
                leaves.append(self._asked(forest, live, listed))
                continue
            picked = self._picked(live) if live.level else None
            live.level = 0
            node = self.inner.next(seen, live) if picked is None else picked
            leaves += [] if node is None else reserved(forest, [(live, node)])
        return leaves

    def _listed(self, seen: Standing, live: LiveTree) -> list[Node]:
        """The nodes to pick from, the root among them; none where there is no choice."""
        able = self.inner.able(seen, live)
        below = sorted((node for node in able if node.id != ROOT), key=lambda node: -self.inner.score(seen, node))
        listed = sorted([*(node for node in able if node.id == ROOT), *below[: self.most]], key=lambda node: node.id)
        return listed if len(listed) > 1 else []

    def _asked(self, forest: Forest, live: LiveTree, listed: Sequence[Node]) -> Leaf:
        """The root, where the model is asked; it does not count as an expansion of the root."""
        (leaf,) = reserved(forest, [(live, ROOT)])
        shown = [node for node in listed if node.id != ROOT]
        first = 1 if len(shown) == len(listed) else 0
        numbers = tuple(str(number) for number in range(first, len(shown) + 1))
        operator = replace(self.operator, numbers=numbers, turn=live.expansions[ROOT])
        live.level, live.seen = 1, len(live.tree.nodes)
        live.ahead[ROOT] += 1
        told = [Source(node.id, node.value if self.values else None) for node in shown]
        return replace(leaf, operator=operator, sources=tuple(told))

    def _picked(self, live: LiveTree) -> int | None:
        """The node that the newest answer names; None where there is none."""
        newest = live.tree.nodes[-1]
        if newest.kind != PICK or newest.id < live.seen:
            return None
        number = int(newest.text)
        return newest.parents[number - 1] if number else ROOT
