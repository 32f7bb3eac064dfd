"""Value models made of value models."""

from .adversarial import Adversarial, Attack
from .cached import Cached
from .calibrated import Calibrated, Isotonic, Temperature, fit_isotonic, fit_temperature
from .cascade import Cascade
from .difficulty import DifficultyGate
from .ensemble import Ensemble, weights_of
from .gate import Gate
from .rubric_vector import Metric, RubricVector
from .scaled import Affine, Scaled

__all__ = [
    "Adversarial",
    "Affine",
    "Attack",
    "Cached",
    "Calibrated",
    "Cascade",
    "DifficultyGate",
    "Ensemble",
    "Gate",
    "Isotonic",
    "Metric",
    "RubricVector",
    "Scaled",
    "Temperature",
    "fit_isotonic",
    "fit_temperature",
    "weights_of",
]
