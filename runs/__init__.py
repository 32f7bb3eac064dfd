"""Suites, runs over them, and how a run's progress is shown."""

from .accounts import Account, accounts
from .progress import Progress
from .run import Summary, compare, resume_run, run_suite
from .suites import Suite, load_suite, suite_names, without_broken
from .sweep import Point, Range, Setting, at_random, grid, sweep

__all__ = [
    "Account",
    "Point",
    "Progress",
    "Range",
    "Setting",
    "Suite",
    "Summary",
    "accounts",
    "at_random",
    "compare",
    "grid",
    "load_suite",
    "resume_run",
    "run_suite",
    "suite_names",
    "sweep",
    "without_broken",
]
