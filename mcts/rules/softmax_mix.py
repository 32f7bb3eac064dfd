"""Softmax mixed with uniform: good places often, every place sometimes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from .base import Rule

Scope = Literal["children", "tree"]


@dataclass(frozen=True, slots=True)
class SoftmaxMix(Rule):
    """Mixed-probability selection (AFlow: Zhang et al. 2024; AgentSwift: Li et al. 2025).

    P(i) = uniform / n + (1 - uniform) * e(i) / sum of e, e(i) = exp((s(i) - highest s) / temperature), over n
    candidates.

    With scope "children" a descent draws at each node among its eligible children, s = Q as shown. With scope "tree" it
    draws once among all nodes that may get children, breadth first: s = the value last given at the node, its Q if none
    was; not terminal, exhausted or complete nodes, and not childless ones where a ticket is out.

    AFlow's code has uniform 0.3 and, for scores of 0 to 100, exp(0.2 * (s - highest s)): on values of 0 to 1 that is a
    temperature of 0.05. The default temperature here is our own and milder.

    Attributes:
        temperature: in units of the value, in [0.000001, 1e9].
        uniform: share of the uniform part, in [0, 1].
        scope: "children" or "tree".

    Raises:
        InvalidInput: another scope, or a number out of range.
    """

    KIND: ClassVar[str] = "softmax_mix"
    CHOICES: ClassVar[Mapping[str, tuple[str, ...]]] = {"scope": get_args(Scope)}
    temperature: float = 0.2
    uniform: float = 0.3
    scope: Scope = "children"

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_number("temperature", 1e-6, 1e9)
        self._check_number("uniform", 0.0, 1.0)

    @property
    def widens(self) -> bool:
        """With scope "tree" a node may always get another child."""
        return self.scope == "tree"

    def drawn(self, scores: Sequence[float], draw: float) -> int:
        """The position among n >= 1 candidates that the number `draw` in (0, 1) falls on."""
        cumulative = 0.0
        for position, probability in enumerate(self.probabilities(scores)):
            cumulative += probability
            if cumulative >= draw:
                return position
        return len(scores) - 1

    def probabilities(self, scores: Sequence[float]) -> list[float]:
        """P of each candidate, given its s."""
        top = max(scores)
        weights = [math.exp((score - top) / self.temperature) for score in scores]
        total = 0.0
        for weight in weights:
            total += weight
        return [self.uniform / len(scores) + (1.0 - self.uniform) * weight / total for weight in weights]
