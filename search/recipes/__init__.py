"""The built-in recipes, one file each."""

from .ab_mcts import ab_mcts
from .adas import adas
from .aegis import aegis
from .agent_occam import agent_occam
from .agent_r import agent_r
from .agentcoder import agentcoder
from .agentless import agentless
from .agentswift import agentswift
from .beam import beam
from .best_first import best_first
from .best_of_n import best_of_n
from .capo import capo
from .codecor import codecor
from .codetree import codetree
from .dvts import dvts
from .dylan import dylan
from .goalact import goalact
from .hiagent import hiagent
from .lats import lats
from .ltl import ltl
from .magicore import magicore
from .malt import malt
from .mcts import mcts
from .memento import memento
from .particle import particle
from .poact import poact
from .rap import rap
from .rebase import rebase
from .rest_mcts import rest_mcts
from .rollouts import rollouts
from .se_agent import se_agent
from .self_consistency import self_consistency
from .self_repair import self_repair
from .skills import skills
from .swe_search import swe_search
from .tot import tot
from .tree_of_code import tree_of_code
from .webpilot import webpilot

__all__ = [
    "ab_mcts",
    "adas",
    "aegis",
    "agent_occam",
    "agent_r",
    "agentcoder",
    "agentless",
    "agentswift",
    "beam",
    "best_first",
    "best_of_n",
    "capo",
    "codecor",
    "codetree",
    "dvts",
    "dylan",
    "goalact",
    "hiagent",
    "lats",
    "ltl",
    "magicore",
    "malt",
    "mcts",
    "memento",
    "particle",
    "poact",
    "rap",
    "rebase",
    "rest_mcts",
    "rollouts",
    "se_agent",
    "self_consistency",
    "self_repair",
    "skills",
    "swe_search",
    "tot",
    "tree_of_code",
    "webpilot",
]
