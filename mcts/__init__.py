"""The forest: Monte Carlo search trees by the thousand, and the oracle that it is checked against."""

from . import credit
from ._core import Batch, Forest
from .backups import PowerMean
from .custom import CustomRule, rule
from .drawing import render
from .errors import (
    ClosedTree,
    DuplicateTicket,
    ForestError,
    InvalidInput,
    LimitExceeded,
    RuleError,
    SavedForestError,
    StaleTicket,
    TerminalNode,
    UnknownNode,
)
from .graph import from_networkx, to_networkx
from .policy import improved_policy, principal_variation
from .records import Leaves, RootStats, Snapshot
from .reference import ReferenceForest
from .rules import PUCT, UCBV, UCT, AdaptiveBranching, BestFirst, Gumbel, Rule, SoftmaxMix, Thompson, UCB1Tuned
from .settings import Settings
from .widening import Widening

__all__ = [
    "PUCT",
    "UCBV",
    "UCT",
    "AdaptiveBranching",
    "Batch",
    "BestFirst",
    "ClosedTree",
    "CustomRule",
    "DuplicateTicket",
    "Forest",
    "ForestError",
    "Gumbel",
    "InvalidInput",
    "Leaves",
    "LimitExceeded",
    "PowerMean",
    "ReferenceForest",
    "RootStats",
    "Rule",
    "RuleError",
    "SavedForestError",
    "Settings",
    "Snapshot",
    "SoftmaxMix",
    "StaleTicket",
    "TerminalNode",
    "Thompson",
    "UCB1Tuned",
    "UnknownNode",
    "Widening",
    "credit",
    "from_networkx",
    "improved_policy",
    "principal_variation",
    "render",
    "rule",
    "to_networkx",
]
