"""The built-in recipes, one file each."""

from .beam import beam
from .best_first import best_first
from .best_of_n import best_of_n
from .codetree import codetree
from .mcts import mcts
from .rollouts import rollouts
from .self_consistency import self_consistency
from .self_repair import self_repair

__all__ = ["beam", "best_first", "best_of_n", "codetree", "mcts", "rollouts", "self_consistency", "self_repair"]
