"""Suites, runs over them, and how a run's progress is shown."""

from .progress import Progress
from .run import Summary, compare, run_suite
from .suites import Suite, load_suite, suite_names

__all__ = ["Progress", "Suite", "Summary", "compare", "load_suite", "run_suite", "suite_names"]
