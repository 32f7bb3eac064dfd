"""Values made probabilities: a curve from what a model says to how often it is right."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ..measures import Numbers
from ..protocols import Evidence, Score, ValueModel
from .wrapper import Wrapper

_EDGE = 1e-6


class Curve(Protocol):
    """From a value in [0, 1] to a probability."""

    def at(self, value: float) -> float:
        """The probability at a value."""
        ...


@dataclass(frozen=True, slots=True)
class Temperature:
    """p -> sigmoid(logit(p) / temperature) (Guo et al. 2017); above 1 it makes a model less sure of itself.

    At temperature 2 the value 0.9 becomes 0.75.
    """

    temperature: float

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"a temperature is above 0, not {self.temperature}")

    def at(self, value: float) -> float:
        """The probability at a value."""
        p = min(max(value, _EDGE), 1.0 - _EDGE)
        return 1.0 / (1.0 + math.exp(-math.log(p / (1.0 - p)) / self.temperature))


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A curve that never falls, through knots, with straight lines between them (Zadrozny & Elkan 2002).

    Attributes:
        values: ascending, in [0, 1].
        shares: how often states of these values were good; never falling.
    """

    values: tuple[float, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.shares) or not self.values:
            raise ValueError(
                f"{len(self.values)} values and {len(self.shares)} shares: one share a value, at least one"
            )

    def at(self, value: float) -> float:
        """The probability at a value; beyond the knots that of the nearest."""
        return float(np.interp(value, self.values, self.shares))


class Calibrated(Wrapper):
    """Puts a model's values on a curve; the uncertainty is scaled by the curve's slope over its reach:
    with u the uncertainty, a = min(v + u, 1) and b = max(v - u, 0), u' = u (f(a) - f(b)) / (a - b).

    Args:
        model: who scores, in [0, 1].
        curve: fitted by `fit_temperature` or `fit_isotonic` to values and outcomes of other tasks.
    """

    def __init__(self, model: ValueModel, curve: Curve) -> None:
        if model.value_range != (0.0, 1.0):
            raise ValueError(f"a calibration is of values in [0, 1]; the model's range is {model.value_range}")
        super().__init__(model, f"calibrated {curve}")
        self._curve = curve

    def changed(self, item: Evidence, score: Score) -> Score:  # noqa: ARG002
        """The calibrated score."""
        value, spread = self._curve.at(score.value), score.uncertainty
        if spread:
            above, below = min(score.value + spread, 1.0), max(score.value - spread, 0.0)
            spread *= (self._curve.at(above) - self._curve.at(below)) / (above - below)
        return replace(score, value=value, uncertainty=spread)


def fit_temperature(values: Numbers, labels: Numbers) -> Temperature:
    """The temperature of the least log loss, between 0.05 and 20.

    Args:
        values: (N,), in [0, 1].
        labels: (N,), whether the states were good.
    """
    p = np.clip(values, _EDGE, 1.0 - _EDGE)
    signed = np.log(p / (1.0 - p)) * np.where(labels, 1.0, -1.0)
    tried = np.geomspace(0.05, 20.0, 400)
    losses = [float(np.logaddexp(0.0, -signed / temperature).mean()) for temperature in tried]
    return Temperature(float(tried[int(np.argmin(losses))]))


def fit_isotonic(values: Numbers, labels: Numbers) -> Isotonic:
    """The curve that never falls of the least squared error, by pooling adjacent violators (Barlow et al. 1972).

    Of the values 0.1, 0.4, 0.6, 0.9 of bad, good, bad, good states, the middle two become 1/2.
    """
    order = np.argsort(values, kind="stable")
    blocks: list[list[float]] = []  # sum of labels, states, lowest and highest value
    for value, label in zip(values[order].tolist(), labels[order].tolist(), strict=True):
        blocks.append([float(label), 1.0, value, value])
        while len(blocks) > 1 and (
            blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1] or blocks[-2][3] == blocks[-1][2]
        ):
            good, states, _, high = blocks.pop()
            blocks[-1] = [blocks[-1][0] + good, blocks[-1][1] + states, blocks[-1][2], high]
    knots = {edge: good / states for good, states, low, high in blocks for edge in (low, high)}
    return Isotonic(tuple(knots), tuple(knots.values()))
