"""The search API: budgets, recipes, the engine, and results."""

from ..domains.protocol import Task
from .api import check_parts, search, solve
from .budget import Budget, Cost, Prices
from .driver import Driver
from .engine import Engine
from .errors import JournalError, MissingPart, NameCollision, SearchError, UnknownName, UnknownTrial
from .expansion import Child, Expansion
from .journal import Event, Journal, RunReader
from .operators import Propose, Request
from .recipe import Recipe, make_recipe, recipe_names
from .recipes import beam, best_of_n, mcts, self_consistency
from .result import Result
from .selection import Beam, Descent, RootOnly, Selection
from .status import Status
from .tree import Node, Tree
from .trial import Outcome, Trial
from .worker import Worker

__all__ = [
    "Beam",
    "Budget",
    "Child",
    "Cost",
    "Descent",
    "Driver",
    "Engine",
    "Event",
    "Expansion",
    "Journal",
    "JournalError",
    "MissingPart",
    "NameCollision",
    "Node",
    "Outcome",
    "Prices",
    "Propose",
    "Recipe",
    "Request",
    "Result",
    "RootOnly",
    "RunReader",
    "SearchError",
    "Selection",
    "Status",
    "Task",
    "Tree",
    "Trial",
    "UnknownName",
    "UnknownTrial",
    "Worker",
    "beam",
    "best_of_n",
    "check_parts",
    "make_recipe",
    "mcts",
    "recipe_names",
    "search",
    "self_consistency",
    "solve",
]
