"""What `treewright run` and `resume` print while they work and at the end: for a reader, or as JSON lines."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import typer
from rich.console import Console

from ..runs.metrics import Metrics
from ..runs.progress import Progress
from ..runs.run import Summary
from ..runs.statistics import wilson
from ..runs.suites import Suite
from .show import print_comparison


class Output:
    """Where a command's results go.

    Args:
        lines: print JSON lines, an object each; what is no result goes to the error output then.
        metrics: serves the searches' figures.
    """

    def __init__(self, *, lines: bool, metrics: Metrics | None = None) -> None:
        self._lines = lines
        self._console = Console()
        self.progress = Progress(None if lines else self._console, lines=sys.stdout if lines else None, metrics=metrics)

    def left_out(self, suite: Suite) -> None:
        """Says which tasks are not among the suite's, and how many they are."""
        for reason in suite.left_out:
            typer.echo(f"left out: {reason}", err=True)
        if suite.left_out:
            typer.echo(f"{len(suite.left_out)} left out, {len(suite.tasks)} taken", err=True)

    def note(self, text: str) -> None:
        """Says something that is no result."""
        self.progress.say(text)

    def comparison(self, summaries: Sequence[Summary]) -> None:
        """Shows what the runs came to."""
        if not self._lines:
            print_comparison(self._console, summaries)
            return
        for summary in summaries:
            share = wilson(summary.solved, len(summary.results))
            self.progress.emit(
                "run",
                {
                    "directory": str(summary.directory),
                    "recipe": summary.recipe,
                    "budget": summary.budget.model_dump(exclude_none=True, exclude={"prices"}),
                    "tasks": len(summary.results),
                    "solved": summary.solved,
                    "accuracy": None if math.isnan(share.value) else share.value,
                    "accuracy_low": share.low,
                    "accuracy_high": share.high,
                    "policy_tokens": summary.policy_tokens,
                    "value_tokens": summary.value_tokens,
                    "dollars": sum(result.cost.dollars for result in summary.results),
                    "failures": summary.failures,
                    "late": summary.late,
                    "cached": summary.cached,
                    "seconds": summary.seconds,
                },
            )
