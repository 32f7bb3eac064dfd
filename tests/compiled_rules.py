"""Rules of one's own, compiled when a test first asks for one: a module that is only collected compiles nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from treewright.mcts import CustomRule, rule


@cache
def compiled(function: Callable[..., float]) -> CustomRule:
    """The function as a rule, the same one whenever it is asked for."""
    return rule(function)
