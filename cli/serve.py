"""`treewright serve`: a local vLLM server in the foreground."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..value_models.pooling_server import POOLS, pooling_arguments
from ..value_models.serving import Server
from .errors import teach


@teach
def serve(
    model: Annotated[str | None, typer.Option(help="A model name or directory; by default the small model.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 8000,
    max_model_len: Annotated[int, typer.Option(min=16, help="Context length, in tokens.")] = 2048,
    log: Annotated[Path | None, typer.Option(help="File for the server's own log.")] = None,
    pool: Annotated[
        str | None, typer.Option(help=f"Serve numbers instead of text; one of: {', '.join(POOLS)}.")
    ] = None,
) -> None:
    """Starts a local vLLM server (the GPU build where there is one, else the CPU build) and waits for Ctrl-C."""
    arguments = () if pool is None else pooling_arguments(pool, model)
    with Server(
        model,
        host=host,
        port=port,
        max_model_len=max_model_len,
        log_path=log,
        arguments=arguments,
        progress=typer.echo,
    ) as server:
        typer.echo(f"ready: {server.url}  (log: {server.log_path}; Ctrl-C stops it)")
        try:
            code = server.wait()
        except KeyboardInterrupt:
            typer.echo("stopping ...")
            return
    typer.echo(f"the server ended by itself with exit code {code}; see {server.log_path}", err=True)
    raise typer.Exit(1)
