"""The `treewright` command."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..runs.progress import Progress
from ..runs.run import compare
from ..runs.suites import load_suite, suite_names
from ..search import Budget, RunReader, make_recipe, recipe_names, solve
from ..search.registry import names
from . import options
from .demo import demo
from .errors import teach
from .serve import serve
from .show import print_comparison, print_result

app = typer.Typer(
    name="treewright",
    help="Tree search for language-model agents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("serve")(serve)
app.command("demo")(demo)


@app.command("solve")
@teach
def solve_command(
    task: Annotated[str, typer.Argument(help="The problem, in plain text.")],
    domain: Annotated[str, typer.Option(help=f"One of: {', '.join(names('domains'))}.")] = "math",
    search: Annotated[str, typer.Option(help=f"The recipe; one of: {', '.join(recipe_names())}.")] = "mcts",
    model: options.Model = options.DEFAULT_URL,
    name: options.ModelName = None,
    value: options.Value = "label",
    prior: options.Prior = "model",
    budget: Annotated[int, typer.Option(help="Nodes to expand.")] = 64,
    constants: options.Constants = None,
    seed: options.Seed = 0,
    concurrency: options.Concurrency = 32,
    out: Annotated[Path | None, typer.Option(help="A new run directory for the journal.")] = None,
    depth: options.Depth = 3,
) -> None:
    """Solves one problem and draws its tree."""
    policy, judge = options.models(model, name, value, prior)
    recipe = make_recipe(search, **options.constants(constants))
    result = solve(
        task,
        domain=domain,
        policy=policy,
        value=judge,
        recipe=recipe,
        budget=Budget(expansions=budget),
        seed=seed,
        concurrency=concurrency,
        run=out,
    )
    print_result(Console(), result, depth=depth)


@app.command("run")
@teach
def run_command(
    suite: Annotated[str, typer.Argument(help="; ".join(f"{key}: {about}" for key, about in suite_names().items()))],
    search: Annotated[str, typer.Option(help="Recipes, by comma; the first one sets the token budget.")] = "mcts",
    budget: Annotated[str, typer.Option(help="Nodes the first recipe expands a task; several by comma.")] = "64",
    model: options.Model = options.DEFAULT_URL,
    name: options.ModelName = None,
    value: options.Value = "label",
    prior: options.Prior = "model",
    limit: Annotated[int | None, typer.Option(min=1, help="Tasks of the suite.")] = None,
    data: Annotated[Path | None, typer.Option(help="The file of a suite that is read.", exists=True)] = None,
    constants: options.Constants = None,
    seed: options.Seed = 0,
    concurrency: options.Concurrency = 32,
    out: Annotated[Path, typer.Option(help="Where the run directories are made.")] = Path("results"),
) -> None:
    """Runs recipes over a suite, all at the first one's token budget, and prints one table."""
    console = Console()
    policy, judge = options.models(model, name, value, prior)
    shared = options.constants(constants)
    summaries = asyncio.run(
        compare(
            load_suite(suite, limit=limit, seed=seed, data=data),
            options.recipes(search, shared),
            options.numbers("budget", budget),
            policy=policy,
            value=judge,
            root=out,
            seed=seed,
            concurrency=concurrency,
            progress=Progress(console),
        )
    )
    print_comparison(console, summaries)


@app.command("show")
@teach
def show_command(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    task: Annotated[str, typer.Argument(help="A task's id; without one, the run's tasks are listed.")] = "",
    depth: options.Depth = 3,
    width: Annotated[int, typer.Option(min=1, help="Children of a node to draw.")] = 6,
) -> None:
    """Draws the tree of one task of a run, and the path to its answer."""
    console, reader = Console(), RunReader(run)
    if task:
        print_result(console, reader.result(task), depth=depth, width=width)
        return
    for finished in reader.tasks():
        console.print(str(reader.result(finished)), soft_wrap=True, markup=False, highlight=False)


if __name__ == "__main__":
    app()
