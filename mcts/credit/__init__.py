"""Credit: what the steps of finished searches were worth, computed over whole forests at once."""

from .assign import (
    SubtreeBest,
    VisitTargets,
    path_mean,
    sibling_advantage,
    step_values,
    subtree_best,
    visit_targets,
)
from .table import TreeRows, rows

__all__ = [
    "SubtreeBest",
    "TreeRows",
    "VisitTargets",
    "path_mean",
    "rows",
    "sibling_advantage",
    "step_values",
    "subtree_best",
    "visit_targets",
]
