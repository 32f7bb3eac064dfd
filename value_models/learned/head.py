"""The head: several logistic regressions on a model's features, and the value model that asks them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import BadAnswer, WrongHead
from ..protocols import Evidence, Score
from .features import Features
from .text import TEXT, head_text

FORMAT = 1
FACTS, NUMBERS = "head.json", "head.npz"

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """B logistic regressions on D features, and their calibration.

    With z = (x - mean) / scale, member b says p_b = 1 / (1 + exp(-(slope (w_b z + bias_b) + shift))); the value is the
    mean of p_b over the members, its uncertainty their standard deviation (a bootstrap ensemble: Breiman 1996).

    Attributes:
        model: whose features they are.
        mean, scale: of the features in training, (D,).
        weights: (B, D).
        bias: (B,).
        slope, shift: the calibration by Platt (1999), of tasks that the member did not see.
    """

    model: str
    mean: Vector
    scale: Vector
    weights: Vector
    bias: Vector
    slope: float
    shift: float

    @property
    def dimension(self) -> int:
        """D."""
        return len(self.mean)

    @property
    def digest(self) -> str:
        """Tells two heads apart by all their numbers."""
        digest = blake2b(digest_size=8)
        for part in (self.mean, self.scale, self.weights, self.bias, np.array([self.slope, self.shift])):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def probabilities(self, features: Vector) -> Vector:
        """What each member says of each row: (N, D) to (N, B)."""
        z = (features - self.mean) / self.scale
        logits = self.slope * (z @ self.weights.T + self.bias) + self.shift
        return (1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0)))).astype(np.float32)

    def save(self, directory: Path, report: Any = None) -> None:
        """Writes head.json and head.npz: plain numbers, so that loading a head from elsewhere runs no code."""
        directory.mkdir(parents=True, exist_ok=True)
        np.savez(directory / NUMBERS, mean=self.mean, scale=self.scale, weights=self.weights, bias=self.bias)
        facts = {
            "format": FORMAT,
            "model": self.model,
            "dimension": self.dimension,
            "members": len(self.bias),
            "text": TEXT,
            "slope": self.slope,
            "shift": self.shift,
            "report": None if report is None else asdict(report),
        }
        (directory / FACTS).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Head:
        """The head in a directory.

        Raises:
            WrongHead: there is none, one of another version, or one that is damaged.
        """
        try:
            facts = json.loads((directory / FACTS).read_text(encoding="utf-8"))
            with np.load(directory / NUMBERS, allow_pickle=False) as numbers:
                parts = {name: numbers[name].astype(np.float32) for name in ("mean", "scale", "weights", "bias")}
            version, text = facts["format"], facts["text"]
            head = cls(facts["model"], **parts, slope=float(facts["slope"]), shift=float(facts["shift"]))
        except FileNotFoundError as error:
            raise WrongHead(
                f"{directory} holds no head: {error.filename} is missing; treewright train-value makes one"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WrongHead(f"{directory} holds a head that cannot be read: {type(error).__name__}: {error}") from error
        if (version, text) != (FORMAT, TEXT):
            raise WrongHead(
                f"{directory} holds a head of format {version} on texts {text!r}; here it is {FORMAT} on {TEXT!r}"
            )
        shapes = head.weights.shape, head.bias.shape, head.scale.shape
        count = len(head.bias)
        if shapes != ((count, head.dimension), (count,), (head.dimension,)):
            raise WrongHead(
                f"{directory} holds a head whose parts do not fit together: weights, bias, scale of {shapes}"
            )
        return head


class LearnedValue:
    """Scores states by a trained head on a server's features: one forward pass a state, many in one request.

    Args:
        head: the head, or the directory that holds it.
        features: who makes the features; the model that the head was trained on.
    """

    value_range = (0.0, 1.0)
    max_batch = 64

    def __init__(self, head: Head | Path | str, features: Features) -> None:
        self._head = head if isinstance(head, Head) else Head.load(Path(head))
        self._features = features
        self.identity = f"head on {self._head.model} {self._head.digest}"
        self._checked = False

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item.

        Raises:
            WrongHead: the features are another model's, or of another dimension.
            BadAnswer: they are no finite numbers.
            ModelError: the server could not answer.
        """
        if not evidence:
            return []
        if not self._checked:
            served = await self._features.model()
            if served != self._head.model:
                raise WrongHead(f"the head was trained on {self._head.model!r}; the server has {served!r}")
            self._checked = True
        features, costs = await self._features.of([head_text(item) for item in evidence])
        if features.shape[1] != self._head.dimension:
            raise WrongHead(
                f"the head takes {self._head.dimension} features; {self._head.model!r} at the server gives "
                f"{features.shape[1]}"
            )
        if not np.isfinite(features).all():
            raise BadAnswer(f"{self._head.model!r} gave features that are no finite numbers")
        said = self._head.probabilities(features).astype(np.float64)
        values, spread = said.mean(axis=1), said.std(axis=1)
        provenance = f"{self._head.model} head"
        return [
            Score(float(value), cost, provenance, float(unsure))
            for value, cost, unsure in zip(values, costs, spread, strict=True)
        ]
