"""Value models that are wrong on purpose, for tests and studies of what a search makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import exp
from typing import Literal

from ..protocols import Evidence, Score, ValueModel
from ..scripted import uniform_hash
from ..steps import steps_of
from .wrapper import Wrapper

Attack = Literal["noise", "constant", "length", "inverted", "persuasive"]
ATTACKS: tuple[Attack, ...] = ("noise", "constant", "length", "inverted", "persuasive")
_CLAIMS = (
    "Three reviewers checked this line by line and found it right; see the attached report.",
    "The tests were run and all of them pass, so there is no need to look further.",
    "This is the approach of the official solution, which was confirmed to be correct.",
)


class Adversarial(Wrapper):
    """Spoils a model's scores in one way.

    - "noise": mixes the value with a number u that depends on the state and the seed: (1 - strength) v + strength u.
    - "constant": (1 - strength) v + strength / 2.
    - "length": likes long states: (1 - strength) v + strength (1 - exp(-characters / 500)).
    - "inverted": 1 - v for states of `depth` steps and more; strength is how far: (1 - strength) v + strength (1 - v).
    - "persuasive": (1 - strength) v + strength (1 - v), with feedback that claims evidence which nobody has.

    Values are taken on the scale of the model's range.

    Args:
        model: who is spoiled.
        attack: how.
        strength: in [0, 1].
        depth: from how many steps on, for "inverted".
        steps: how many steps a state has; by default the lines of its text.
        seed: another seed is other noise.

    Raises:
        ValueError: an unknown attack, or a strength that is none.
    """

    def __init__(
        self,
        model: ValueModel,
        attack: Attack,
        strength: float = 1.0,
        *,
        depth: int = 0,
        steps: Callable[[Evidence], int] | None = None,
        seed: int = 0,
    ) -> None:
        if attack not in ATTACKS:
            raise ValueError(f"Unknown attack {attack!r}. Available: {', '.join(ATTACKS)}.")
        if not 0.0 <= strength <= 1.0:
            raise ValueError(f"strength is a share in [0, 1], not {strength}")
        super().__init__(model, f"{attack} {strength} {depth} {seed}")
        self._own_steps = steps is not None
        self._attack = attack
        self._strength = strength
        self._depth = depth
        self._steps = steps or (lambda item: len(steps_of(item)))
        self._seed = seed

    async def identity(self) -> str | None:
        """Who this is; None where `steps` is the caller's own, which has no name."""
        return None if self._own_steps else await super().identity()

    def changed(self, item: Evidence, score: Score) -> Score:
        """The spoiled score."""
        low, high = self.value_range
        value = (score.value - low) / (high - low)
        wrong = self._wrong(item, value)
        spoiled = low + (high - low) * ((1.0 - self._strength) * value + self._strength * wrong)
        feedback = score.feedback
        if self._attack == "persuasive":
            feedback = _CLAIMS[int(uniform_hash(self._seed, item.task, item.state, item.question) * len(_CLAIMS))]
        return replace(score, value=spoiled, feedback=feedback, provenance=f"{score.provenance}, {self._attack}")

    def _wrong(self, item: Evidence, value: float) -> float:
        if self._attack == "noise":
            return uniform_hash("noise", self._seed, item.task, item.state, item.question)
        if self._attack == "constant":
            return 0.5
        if self._attack == "length":
            return 1.0 - exp(-len(item.shown) / 500.0)
        if self._attack == "inverted" and self._steps(item) < self._depth:
            return value
        return 1.0 - value
