"""Options of the commands that run on more than one machine, and the runner that they make."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from ..runs.distributed import Cluster, RayRunner, resources, shared_out
from ..search.errors import UnknownName
from ..value_models.protocols import Policy, Ranker, ValueModel
from . import options

RUNNERS = ("local", "ray")
SERVERS = ("shared", "split")

Runner = Annotated[str, typer.Option(help="Who searches: local, this process; ray, workers on a Ray cluster.")]
Address = Annotated[str | None, typer.Option(help="The Ray cluster; without one, Ray is started on this machine.")]
Workers = Annotated[int, typer.Option(min=0, help="With ray: worker processes; 0 is one a node.")]
WorkerCpus = Annotated[float, typer.Option(min=0.0, help="With ray: CPUs of a worker, sandbox and browser included.")]
WorkerResource = Annotated[
    list[str] | None, typer.Option(help="With ray: what else a worker takes, as NAME=AMOUNT, such as browser=1.")
]
Servers = Annotated[
    str, typer.Option(help="With ray: model servers of a worker; shared: all of --model; split: its share of them.")
]
Scratch = Annotated[Path | None, typer.Option(help="With ray: folder on each worker's machine for its journals.")]


def runner(
    kind: str,
    models: tuple[str, str | None, str, str, str | None],
    address: str | None,
    workers: int,
    cpus: float,
    resource: list[str] | None,
    servers: str,
    scratch: Path | None,
) -> RayRunner | None:
    """The runner; None is this process.

    Args:
        kind: of `RUNNERS`.
        models: URL, name, value, prior and the value model's URL, as `options.models` takes them.
        address, workers, cpus, resource, servers, scratch: the options of those names.

    Raises:
        UnknownName: no such runner, or no such way to share servers.
        SearchError: a resource that is none.
    """
    if kind not in RUNNERS:
        raise UnknownName("values for --runner", kind, RUNNERS)
    if servers not in SERVERS:
        raise UnknownName("values for --servers", servers, SERVERS)
    if kind == "local":
        return None
    cluster = Cluster(address, workers, cpus, resources(resource), scratch)
    return RayRunner(partial(worker_models, *models, servers), cluster)


def worker_models(
    url: str, name: str | None, value: str, prior: str, value_url: str | None, servers: str, number: int, of: int
) -> tuple[Policy | Ranker, ValueModel]:
    """The models of one worker, at its share of the servers."""
    urls = [one.strip() for one in url.split(",")]
    share = shared_out(urls, cast(Literal["shared", "split"], servers), number, of)
    return options.models(",".join(share), name, value, prior, value_url)
