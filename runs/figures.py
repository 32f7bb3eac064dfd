"""A search's figures at one moment, as they are shown while it goes on: in words, as JSON, as Prometheus text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..search import Status
from .statistics import Estimate, wilson


@dataclass(frozen=True, slots=True)
class Figures:
    """How far a search is.

    Attributes:
        name: of the search, as shown.
        tasks, done, solved: tasks given, finished, and passed by the grader.
        tokens: of policy and value model so far.
        dollars: so far; 0 where no prices were given.
        in_flight: model requests; None where that cannot be seen from here.
        seconds: since its start.
    """

    name: str
    tasks: int
    done: int
    solved: int
    tokens: int
    dollars: float
    in_flight: int | None
    seconds: float

    @classmethod
    def of(cls, name: str, status: Status) -> Figures:
        """Those of a search in this process."""
        return cls(
            name,
            status.tasks,
            status.done,
            status.solved,
            status.policy_tokens + status.value_tokens,
            status.dollars,
            status.requests,
            status.seconds,
        )

    @property
    def accuracy(self) -> Estimate:
        """The share of the finished tasks that is solved, with its Wilson interval."""
        return wilson(self.solved, self.done)

    @property
    def rate(self) -> float:
        """Tokens a second since the start."""
        return self.tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds left if the other tasks take as long as those that are done; None before the first is."""
        return self.seconds / self.done * (self.tasks - self.done) if self.done else None

    def words(self) -> str:
        """The figures of the work so far, without tasks and time."""
        parts = [f"{self.solved} solved"]
        if self.done:
            parts[0] += f" ({self.accuracy.low:.0%} to {self.accuracy.high:.0%})"
        parts.append(f"{self.rate:,.0f} tokens/s")
        if self.dollars:
            parts.append(f"${self.dollars:.2f}")
        if self.in_flight is not None:
            parts.append(f"{self.in_flight} in flight")
        return ", ".join(parts)

    def line(self) -> str:
        """All of it in one line."""
        line = f"{self.name}: {self.done}/{self.tasks} tasks, {self.words()}"
        if self.left is not None and self.done < self.tasks:
            line += f", about {self.left:.0f} s left"
        return line

    def plain(self) -> dict[str, Any]:
        """All of it as plain data."""
        share = self.accuracy
        return {
            "run": self.name,
            "tasks": self.tasks,
            "done": self.done,
            "solved": self.solved,
            "accuracy": None if math.isnan(share.value) else share.value,
            "accuracy_low": share.low,
            "accuracy_high": share.high,
            "tokens": self.tokens,
            "tokens_per_second": self.rate,
            "dollars": self.dollars,
            "in_flight": self.in_flight,
            "seconds": self.seconds,
            "seconds_left": self.left,
        }


_GAUGES: Mapping[str, str] = {
    "tasks": "Tasks of the run.",
    "done": "Tasks finished.",
    "solved": "Finished tasks that passed the grader.",
    "accuracy": "Share of the finished tasks that passed.",
    "accuracy_low": "Lower end of its 95% Wilson interval.",
    "accuracy_high": "Upper end of its 95% Wilson interval.",
    "tokens": "Tokens of policy and value model.",
    "tokens_per_second": "Tokens a second since the start.",
    "dollars": "Dollars by the run's prices.",
    "in_flight": "Model requests in flight.",
    "seconds": "Seconds since the start.",
}


def exposition(searches: Iterable[Figures]) -> str:
    """Prometheus' text format, version 0.0.4: each figure as a gauge `treewright_NAME{run="..."}`."""
    plain = [figures.plain() for figures in searches]
    lines = []
    for name, about in _GAUGES.items():
        lines += [f"# HELP treewright_{name} {about}", f"# TYPE treewright_{name} gauge"]
        lines += [
            f'treewright_{name}{{run="{_label(figures["run"])}"}} {figures[name]}'
            for figures in plain
            if figures[name] is not None
        ]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
