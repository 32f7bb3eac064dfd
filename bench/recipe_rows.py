"""The table of a comparison of recipes: one row a recipe, suite and budget, read from its finished and cut-off runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recipe_plot import Dot, draw

from treewright.runs import wilson
from treewright.search import RunReader
from treewright.search.journal import verdicts

BASELINES = ("best_of_n", "self_consistency")
HEAD = ["suite", "budget", "recipe", "solved", "95% interval", "policy tokens a task", "value tokens a task", "seconds"]


@dataclass
class Row:
    """One recipe on one suite at one budget, over all seeds; `failed` says why there are no figures.

    Attributes:
        given: tasks over all seeds that have begun.
        tasks: of them, those that are finished; all further figures are theirs.
        seconds: that the runs were worked on.
        failures: nodes that failed.
    """

    suite: str
    recipe: str
    budget: int
    given: int = 0
    tasks: int = 0
    solved: int = 0
    policy_tokens: int = 0
    value_tokens: int = 0
    seconds: float = 0.0
    failures: int = 0
    failed: str = ""

    def add(self, directory: Path) -> None:
        """Adds one seed's run, as far as it has come."""
        run = RunReader(directory)
        done = verdicts(run)
        self.given += len(run.task_ids())
        self.tasks += len(done)
        self.solved += sum(correct is True for correct in done.values())
        self.seconds += max((turn.at for turn in run.turns()), default=0.0)
        for result in map(run.result, done):
            self.policy_tokens += result.cost.policy_tokens
            self.value_tokens += result.cost.value_tokens
            self.failures += len(result.failures)

    def cells(self) -> list[str]:
        """The row of the table."""
        if not self.tasks:
            why = f"failed: {self.failed}" if self.failed else "cut off"
            return [self.suite, f"{self.budget:,}", self.recipe, why, "", "", "", ""]
        share = wilson(self.solved, self.tasks)
        cut = f" (cut off; {self.given} given)" if self.tasks < self.given else ""
        return [
            self.suite,
            f"{self.budget:,}",
            self.recipe,
            f"{self.solved}/{self.tasks}{cut}",
            f"{share.low:.0%} to {share.high:.0%}",
            f"{self.policy_tokens / self.tasks:,.0f}",
            f"{self.value_tokens / self.tasks:,.0f}",
            f"{self.seconds:.1f}" + (f" ({self.failures} nodes failed)" if self.failures else ""),
        ]


def write(rows: Sequence[Row], out: Path) -> None:
    """The table in Markdown, and the plot."""
    lines = [f"| {' | '.join(cells)} |" for cells in (HEAD, ["---"] * len(HEAD), *(row.cells() for row in rows))]
    (out / "recipes.md").write_text("\n".join(lines) + "\n")
    dots = [
        Dot(f"{row.suite}, {row.budget:,} tokens", row.recipe, share.value, share.low, share.high,
            row.recipe in BASELINES)
        for row in rows if row.tasks for share in [wilson(row.solved, row.tasks)]
    ]  # fmt: skip
    (out / "recipes.svg").write_text(draw(dots))
