"""The parts of the oracle: nodes, descents, frontiers, backup, exhaustion, transpositions, rerooting."""

from .backup import Returns
from .exhaustion import Exhaustion
from .nodes import Ids, Node, Ticket, Tree, breadth_first
from .regrowth import regrow
from .rerooting import make_root
from .selection import Selection
from .transpositions import join, note_hash

__all__ = [
    "Exhaustion",
    "Ids",
    "Node",
    "Returns",
    "Selection",
    "Ticket",
    "Tree",
    "breadth_first",
    "join",
    "make_root",
    "note_hash",
    "regrow",
]
