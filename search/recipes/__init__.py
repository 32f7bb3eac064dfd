"""The built-in recipes, one file each."""

from .beam import beam
from .best_of_n import best_of_n
from .mcts import mcts
from .self_consistency import self_consistency

__all__ = ["beam", "best_of_n", "mcts", "self_consistency"]
