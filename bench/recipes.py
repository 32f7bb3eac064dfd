"""Recipes at equal token budgets: every registered recipe on the suites that its card names, baselines beside them.

`python bench/recipes.py` starts a local server with the small model and gives every recipe the same policy tokens a
task, on Game of 24 and on word problems: 4 tasks and 500 tokens each, about ten minutes on 2 cores, which shows that
all recipes work and not which one is better. `--tasks 8 --budgets 4000` takes over an hour; `--full`
(`make bench-recipes FULL=1`) three budgets, two seeds, 40 tasks a suite, and all suites (HumanEval, MiniWoB++ with
enumerated actions where Chromium stands, a BabyAI room, repositories with a bug each): a day and more. One table and
one plot go to `--out`; each row has the tasks solved over all seeds with their 95% Wilson interval, the policy and
value tokens a task, and the seconds. A recipe may stop before its budget is used up (it is solved, or has nothing left
to do): the tokens say so.

The table is written anew after each row. What was cut off goes on: the same command again takes the runs of `--out`
that are finished as they are, goes on with the one that stopped, and makes those that are missing.

`--url` takes a running server, `--model` another model to serve, `--gsm8k FILE` real word problems in place of those
from a template, `--recipes a,b` some of the recipes, `--suites a,b` some of the suites.
"""

from __future__ import annotations

import argparse
import asyncio
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recipe_rows import BASELINES, HEAD, Row, write
from rich.console import Console
from word_problems import word_problems

from treewright.domains.web import NoBrowser, find_chromium
from treewright.runs import Suite, load_suite, resume_run, run_of, run_suite
from treewright.runs.run import new_directory
from treewright.search import Budget, RunPaused, make_recipe, recipe_names
from treewright.search.cards import card
from treewright.search.registry import load
from treewright.value_models import VLLM, Server

DOMAINS = {
    "game24": "game24",
    "words": "math",
    "humaneval": "code",
    "web": "web",
    "gym": "gym",
    "repairs": "code_repository",
}
LONG = {"web", "gym", "repairs"}  # suites whose states may take more than 2,048 tokens to show
GYM = "gym:minigrid:BabyAI-GoToRedBallNoDists-v0"
INTERRUPTED = 130


@dataclass(frozen=True)
class Bench:
    """Where the runs are made, and who answers.

    Attributes:
        model: proposes and scores.
        answers: which model that is; runs of another one are not taken.
        out: where run directories are looked for, and made.
    """

    model: Any
    answers: str | None
    out: Path
    concurrency: int

    async def run(self, row: Row, suite: Suite, seed: int) -> Path:
        """The directory of a row's run over a suite, once nothing of it is left to do."""
        asked = {
            "recipe": row.recipe,
            "budget": row.budget,
            "seed": seed,
            "tasks": [task.id for task in suite.tasks],
            "digest": suite.digest,
            "model": self.answers,
        }
        known = run_of(self.out, {"bench": asked})
        if known is None:
            summary = await run_suite(
                suite,
                make_recipe(row.recipe),
                Budget(policy_tokens=row.budget, expansions=10_000),
                policy=self.model,
                value=self.model,
                directory=new_directory(self.out, suite.name, f"{row.recipe}-{row.budget}-{seed}"),
                seed=seed,
                concurrency=self.concurrency,
                about={"bench": asked},
            )
            return summary.directory
        if known.state != "done":
            await resume_run(
                known.directory, policy=self.model, value=self.model, domain=suite.domain, tasks=suite.tasks
            )
        return known.directory


def suite_of(name: str, tasks: int, seed: int, gsm8k: Path | None) -> Suite:
    """One of the bench's suites."""
    if name == "game24":
        return load_suite("game24", limit=tasks, seed=seed)
    if name == "humaneval":
        return load_suite("humaneval", limit=tasks)
    if name == "web":
        return load_suite("miniwob", limit=tasks, seed=seed)
    if name == "repairs":
        return load_suite("repairs", limit=tasks, seed=seed)
    if name == "gym":
        return load_suite(GYM, limit=tasks, seed=seed * tasks)  # its tasks are the seeds from there on
    if gsm8k is not None:
        return load_suite("gsm8k", limit=tasks, data=gsm8k)
    return Suite("words", "math", tuple(word_problems(tasks)))


