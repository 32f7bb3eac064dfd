"""Gates: whether a stage is worth its cost, and whether a search may end."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .picks import newest_layer
from .tree import Node, Tree


class Gate(Protocol):
    """A question about the tree between two stages."""

    def holds(self, tree: Tree) -> bool:
        """Whether it is so."""
        ...


@dataclass(frozen=True, slots=True)
class Agreed:
    """More than floor(share n) of the n answers in the newest layer are the same (DyLAN, Liu et al. 2024).

    Attributes:
        kinds: of the nodes that answer.
        share: as above.
    """

    kinds: tuple[str, ...]
    share: float = 2 / 3

    def holds(self, tree: Tree) -> bool:
        """Whether the newest layer's most frequent answer is that frequent."""
        votes: Counter[str | None] = Counter()
        for node in newest_layer(tree, self.kinds):
            votes[node.answer] += node.multiplicity
        return max(votes.values(), default=0) > math.floor(self.share * votes.total())


@dataclass(frozen=True, slots=True)
class Made:
    """At least so many nodes of some kinds were made.

    Attributes:
        kinds: their kinds.
        least: the number.
    """

    kinds: tuple[str, ...]
    least: int

    def holds(self, tree: Tree) -> bool:
        """Whether there are that many."""
        return len(tree.of_kind(*self.kinds)) >= self.least


@dataclass(frozen=True, slots=True)
class Hard:
    """A task whose sampled answers look bad and unsure (MAgICoRe, Chen et al. 2024).

    Quality: the mean value of the samples with the most frequent answer, standardised by `mean` and `spread`, is below
    0. Confidence: 2 (1 - sigmoid(H)) < `sure`, where H = -sum_a p_a ln p_a and p_a is the share of the samples' value
    that answer a has. The task is hard where both hold.

    The paper standardises over the whole data set, which is not there while a task is searched: `mean` and `spread` are
    to be taken from an earlier run's values. Its confidences are two, one by each reward model; here there is one.

    Attributes:
        kinds: of the samples.
        mean, spread: of the values of samples in an earlier run.
        sure: confidence below which an answer is unsure, in [0, 1] (.5 in the published code).
    """

    kinds: tuple[str, ...]
    mean: float = 0.5
    spread: float = 0.25
    sure: float = 0.5

    def __post_init__(self) -> None:
        if self.spread <= 0:
            raise ValueError(f"spread is a standard deviation and above 0, not {self.spread}")

    def holds(self, tree: Tree) -> bool:
        """Whether the task is hard; one without an answer is."""
        samples = [node for node in tree.of_kind(*self.kinds) if node.answer is not None]
        return not samples or (self.quality(samples) < 0 and self.confidence(samples) < self.sure)

    def quality(self, samples: Sequence[Node]) -> float:
        """Standardised mean value of the samples with the most frequent answer."""
        votes: Counter[str | None] = Counter()
        for node in samples:
            votes[node.answer] += node.multiplicity
        most = max(votes, key=lambda answer: votes[answer])
        worths = [node.worth for node in samples if node.answer == most for _ in range(node.multiplicity)]
        return (math.fsum(worths) / len(worths) - self.mean) / self.spread

    def confidence(self, samples: Sequence[Node]) -> float:
        """2 (1 - sigmoid(H)) of the votes weighed by value: 1 where all agree."""
        shares: Counter[str | None] = Counter()
        for node in samples:
            shares[node.answer] += node.worth * node.multiplicity  # type: ignore[assignment]
        total = math.fsum(shares.values())
        entropy = -math.fsum(s / total * math.log(s / total) for s in shares.values() if s > 0) if total > 0 else 0.0
        return 2 * (1 - 1 / (1 + math.exp(-entropy)))


@dataclass(frozen=True, slots=True)
class Settled:
    """The best worth has not risen by `epsilon` since `window` individuals ago (SE-Agent's stop).

    Attributes:
        kinds: of the individuals.
        window: the newest ones, which are compared with all before them.
        epsilon: the least rise that counts.
    """

    kinds: tuple[str, ...]
    window: int
    epsilon: float = 0.01

    def holds(self, tree: Tree) -> bool:
        """Whether the newest ones brought nothing; never before there are more than `window`."""
        worths = [node.worth for node in tree.of_kind(*self.kinds)]
        if len(worths) <= self.window:
            return False
        return max(worths[-self.window :]) - max(worths[: -self.window]) < self.epsilon


@dataclass(frozen=True, slots=True)
class Counted:
    """A node of some kinds has a measure of at least so much.

    Attributes:
        kinds: their kinds.
        measure: a name in `Node.measures`.
        least: the bound.
    """

    kinds: tuple[str, ...]
    measure: str
    least: float

    def holds(self, tree: Tree) -> bool:
        """Whether there is such a node."""
        return any(node.measures.get(self.measure, -math.inf) >= self.least for node in tree.of_kind(*self.kinds))
