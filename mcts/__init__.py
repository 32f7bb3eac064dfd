"""The forest: Monte Carlo search trees by the thousand, and the oracle that it is checked against."""

from ._core import Forest
from .errors import (
    ClosedTree,
    DuplicateTicket,
    ForestError,
    InvalidInput,
    LimitExceeded,
    StaleTicket,
    TerminalNode,
    UnknownNode,
)
from .records import Leaves, RootStats, Snapshot
from .reference import ReferenceForest
from .rules import PUCT, UCT, Rule
from .settings import Settings

__all__ = [
    "PUCT",
    "UCT",
    "ClosedTree",
    "DuplicateTicket",
    "Forest",
    "ForestError",
    "InvalidInput",
    "Leaves",
    "LimitExceeded",
    "ReferenceForest",
    "RootStats",
    "Rule",
    "Settings",
    "Snapshot",
    "StaleTicket",
    "TerminalNode",
    "UnknownNode",
]
