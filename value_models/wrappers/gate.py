"""Values made a decision at both ends: accepted, given up, or left as they are."""

from __future__ import annotations

from dataclasses import replace

from ..protocols import Evidence, Score, ValueModel
from .wrapper import Wrapper


class Gate(Wrapper):
    """The highest value from `accept` on, the lowest one up to `abort`, and the model's own between them.

    Args:
        model: who scores.
        accept: from here on a state counts as good beyond doubt; None accepts none.
        abort: up to here as hopeless; None gives none up.

    Raises:
        ValueError: `abort` is not below `accept`.
    """

    def __init__(self, model: ValueModel, accept: float | None = 0.9, abort: float | None = 0.1) -> None:
        if accept is not None and abort is not None and not abort < accept:
            raise ValueError(f"abort={abort} must lie below accept={accept}")
        super().__init__(model, f"gate {accept} {abort}")
        self._accept = accept
        self._abort = abort

    def changed(self, item: Evidence, score: Score) -> Score:  # noqa: ARG002
        """The score, decided where it passes a threshold; its uncertainty is then no longer told."""
        low, high = self.value_range
        if self._accept is not None and score.value >= self._accept:
            return replace(score, value=high, uncertainty=None)
        if self._abort is not None and score.value <= self._abort:
            return replace(score, value=low, uncertainty=None)
        return score
