"""The `treewright` command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..domains.web import collected
from ..runs.metrics import metrics
from ..runs.report import write_report
from ..runs.run import compare
from ..runs.shards import in_shard
from ..runs.suites import load_suite, suite_names, without_broken
from ..search import Budget, RunReader, make_recipe, recipe_names, run_async, solve
from ..search.registry import names
from . import distributed, options
from .comparing import compare_command
from .costs import cost_command
from .demo import demo
from .doctor import doctor
from .durability import repair_command, resume_command
from .errors import teach
from .fitting import not_for
from .improving import improve_command
from .jobs import init_command, job_of, suites_command
from .looking import album_command, plot_command, report_command, view_command
from .merging import merge_command
from .output import Output
from .recipes import recipes_app
from .replaying import replay_command, sweep_command
from .replicas import replicas_command
from .serve import serve
from .show import print_result, print_solved
from .stats import stats_command
from .store import rm_command, runs_command, watch_command
from .training import train_value_command
from .trusting import trust_command

app = typer.Typer(
    name="treewright",
    help="Tree search for language-model agents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("serve")(serve)
app.command("demo")(demo)
app.command("resume")(resume_command)
app.command("repair")(repair_command)
app.command("replay")(replay_command)
app.command("cost")(cost_command)
app.command("sweep")(sweep_command)
app.command("doctor")(doctor)
app.command("suites")(suites_command)
app.command("init")(init_command)
app.command("runs")(runs_command)
app.command("watch")(watch_command)
app.command("rm")(rm_command)
app.command("compare")(compare_command)
app.command("stats")(stats_command)
app.command("merge")(merge_command)
app.command("replicas")(replicas_command)
app.command("view")(view_command)
app.command("album")(album_command)
app.command("report")(report_command)
app.command("plot")(plot_command)
app.add_typer(recipes_app, name="recipes")
app.command("trust")(trust_command)
app.command("train-value")(train_value_command)
app.command("improve")(improve_command)


@app.command("solve")
@teach
def solve_command(
    task: Annotated[str | None, typer.Argument(help="The problem, in plain text; or give --file.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file that holds the problem.")] = None,
    start: Annotated[str | None, typer.Option(help="The address to start at, for --domain web.")] = None,
    domain: Annotated[str, typer.Option(help=f"One of: {', '.join(names('domains'))}.")] = "math",
    search: Annotated[str, typer.Option(help=f"The recipe; one of: {', '.join(recipe_names())}.")] = "mcts",
    model: options.Model = options.DEFAULT_URL,
    name: options.ModelName = None,
    value: options.Value = "label",
    value_url: options.ValueUrl = None,
    prior: options.Prior = "model",
    budget: Annotated[int, typer.Option(help="Nodes to expand.")] = 64,
    constants: options.Constants = None,
    seed: options.Seed = 0,
    concurrency: options.Concurrency = 0,
    out: Annotated[Path | None, typer.Option(help="A new run directory for the journal.")] = None,
    depth: options.Depth = 3,
    domain_set: options.DomainSet = None,
    unsafe_no_sandbox: options.UnsafeNoSandbox = False,
) -> None:
    """Solves one problem and draws its tree."""
    problem = options.task_text(task, file)
    if start is not None:
        problem = f"{problem}\nStart at {start}"
    policy, judge = options.models(model, name, value, prior, value_url)
    chosen = options.constants(constants)
    of_domain = options.constants(domain_set, "domain-set")
    recipe = make_recipe(search, **chosen)
    if misfit := not_for(search, domain):
        typer.echo(misfit, err=True)
    with collected() as browsers:
        result = solve(
            problem,
            domain=options.domain(domain, of_domain, unsafe=unsafe_no_sandbox),
            policy=policy,
            value=judge,
            recipe=recipe,
            budget=Budget(expansions=budget),
            seed=seed,
            concurrency=concurrency or "auto",
            run=out,
            about=options.about(model, name, value, prior, chosen, value_url, domain, of_domain),
        )
    print_result(Console(), result, depth=depth)
    for counts in browsers:
        typer.echo(f"browser: {counts.report()}")


@app.command("run")
@teach
def run_command(
    context: typer.Context,
    suite: Annotated[str, typer.Argument(help=f"A job file (.toml), or a suite: {', '.join(suite_names())}.")],
    search: Annotated[str, typer.Option(help="Recipes, by comma; the first one sets the token budget.")] = "mcts",
    budget: Annotated[str, typer.Option(help="Nodes the first recipe expands a task; several by comma.")] = "64",
    model: options.Model = options.DEFAULT_URL,
    name: options.ModelName = None,
    value: options.Value = "label",
    value_url: options.ValueUrl = None,
    prior: options.Prior = "model",
    limit: Annotated[int | None, typer.Option(min=1, help="Tasks of the suite.")] = None,
    shuffle: Annotated[int | None, typer.Option(help="Take the tasks in another order, by this seed.")] = None,
    tasks: Annotated[str | None, typer.Option(help="Ids of the tasks, by comma.")] = None,
    data: Annotated[
        str | None, typer.Option(help="The file of a suite that is read, or package:NAME/FILE for a package's own.")
    ] = None,
    hub: Annotated[
        str | None, typer.Option(help="A Hugging Face data set instead: NAME, or NAME:CONFIG:SPLIT.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Which split of a data set.")] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--field", help="A task's field and the file's, as text=NAME; for suite rows.")
    ] = None,
    domain: Annotated[str | None, typer.Option(help="Another domain than the suite's, such as code_lines.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Leave out tasks whose reference solution fails.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used.")] = False,
    constants: options.Constants = None,
    prices: options.Prices = None,
    seed: options.Seed = 0,
    concurrency: options.Concurrency = 0,
    deterministic: options.Deterministic = False,
    cache: options.Cache = None,
    shard: options.Shard = None,
    runner: distributed.Runner = "local",
    address: distributed.Address = None,
    workers: distributed.Workers = 0,
    worker_cpus: distributed.WorkerCpus = 1.0,
    worker_resource: distributed.WorkerResource = None,
    servers: distributed.Servers = "shared",
    scratch: distributed.Scratch = None,
    out: Annotated[Path, typer.Option(help="Where the run directories are made.")] = Path("results"),
    lines: options.Lines = False,
    metrics_port: options.MetricsPort = None,
    domain_set: options.DomainSet = None,
    unsafe_no_sandbox: options.UnsafeNoSandbox = False,
) -> None:
    """Runs recipes over a suite, all at the first one's token budget, and prints one table."""
    job = job_of(context, suite)
    asked = job.model
    models = (asked.url, asked.name, asked.value, asked.prior, asked.value_url)
    policy, judge = options.models(*models)
    loaded = load_suite(job.suite.name, job.choice)
    domain_named = loaded.domain if isinstance(loaded.domain, str) else None
    if domain_named is not None:
        loaded = replace(loaded, domain=options.domain(domain_named, job.suite.options, unsafe=unsafe_no_sandbox))
    if job.suite.check:
        loaded = without_broken(loaded)
    if job.suite.options.get("oracle_reward"):
        loaded = replace(loaded, name=f"{loaded.name}-oracle")  # beside every figure
    recipes = job.search.made()
    about = options.about(*models[:4], job.search.constants, asked.value_url, domain_named, job.suite.options)
    if shard is not None:
        loaded, about["shard"] = in_shard(loaded, shard, recipes)
    with collected() as browsers, metrics(metrics_port) as served:
        shown = Output(lines=lines, metrics=served)
        shown.left_out(loaded)
        for misfit in filter(None, (not_for(recipe.name, domain_named or "") for recipe in recipes)):
            shown.note(misfit)
        summaries = run_async(
            compare(
                loaded,
                recipes,
                job.budget.budgets(),
                policy=policy,
                value=judge,
                root=Path(job.output.directory),
                seed=job.search.seed,
                concurrency=job.search.concurrency or "auto",
                progress=shown.progress,
                deterministic=job.search.deterministic,
                cache=None if job.search.cache is None else Path(job.search.cache),
                about=about,
                job=job,
                runner=distributed.runner(
                    runner, models, address, workers, worker_cpus, worker_resource, servers, scratch
                ),
            )
        )
    shown.comparison(summaries)
    for summary in summaries:
        write_report(summary.directory, curve=False)
    for counts in browsers:
        shown.note(f"browser: {counts.report()}")


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
    print_solved(console, reader)


if __name__ == "__main__":
    app()
