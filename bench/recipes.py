"""Recipes at equal token budgets: every registered recipe on the suites that its card names, baselines beside them.

`python bench/recipes.py` starts a local server with the small model and gives every recipe the same policy tokens a
task, on Game of 24 and on word problems: about ten minutes on 2 cores. `--full` (`make bench-recipes FULL=1`) takes
three budgets, two seeds, 40 tasks a suite and HumanEval too: hours. One table and one plot go to `--out`; each row has
the tasks solved over all seeds with their 95% Wilson interval, the policy and value tokens a task, and the seconds.
A recipe may stop before its budget is used up (it is solved, or has nothing left to do): the tokens say so.

`--url` takes a running server, `--model` another model to serve, `--gsm8k FILE` real word problems in place of those
from a template, `--recipes a,b` some of the recipes, `--suites a,b` some of the suites.
"""

from __future__ import annotations

import argparse
import asyncio
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recipe_plot import Dot, draw
from rich.console import Console
from word_problems import word_problems

from treewright.runs import Suite, load_suite, run_suite, wilson
from treewright.runs.run import new_directory
from treewright.search import Budget, make_recipe, recipe_names
from treewright.search.cards import card
from treewright.value_models import VLLM, Server

BASELINES = ("best_of_n", "self_consistency")
DOMAINS = {"game24": "game24", "words": "math", "humaneval": "code"}


@dataclass
class Row:
    """One recipe on one suite at one budget, over all seeds; `failed` says why there are no figures."""

    suite: str
    recipe: str
    budget: int
    tasks: int = 0
    solved: int = 0
    policy_tokens: int = 0
    value_tokens: int = 0
    seconds: float = 0.0
    failures: int = 0
    failed: str = ""

    def cells(self) -> list[str]:
        """The row of the table."""
        if not self.tasks:
            return [self.suite, f"{self.budget:,}", self.recipe, f"failed: {self.failed}", "", "", "", ""]
        share = wilson(self.solved, self.tasks)
        return [
            self.suite,
            f"{self.budget:,}",
            self.recipe,
            f"{self.solved}/{self.tasks}",
            f"{share.low:.0%} to {share.high:.0%}",
            f"{self.policy_tokens / self.tasks:,.0f}",
            f"{self.value_tokens / self.tasks:,.0f}",
            f"{self.seconds:.1f}" + (f" ({self.failures} nodes failed)" if self.failures else ""),
        ]


HEAD = ["suite", "budget", "recipe", "solved", "95% interval", "policy tokens a task", "value tokens a task", "seconds"]


def suite_of(name: str, tasks: int, seed: int, gsm8k: Path | None) -> Suite:
    """One of the bench's suites."""
    if name == "game24":
        return load_suite("game24", limit=tasks, seed=seed)
    if name == "humaneval":
        return load_suite("humaneval", limit=tasks)
    if gsm8k is not None:
        return load_suite("gsm8k", limit=tasks, data=gsm8k)
    return Suite("words", "math", tuple(word_problems(tasks)))


def fitting(suite: str, names: Sequence[str]) -> list[str]:
    """The recipes whose card names the suite's domain, the baselines first."""
    fit = [name for name in names if name in BASELINES or DOMAINS[suite] in card(name).domains]
    return sorted(fit, key=lambda name: (name not in BASELINES, name))


async def measure(row: Row, suites: Sequence[Suite], model: VLLM, out: Path, concurrency: int) -> Row:
    """Runs one recipe over a suite, once a seed; an error is the row's, and the others go on."""
    for seed, suite in enumerate(suites):
        try:
            summary = await run_suite(
                suite,
                make_recipe(row.recipe),
                Budget(policy_tokens=row.budget, expansions=10_000),
                policy=model,
                value=model,
                directory=new_directory(out, suite.name, f"{row.recipe}-{row.budget}-{seed}"),
                seed=seed,
                concurrency=concurrency,
            )
        except Exception as error:
            traceback.print_exc()
            row.failed = f"{type(error).__name__}: {error}".splitlines()[0]
            continue
        row.tasks += len(summary.results)
        row.solved += summary.solved
        row.policy_tokens += summary.policy_tokens
        row.value_tokens += summary.value_tokens
        row.seconds += summary.seconds
        row.failures += summary.failures
    return row


async def all_rows(url: str, args: argparse.Namespace, console: Console) -> list[Row]:
    """Every recipe on every suite at every budget, one run after the other."""
    model, rows = VLLM(url), []
    for name in args.suites.split(","):
        suites = [suite_of(name, args.tasks, seed, args.gsm8k) for seed in range(args.seeds)]
        names = args.recipes.split(",") if args.recipes else recipe_names()
        for budget in args.budgets:
            for recipe in fitting(name, names):
                row = await measure(Row(name, recipe, budget), suites, model, args.out, args.concurrency)
                console.print(" | ".join(row.cells()), highlight=False, markup=False, soft_wrap=True)
                rows.append(row)
    return rows


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


def main() -> None:
    """Measures, prints a line a run, and writes the table and the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--url", help="a running server instead of an own one")
    parser.add_argument("--model", help="another model to serve")
    parser.add_argument("--suites", help="of game24, words, humaneval")
    parser.add_argument("--recipes")
    parser.add_argument("--tasks", type=int)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--budgets", type=lambda text: [int(part) for part in text.split(",")], help="tokens a task")
    parser.add_argument("--gsm8k", type=Path)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--out", type=Path, default=Path("results/bench-recipes"))
    args = parser.parse_args()
    args.suites = args.suites or ("game24,words,humaneval" if args.full else "game24,words")
    args.tasks = args.tasks or (40 if args.full else 8)
    args.seeds = args.seeds or (2 if args.full else 1)
    args.budgets = args.budgets or ([4_000, 16_000, 64_000] if args.full else [4_000])
    args.out.mkdir(parents=True, exist_ok=True)
    console = Console()
    console.print(" | ".join(HEAD), highlight=False, soft_wrap=True)
    if args.url:
        rows = asyncio.run(all_rows(args.url, args, console))
    else:
        with Server(args.model) as server:
            rows = asyncio.run(all_rows(server.url, args, console))
    write(rows, args.out)
    console.print(f"{args.out}/recipes.md, {args.out}/recipes.svg")


if __name__ == "__main__":
    main()
