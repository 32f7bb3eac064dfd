"""`treewright replicas`: vLLM servers on the nodes of a Ray cluster, in the foreground."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ..runs.distributed import Cluster
from . import distributed
from .errors import teach


@teach
def replicas_command(
    count: Annotated[int, typer.Argument(min=1, help="How many servers.")],
    model: Annotated[
        str | None, typer.Option(help="A model name, or a directory on every node; by default the small model.")
    ] = None,
    address: distributed.Address = None,
    gpus: Annotated[float, typer.Option(min=0.0, help="GPUs of each; 0 where vLLM runs on the CPU.")] = 1.0,
    cpus: Annotated[float, typer.Option(min=0.0, help="CPUs of each.")] = 1.0,
) -> None:
    """Starts vLLM servers on a Ray cluster, prints what --model takes, and waits for Ctrl-C."""
    from ..runs.distributed.on_ray import connected
    from ..runs.distributed.replicas import replicas

    typer.echo(f"starting {count} servers; this may take minutes", err=True)
    with connected(Cluster(address)), replicas(count, model=model, gpus=gpus, cpus=cpus) as urls:
        typer.echo(f"--model {','.join(urls)}")
        try:
            while True:
                time.sleep(3600.0)
        except KeyboardInterrupt:
            typer.echo("stopping ...", err=True)
