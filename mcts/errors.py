"""What can go wrong in a forest.

    Exception
    └── ForestError                 every error below; the forest is unchanged when it is raised
        ├── StaleTicket             consumed, cancelled, of a released tree, never issued, or of another forest
        ├── DuplicateTicket         the same ticket twice in one call
        ├── ClosedTree              a tree id that is not open
        ├── UnknownNode             a node id of no open tree
        ├── TerminalNode            an expansion of a node that was declared terminal
        ├── InvalidInput            (also ValueError) a wrong length, type or value of an argument
        ├── LimitExceeded           more children, depth, visits in flight or slots than the layout can hold
        ├── RuleError               a custom rule that does not compile, or that returned NaN
        └── SavedForestError        a saved forest that is not there, damaged, or of another format

Memory that cannot be had is Python's own MemoryError; the forest is unchanged then too.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ForestError(Exception):
    """The forest refused a call, and is as it was before it."""


class StaleTicket(ForestError):
    """A ticket that is not out: consumed, cancelled, of a released tree, never issued, or of another forest."""


class DuplicateTicket(ForestError):
    """The same ticket twice in one call."""


class ClosedTree(ForestError):
    """A tree id that was never opened or has been released."""


class UnknownNode(ForestError):
    """A node id that belongs to no open tree."""


class TerminalNode(ForestError):
    """An expansion of a node that was declared terminal."""


class InvalidInput(ForestError, ValueError):
    """An argument of the wrong length, type or value."""


class LimitExceeded(ForestError):
    """More than the layout can hold: children of a node, depth, visits in flight at a node, slots."""


class RuleError(ForestError):
    """A custom rule that does not compile, or that returned NaN; names the rule and the line, or the node."""


class SavedForestError(ForestError):
    """A saved forest that is not there, damaged, or of another format."""


def unknown_choice(name: str, given: object, choices: Iterable[str]) -> InvalidInput:
    """The error for a word that is none of the choices, with the nearest one."""
    known = list(choices)
    near = get_close_matches(str(given), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return InvalidInput(f"unknown {name} {given!r}.{hint} Available: {', '.join(map(repr, known))}")
