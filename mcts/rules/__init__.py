"""The selection rules of a forest, one family a file."""

from .adaptive_branching import AdaptiveBranching
from .base import Rule
from .best_first import BestFirst
from .bounds import UCBV, UCT, UCB1Tuned
from .gumbel import Gumbel
from .puct import PUCT
from .softmax_mix import SoftmaxMix
from .thompson import Thompson

__all__ = [
    "PUCT",
    "UCBV",
    "UCT",
    "AdaptiveBranching",
    "BestFirst",
    "Gumbel",
    "Rule",
    "SoftmaxMix",
    "Thompson",
    "UCB1Tuned",
]
