"""`treewright train-value`: a value model from runs."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ..runs.training import Material, State, check_new, material, states_of, train_value
from ..search import RunReader, run_async
from ..value_models import Server, fetch_small_model
from ..value_models.learned import Embeddings, check_installed
from ..value_models.pooling_server import pooling_arguments
from ..value_models.steps import SMALL_MODEL_TAG
from . import options
from .errors import teach


@teach
def train_value_command(
    runs: Annotated[list[Path], typer.Argument(help="Run directories.")],
    out: Annotated[Path, typer.Option(help="A new directory for the head, its report and the checkpoint.")],
    features: Annotated[
        str | None, typer.Option(help="URL of a server of `treewright serve --pool embed`; by default an own one.")
    ] = None,
    base: Annotated[
        Path | None, typer.Option(help="The model's directory, to make a checkpoint of; by default the small model's.")
    ] = None,
    tag: Annotated[str, typer.Option(help="The model's reserved token at which a step is scored.")] = SMALL_MODEL_TAG[
        0
    ],
    members: Annotated[int, typer.Option(min=2, help="Regressions in the ensemble.")] = 16,
    held_out: Annotated[float, typer.Option(min=0.05, max=0.9, help="Share of the tasks kept for the report.")] = 0.25,
    checkpoint: Annotated[bool, typer.Option(help="Also write a model that vLLM serves as a reward model.")] = True,
    most: Annotated[int | None, typer.Option(min=1, help="States to learn from, at most; drawn evenly.")] = None,
    seed: options.Seed = 0,
) -> None:
    """Trains a value model from runs: a calibrated head on a model's features, and a reward model with such a head."""
    check_new(out)
    check_installed()
    own = None if features is None else options.embeddings("features", features)
    states = states_of([RunReader(run) for run in runs], most, seed)
    directory = (base or fetch_small_model(typer.echo)) if checkpoint else None
    typer.echo(f"{len(states):,} states to learn from")
    with ExitStack() as servers:
        if own is None:
            server = Server(base, arguments=pooling_arguments("embed", base), progress=typer.echo)
            own = Embeddings(servers.enter_context(server).url)
        given = run_async(_material(states, own, tag, steps=checkpoint))
    found = train_value(given, out, base=directory, members=members, held_out=held_out, seed=seed)
    typer.echo(str(found.report))
    typer.echo(f"head: {out}  (treewright serve --pool embed, then --value head:{out} --value-url URL)")
    if found.checkpoint is not None:
        where = found.checkpoint.directory
        typer.echo(f"reward model: {where}")
        typer.echo(f"  (treewright serve --model {where} --pool steps, then --value steps:{where} --value-url URL)")


async def _material(states: list[State], features: Embeddings, tag: str, *, steps: bool) -> Material:
    try:
        return await material(states, features, steps=steps, tag=tag)
    finally:
        await features.close()
