"""A recipe: a search algorithm as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from inspect import signature
from typing import Any, Literal

from ..mcts import PUCT, Rule
from .answer import Answer
from .channel import Channel
from .errors import SearchError, UnknownName
from .faces import Face
from .legality import Mask
from .operators import Operator
from .registry import load, names
from .returns import Returns
from .selection import Descent, Selection
from .shown import Source
from .stages import Stage, Stages
from .transitions import Transitions
from .tree import Node, Tree


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one search does at each of its four phases, when it stops, and which answer it gives.

    Attributes:
        name: as shown in tables and stored in runs.
        operator: makes the children of a leaf.
        after: another operator for leaves of some kinds (`Node.kind`): {"root": Advise(3)}.
        selection: picks the leaf.
        evaluate: what the value model scores: "leaf" (the selected leaf, while the policy expands it; AlphaZero's
            order), "children" (each new child, as a visit of its own; the order of LATS), "ends" (new ends whose reward
            the domain leaves open), or "none".
        backup: what a node's q is: the "mean" or the "max" of the returns through it.
        returns: what a visit brings back, and when.
        faces: questions that the value model is asked about a state, in place of the domain's own; none asks that one.
        shows: what a leaf's operator is shown of other nodes: the feedback channel.
        answer: how the answer is chosen among the ends of the tree.
        stop_reward: a domain's reward that ends the search at once; None searches on to the budget's end.
        trust: weight of the value model's score s of a state that the domain's visible checks value at v: the node's
            value is (1 - trust) v + trust s. At 0 no model is asked about such states.
        stop_value: a value model's estimate of an end that ends the search at once.
        agreement: weight of how many of the proposals drawn beside a node led to it, as a share in [0, 1], beside
            1 - agreement of its value (LATS's self-consistency term).
        leaves: leaves of one tree in flight at once.
        max_depth: steps after which a path is cut (truncated).
        scored: kinds of nodes that the value model scores where children are scored; none names all but mere text.
        legal: which actions may follow which; others are dropped as "illegal" before they are stepped.
        closing: stages that follow once the search has stopped unsolved, such as a debate over its ends.
        reserve: expansions, of the budget's and at the price of the largest seen, that are kept back for them.
    """

    name: str
    operator: Operator
    selection: Selection
    evaluate: Literal["leaf", "children", "ends", "none"]
    backup: Literal["mean", "max"] = "mean"
    answer: Answer = "best"
    stop_reward: float | None = 1.0
    trust: float = 0.0
    stop_value: float | None = None
    agreement: float = 0.0
    leaves: int = 8
    max_depth: int = 32
    after: Mapping[str, Operator] = field(default_factory=dict)
    returns: Returns = field(default_factory=Returns)
    shows: tuple[Channel, ...] = ()
    faces: tuple[Face, ...] = ()
    scored: tuple[str, ...] = ()
    legal: Mask | None = None
    closing: tuple[Stage, ...] = ()
    reserve: int = 0

    def __post_init__(self) -> None:
        if self.leaves < 1:
            raise ValueError(f"leaves is the number of leaves in flight and at least 1, not {self.leaves}")
        if self.max_depth < 1:
            raise ValueError(f"max_depth is a number of steps and at least 1, not {self.max_depth}")
        if not 0 <= self.trust <= 1:
            raise ValueError(f"trust is a weight in [0, 1], not {self.trust}")
        if not 0 <= self.agreement <= 1:
            raise ValueError(f"agreement is a weight in [0, 1], not {self.agreement}")
        if self.reserve < 0:
            raise ValueError(f"reserve is a number of expansions and at least 0, not {self.reserve}")

    def operator_at(self, kind: str) -> Operator:
        """What makes the children of a leaf of this kind."""
        return self.after.get(kind, self.operator)

    @property
    def operators(self) -> tuple[Operator, ...]:
        """All operators that may be asked."""
        scheduled = self.selection.operators if isinstance(self.selection, Stages | Transitions) else ()
        return (self.operator, *self.after.values(), *scheduled, *Stages(self.closing).operators)

    @property
    def evaluates_children(self) -> bool:
        """Whether new children are scored for themselves."""
        return self.evaluate in ("children", "ends")

    def scores(self, node: Node) -> bool:
        """Whether the value model is asked about a new child like this one."""
        if self.evaluate == "ends":
            return node.terminated
        if self.scored:
            return node.kind in self.scored
        return node.acts or node.answer is not None

    def shown_to(self, tree: Tree, node: int, *, expanding: bool) -> tuple[Source, ...]:
        """What the operator at a node, or else only the value model, is shown of others."""
        channels = [channel for channel in self.shows if expanding or channel.judged]
        return tuple(source for channel in channels for source in channel.sources(tree, node))

    @property
    def rule(self) -> Rule:
        """The rule of the descent, wherever in the selection it is; recipes without one have the forest's default.

        Raises:
            SearchError: the selection holds descents by two rules; a forest has one.
        """
        first, *others = [*_rules(self.selection)] or [PUCT()]
        if other := next((rule for rule in others if rule != first), None):
            raise SearchError(f"recipe {self.name}: a forest descends by one rule, not by {first} and {other}")
        return first


def _rules(part: object) -> Iterator[Rule]:
    """The rules of all descents in a selection, which may hold others in its fields, alone or in a sequence."""
    if isinstance(part, Descent):
        yield part.rule
    elif isinstance(part, tuple | list):
        for one in part:
            yield from _rules(one)
    elif is_dataclass(part) and not isinstance(part, type):
        for named in fields(part):
            yield from _rules(getattr(part, named.name))


def make_recipe(name: str, **constants: Any) -> Recipe:
    """The registered recipe `name`, with some of its constants set.

    Raises:
        UnknownName: no such recipe, or the recipe has no such constant; the message gives the nearest ones.
        SearchError: a constant's value is not valid.
    """
    factory = load("recipes", name)
    known = signature(factory).parameters
    for constant in constants:
        if constant not in known:
            raise UnknownName(f"constants of {name}", constant, list(known))
    try:
        recipe = factory(**constants)
    except (TypeError, ValueError) as error:
        raise SearchError(f"recipe {name}: {error}") from error
    if not isinstance(recipe, Recipe):
        raise SearchError(f"recipe {name}: its entry point gives {type(recipe).__name__}, not a Recipe")
    return recipe


def recipe_names() -> list[str]:
    """The registered recipes, sorted."""
    return names("recipes")
