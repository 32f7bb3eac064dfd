"""What an operator is shown of nodes other than its leaf."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..domains.protocol import Observation


@dataclass(frozen=True, slots=True)
class Source:
    """A node that an operator is shown, fixed when the leaf was selected.

    Attributes:
        node: its index in the tree.
        value, feedback, parts: what was known of it then; left out where the operator is not to be told.
        interval: of the share of checks passed, where the domain counts them and the operator is told.
        folds: the node's text stands for the path up to it, which is left out.
    """

    node: int
    value: float | None = None
    feedback: str | None = None
    parts: tuple[tuple[str, float], ...] = ()
    interval: tuple[float, float] | None = None
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A source as text, under the name of its kind."""

    kind: str
    text: str
    value: float | None = None
    feedback: str | None = None
    parts: tuple[tuple[str, float], ...] = ()
    interval: tuple[float, float] | None = None


def with_sections(shown: Observation, sections: Sequence[Section]) -> Observation:
    r"""An observation with sections at the end of its notes, in their order; those of one kind are numbered.

    Two attempts, the first worth 0.5, read "Attempt 1 (value 0.50):\n...\n\nAttempt 2:\n...".
    """
    if not sections:
        return shown
    totals, seen = Counter(section.kind for section in sections), Counter[str]()
    parts = [shown.notes] if shown.notes else []
    for section in sections:
        seen[section.kind] += 1
        number = f" {seen[section.kind]}" if totals[section.kind] > 1 else ""
        worth = "" if section.value is None else f" (value {section.value:.2f}{_between(section.interval)})"
        said = "" if section.feedback is None else f"\nFeedback: {section.feedback}"
        if section.parts:
            said += "\nScores: " + ", ".join(f"{name} {figure:.2f}" for name, figure in section.parts)
        parts.append(f"{section.kind.capitalize()}{number}{worth}:\n{section.text.strip()}{said}")
    return replace(shown, notes="\n\n".join(parts))


def bootstrap_interval(passed: int, total: int, mass: float = 0.95) -> tuple[float, float]:
    """The percentile bootstrap interval of a share, passed / total, without drawing.

    A resample of `total` checks passes Binomial(total, passed / total) of them; the interval is from that
    distribution's (1 - mass) / 2 quantile to its (1 + mass) / 2 quantile, divided by `total`.
    """
    share = passed / total
    below, quantiles = 0.0, list[float]()
    for count in range(total + 1):
        below += math.comb(total, count) * share**count * (1 - share) ** (total - count)
        for level in ((1 - mass) / 2, (1 + mass) / 2)[len(quantiles) :]:
            if below >= level - 1e-12:
                quantiles.append(count / total)
    return quantiles[0], quantiles[1]


def _between(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f", 95 % interval {interval[0]:.2f} to {interval[1]:.2f}"
