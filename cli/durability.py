"""`treewright resume` and `treewright repair`: runs that stopped before their end, and journals that are damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..runs.kept import domain_name
from ..runs.metrics import metrics
from ..runs.report import write_report
from ..runs.report.page import FILE_NAME as REPORT_NAME
from ..runs.run import resume_run
from ..runs.store import listed
from ..search import RunReader, SearchError, repair, run_async
from . import distributed, options
from .errors import teach
from .output import Output

Run = Annotated[Path, typer.Argument(help="A run directory.")]


@teach
def resume_command(
    run: Run,
    model: Annotated[str | None, typer.Option(help="URL of the model server, where it has moved.")] = None,
    name: options.ModelName = None,
    cache: options.Cache = None,
    lines: options.Lines = False,
    metrics_port: options.MetricsPort = None,
    runner: distributed.Runner = "local",
    address: distributed.Address = None,
    workers: distributed.Workers = 0,
    worker_cpus: distributed.WorkerCpus = 1.0,
    worker_resource: distributed.WorkerResource = None,
    servers: distributed.Servers = "shared",
    scratch: distributed.Scratch = None,
) -> None:
    """Goes on with a run that stopped before its end; what its journal holds is not paid for again."""
    about = RunReader(run).meta().get("about") or {}
    reported = listed(run).state == "done" and (run / REPORT_NAME).exists()
    models = (
        model or about.get("url", options.DEFAULT_URL),
        name or about.get("name"),
        about.get("value", "label"),
        about.get("prior", "model"),
        about.get("value_url"),
    )
    on_ray = distributed.runner(runner, models, address, workers, worker_cpus, worker_resource, servers, scratch)
    with metrics(metrics_port) as served:
        shown = Output(lines=lines, metrics=served)
        given = about.get("domain_options", {})
        domain = options.domain(domain_name(RunReader(run).meta()), given) if given else None
        if on_ray is not None:
            if given:
                raise SearchError(
                    "a run whose domain has options of its own goes on in one process; leave --runner out"
                )
            summary = run_async(on_ray.resume(run, progress=shown.progress, cache=cache))
        else:
            policy, judge = options.models(*models)
            summary = run_async(
                resume_run(run, policy=policy, value=judge, domain=domain, progress=shown.progress, cache=cache)
            )
    shown.comparison([summary])
    if not reported:  # a report of all that there is may hold more than this one
        write_report(run, curve=False)


@teach
def repair_command(run: Run) -> None:
    """Checks a run's journal and saves what can be read of a damaged one; the damaged file is kept beside it."""
    typer.echo(str(repair(run)))
