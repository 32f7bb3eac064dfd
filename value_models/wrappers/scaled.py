"""Values moved and stretched, all alike or by kind of state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..protocols import Evidence, Score, ValueModel
from .wrapper import Wrapper


@dataclass(frozen=True, slots=True)
class Affine:
    """value -> slope value + shift."""

    slope: float = 1.0
    shift: float = 0.0


class Scaled(Wrapper):
    """value' = slope value + shift, cut to the model's range; uncertainty' = |slope| uncertainty.

    Args:
        model: who scores.
        by: for all states, but those of `kinds`.
        kinds: for states of some kinds (`Evidence.kind`).
    """

    def __init__(self, model: ValueModel, by: Affine, kinds: Mapping[str, Affine] | None = None) -> None:
        super().__init__(model, f"scaled {by} {sorted((kinds or {}).items())}")
        self._by = by
        self._kinds = dict(kinds or {})

    def changed(self, item: Evidence, score: Score) -> Score:
        """The scaled score."""
        by = self._kinds.get(item.kind, self._by)
        low, high = self.value_range
        value = min(max(by.slope * score.value + by.shift, low), high)
        spread = None if score.uncertainty is None else abs(by.slope) * score.uncertainty
        return replace(score, value=value, uncertainty=spread)
