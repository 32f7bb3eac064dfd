"""The search API: budgets, recipes, the engine, and results."""

from ..domains.protocol import Task
from .anytime import UNITS, Course, Moment, Unit, anytime
from .api import resume, search, solve
from .budget import Budget, Cost, Prices
from .deadlines import Deadlines
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
from .journal import Event, Journal, Merged, Repaired, RunReader, Turn, merge, repair
from .loop import run_async
from .operators import Advise, Operator, Propose, Request, WriteChecks
from .parts import check_parts
from .recipe import Recipe, make_recipe, recipe_names
from .recipes import beam, best_first, best_of_n, codetree, mcts, rollouts, self_consistency, self_repair
from .replay import Replay, Replayed
from .result import Result
from .selection import Beam, Chain, Descent, Frontier, RootOnly, Selection, Walk
from .status import Status
from .tree import Node, Tree
from .trial import Outcome, Trial
from .watch import Concurrency
from .worker import Worker

__all__ = [
    "UNITS",
    "Advise",
    "Beam",
    "Budget",
    "Chain",
    "Child",
    "Concurrency",
    "Cost",
    "Course",
    "Deadlines",
    "Descent",
    "Driver",
    "Engine",
    "Event",
    "Expansion",
    "Frontier",
    "Interrupted",
    "Journal",
    "JournalError",
    "Merged",
    "MissingPart",
    "Moment",
    "NameCollision",
    "Node",
    "Operator",
    "Outcome",
    "Prices",
    "Propose",
    "Recipe",
    "Repaired",
    "Replay",
    "Replayed",
    "Request",
    "Result",
    "RootOnly",
    "RunInUse",
    "RunPaused",
    "RunReader",
    "SearchError",
    "Selection",
    "Status",
    "Task",
    "Tree",
    "Trial",
    "Turn",
    "Unit",
    "UnknownName",
    "UnknownTrial",
    "Walk",
    "Worker",
    "WriteChecks",
    "anytime",
    "beam",
    "best_first",
    "best_of_n",
    "check_parts",
    "codetree",
    "make_recipe",
    "mcts",
    "merge",
    "recipe_names",
    "repair",
    "resume",
    "rollouts",
    "run_async",
    "search",
    "self_consistency",
    "self_repair",
    "solve",
]
