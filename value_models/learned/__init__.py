"""A value model that is trained: a small head on the features of a served model."""

from .checkpoint import Checkpoint, write_checkpoint
from .features import Embeddings, Features
from .head import Head, LearnedValue
from .training import Examples, Report, check_installed, train, train_linear

__all__ = [
    "Checkpoint",
    "Embeddings",
    "Examples",
    "Features",
    "Head",
    "LearnedValue",
    "Report",
    "check_installed",
    "train",
    "train_linear",
    "write_checkpoint",
]
