"""`treewright improve`: search, learn a value model from the trees, search with it."""

from __future__ import annotations

from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ..runs.improve import Round, divided, improve
from ..runs.progress import Progress
from ..runs.run import new_directory
from ..runs.suites import Suite, load_suite
from ..search import Budget, Recipe, make_recipe, run_async
from ..value_models import VLLM, Server
from ..value_models.learned import Embeddings, check_installed
from ..value_models.pooling_server import pooling_arguments
from . import options
from .errors import teach


@teach
def improve_command(
    suite: Annotated[str, typer.Argument(help="A suite, as for `treewright run`.")],
    rounds: Annotated[int, typer.Option(min=1, help="Value models trained, one after the other.")] = 3,
    learn: Annotated[int, typer.Option(min=10, help="Tasks to learn from; further ones are measured on.")] = 60,
    held_out: Annotated[int, typer.Option(min=1, help="Tasks to measure on.")] = 40,
    search: Annotated[str, typer.Option(help="The recipe.")] = "mcts",
    budget: Annotated[int, typer.Option(min=1, help="Nodes to expand a task.")] = 64,
    model: Annotated[str | None, typer.Option(help="URL of the policy's server; by default an own one.")] = None,
    features: Annotated[
        str | None, typer.Option(help="URL of a server of `treewright serve --pool embed`; by default an own one.")
    ] = None,
    start: Annotated[str, typer.Option(help="Who scores in round 0, as for `treewright run --value`.")] = "none",
    prior: options.Prior = "uniform",
    beside: Annotated[bool, typer.Option(help="Also best_of_n, at the last round's tokens.")] = True,
    most: Annotated[int, typer.Option(min=50, help="States that a value model learns from, at most.")] = 2000,
    constants: options.Constants = None,
    data: Annotated[Path | None, typer.Option(help="The file of a suite that is read.", exists=True)] = None,
    seed: options.Seed = 0,
    concurrency: options.Concurrency = 0,
    out: Annotated[Path, typer.Option(help="Where the directory of this loop is made.")] = Path("results"),
) -> None:
    """Searches, trains a value model on the trees, and searches with it; each round is measured on held-out tasks."""
    console = Console()
    loaded = load_suite(suite, limit=learn + held_out, seed=seed, data=data)
    learning, measured = divided(loaded, learn)
    recipe = make_recipe(search, **options.constants(constants))
    check_installed()
    options.models(model or options.DEFAULT_URL, None, start, prior)  # what is wrong with these, before a server starts
    own = None if features is None else options.embeddings("features", features)
    root = new_directory(out, loaded.name, "improve")
    with ExitStack() as servers:
        needs_policy = prior == "model" or beside or start != "none"
        if model is None and needs_policy:
            model = servers.enter_context(Server(progress=typer.echo)).url
        if own is None:
            server = Server(arguments=pooling_arguments("embed", None), progress=typer.echo)
            own = Embeddings(servers.enter_context(server).url)
        url = model or options.DEFAULT_URL
        policy, first = options.models(url, None, start, prior)
        shown = _loop(
            learning, measured, recipe, Budget(expansions=budget), console,
            policy=policy, start=first, features=own, root=root, rounds=rounds, most=most,
            beside=VLLM(url) if beside else None, seed=seed, concurrency=concurrency or "auto",
            progress=Progress(console),
        )  # fmt: skip
        rows = run_async(shown)
    _print(console, rows, f"{loaded.name}: {len(measured.tasks)} held-out tasks, {budget} nodes a task")
    console.print(f"runs and value models: {root}", soft_wrap=True, markup=False, highlight=False)


async def _loop(
    learning: Suite, measured: Suite, recipe: Recipe, budget: Budget, console: Console, **parts: Any
) -> list[Round]:
    rows = []
    async with aclosing(improve(learning, measured, recipe, budget, **parts)) as rounds:
        async for row in rounds:
            console.print(f"{row.name}: {row.solved:.1%} solved", highlight=False)
            rows.append(row)
    return rows


def _print(console: Console, rows: list[Round], title: str) -> None:
    table = Table("", title=title)
    for name in ("solved, 95%", "beside round 0, 95%", "tokens a task", "AUROC in training", "seconds"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.solved:.1%}",
            "" if row.gained is None else f"{row.gained:+.1%}",
            f"{row.tokens:,.0f}",
            "" if row.report is None else f"{row.report.auroc:.3f}",
            f"{row.summary.seconds:,.0f}",
        )
    console.print(table)