def fitting(suite: str, names: Sequence[str]) -> list[str]:
    """The recipes whose card names the suite's domain, the baselines first."""
    fit = [name for name in names if name in BASELINES or DOMAINS[suite] in card(name).domains]
    return sorted(fit, key=lambda name: (name not in BASELINES, name))


async def measure(row: Row, suites: Sequence[Suite], bench: Bench) -> None:
    """Runs one recipe over a suite, once a seed; an error is the row's, and the others go on.

    Raises:
        RunPaused: it was stopped; the row has what is finished.
    """
    for seed, suite in enumerate(suites):
        try:
            row.add(await bench.run(row, suite, seed))
        except RunPaused as paused:
            row.add(paused.directory)
            raise
        except Exception as error:
            traceback.print_exc()
            row.failed = f"{type(error).__name__}: {error}".splitlines()[0]


async def all_rows(bench: Bench, args: argparse.Namespace, console: Console) -> None:
    """Every recipe on every suite at every budget, one run after the other; the table is written after each."""
    rows: list[Row] = []
    for name in args.suites:
        suites = [suite_of(name, args.tasks, seed, args.gsm8k) for seed in range(args.seeds)]
        domain = load("domains", suites[0].domain)()  # one browser or sandbox for all runs
        suites = [replace(suite, domain=domain) for suite in suites]
        try:
            for budget in args.budgets:
                for recipe in fitting(name, args.recipes):
                    rows.append(Row(name, recipe, budget))
                    try:
                        await measure(rows[-1], suites, bench)
                    finally:
                        say(console, rows[-1].cells())
                        write(rows, args.out)
        finally:
            if hasattr(domain, "close"):
                domain.close()


def say(console: Console, cells: Sequence[str]) -> None:
    """One line of the table."""
    console.print(" | ".join(cells), highlight=False, markup=False, soft_wrap=True)


def has_chromium() -> bool:
    """Whether a browser stands here."""
    try:
        find_chromium()
    except NoBrowser:
        return False
    return True


def options() -> argparse.Namespace:
    """The options, with the sizes that belong to them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--url", help="a running server instead of an own one")
    parser.add_argument("--model", help="another model to serve")
    parser.add_argument("--suites", type=lambda text: text.split(","), help=f"of {', '.join(DOMAINS)}")
    parser.add_argument("--recipes", type=lambda text: text.split(","), default=recipe_names())
    parser.add_argument("--tasks", type=int)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--budgets", type=lambda text: [int(part) for part in text.split(",")], help="tokens a task")
    parser.add_argument("--gsm8k", type=Path)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--out", type=Path, default=Path("results/bench-recipes"))
    args = parser.parse_args()
    full = [name for name in DOMAINS if name != "web" or has_chromium()]
    args.suites = args.suites or (full if args.full else full[:2])
    args.tasks = args.tasks or (40 if args.full else 4)
    args.seeds = args.seeds or (2 if args.full else 1)
    args.budgets = args.budgets or ([4_000, 16_000, 64_000] if args.full else [500])
    if unknown := [name for name in args.suites if name not in DOMAINS]:
        parser.error(f"no suite {unknown[0]!r}; expected some of {', '.join(DOMAINS)}")
    return args


async def compare(url: str, args: argparse.Namespace, console: Console) -> None:
    """All rows, answered by the server at an address."""
    model = VLLM(url)
    await all_rows(Bench(model, await model.identity(), args.out, args.concurrency), args, console)


def main() -> None:
    """Measures, prints a line a row, and writes the table and the plot."""
    args, console = options(), Console()
    args.out.mkdir(parents=True, exist_ok=True)
    say(console, HEAD)
    try:
        if args.url:
            asyncio.run(compare(args.url, args, console))
        else:
            with Server(args.model, max_model_len=4096 if LONG.intersection(args.suites) else 2048) as server:
                asyncio.run(compare(server.url, args, console))
    except RunPaused:
        console.print("stopped; the same command goes on with it")
        raise SystemExit(INTERRUPTED) from None
    finally:
        console.print(f"{args.out}/recipes.md, {args.out}/recipes.svg")


if __name__ == "__main__":
    main()
