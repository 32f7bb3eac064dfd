"""The search API: budgets, recipes, the engine, and results."""

from ..domains.protocol import Task
from .answer import Choice, Keep
from .anytime import UNITS, Course, Moment, Unit, anytime
from .api import resume, search, solve
from .budget import Budget, Cost, Prices
from .channel import Channel, FromAbove, FromBelow, ToChild, ToSiblings, ToTree
from .chosen import Choose, Chosen
from .commands import Act, Directed, ToPlans
from .deadlines import Deadlines
from .debate import debate
from .driver import Driver
from .engine import Engine
from .errors import (
    Interrupted,
    JournalError,
    MissingPart,
    NameCollision,
    RunInUse,
    RunPaused,
    SearchError,
    UnknownName,
    UnknownTrial,
)
from .expansion import Child, Expansion
from .faces import Face
from .gates import Agreed, Counted, Gate, Hard, Made, Settled
from .importance import importance
from .journal import Event, Journal, Merged, Repaired, RunReader, Turn, merge, repair
from .legality import Machine, Mask
from .levels import expectation
from .loop import run_async
from .ltl import Temporal
from .memory import Case, CaseBase, Recall
from .operators import Advise, Operator, Propose, Request, WriteChecks
from .parts import check_parts
from .picks import Each, Finalists, Layer, Mixed, Pick, Picked, Population, Root
from .planning import Plan, Subgoals
from .recipe import Recipe, make_recipe, recipe_names
from .recipes import (
    ab_mcts,
    adas,
    aegis,
    agent_occam,
    agent_r,
    agentcoder,
    agentless,
    agentswift,
    beam,
    best_first,
    best_of_n,
    capo,
    codecor,
    codetree,
    dvts,
    dylan,
    goalact,
    hiagent,
    lats,
    ltl,
    magicore,
    malt,
    mcts,
    memento,
    particle,
    poact,
    rap,
    rebase,
    rest_mcts,
    rollouts,
    se_agent,
    self_consistency,
    self_repair,
    skills,
    swe_search,
    tot,
    tree_of_code,
    webpilot,
)
from .reflect import Reflect, Reflecting
from .replay import Replay, Replayed
from .result import Result
from .returns import Returns
from .roles import Attempt, Take, Write
from .scored import Scored
from .selection import Beam, Chain, Descent, Frontier, Leaf, RootOnly, Selection, Walk, Way
from .shares import Balanced, Resampled
from .shown import Source
from .simulation import Simulation
from .stages import Stage, Stages
from .standing import Standing
from .status import Status
from .transitions import Transition, Transitions
from .tree import Node, Tree
from .trial import Outcome, Trial
from .watch import Concurrency
from .worker import Worker

__all__ = [
    "UNITS",
    "Act",
    "Advise",
    "Agreed",
    "Attempt",
    "Balanced",
    "Beam",
    "Budget",
    "Case",
    "CaseBase",
    "Chain",
    "Channel",
    "Child",
    "Choice",
    "Choose",
    "Chosen",
    "Concurrency",
    "Cost",
    "Counted",
    "Course",
    "Deadlines",
    "Descent",
    "Directed",
    "Driver",
    "Each",
    "Engine",
    "Event",
    "Expansion",
    "Face",
    "Finalists",
    "FromAbove",
    "FromBelow",
    "Frontier",
    "Gate",
    "Hard",
    "Interrupted",
    "Journal",
    "JournalError",
    "Keep",
    "Layer",
    "Leaf",
    "Machine",
    "Made",
    "Mask",
    "Merged",
    "MissingPart",
    "Mixed",
    "Moment",
    "NameCollision",
    "Node",
    "Operator",
    "Outcome",
    "Pick",
    "Picked",
    "Plan",
    "Population",
    "Prices",
    "Propose",
    "Recall",
    "Recipe",
    "Reflect",
    "Reflecting",
    "Repaired",
    "Replay",
    "Replayed",
    "Request",
    "Resampled",
    "Result",
    "Returns",
    "Root",
    "RootOnly",
    "RunInUse",
    "RunPaused",
    "RunReader",
    "Scored",
    "SearchError",
    "Selection",
    "Settled",
    "Simulation",
    "Source",
    "Stage",
    "Stages",
    "Standing",
    "Status",
    "Subgoals",
    "Take",
    "Task",
    "Temporal",
    "ToChild",
    "ToPlans",
    "ToSiblings",
    "ToTree",
    "Transition",
    "Transitions",
    "Tree",
    "Trial",
    "Turn",
    "Unit",
    "UnknownName",
    "UnknownTrial",
    "Walk",
    "Way",
    "Worker",
    "Write",
    "WriteChecks",
    "ab_mcts",
    "adas",
    "aegis",
    "agent_occam",
    "agent_r",
    "agentcoder",
    "agentless",
    "agentswift",
    "anytime",
    "beam",
    "best_first",
    "best_of_n",
    "capo",
    "check_parts",
    "codecor",
    "codetree",
    "debate",
    "dvts",
    "dylan",
    "expectation",
    "goalact",
    "hiagent",
    "importance",
    "lats",
    "ltl",
    "magicore",
    "make_recipe",
    "malt",
    "mcts",
    "memento",
    "merge",
    "particle",
    "poact",
    "rap",
    "rebase",
    "recipe_names",
    "repair",
    "rest_mcts",
    "resume",
    "rollouts",
    "run_async",
    "se_agent",
    "search",
    "self_consistency",
    "self_repair",
    "skills",
    "solve",
    "swe_search",
    "tot",
    "tree_of_code",
    "webpilot",
]
