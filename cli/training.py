"""`treewright train-value`: a value model from runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..runs.training import Material, State, material, states_of, train_value
from ..search import RunReader, run_async
from ..value_models import Server, fetch_small_model
from ..value_models.learned import Embeddings
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
    states = states_of([RunReader(run) for run in runs], most, seed)
    directory = (base or fetch_small_model(typer.echo)) if checkpoint else None
    typer.echo(f"{len(states):,} states to learn from")
    if features is not None:
        given = run_async(_material(states, features, tag, steps=checkpoint))
    else:
        with Server(base, arguments=pooling_arguments("embed", base), progress=typer.echo) as server:
            given = run_async(_material(states, server.url, tag, steps=checkpoint))
    found = train_value(given, out, base=directory, members=members, held_out=held_out, seed=seed)
    typer.echo(str(found.report))
    typer.echo(f"head: {out}  (treewright serve --pool embed, then --value head:{out} --value-url URL)")
    if found.checkpoint is not None:
        where = found.checkpoint.directory
        typer.echo(f"reward model: {where}")
        typer.echo(f"  (treewright serve --model {where} --pool steps, then --value steps:{where} --value-url URL)")


async def _material(states: list[State], url: str, tag: str, *, steps: bool) -> Material:
    features = Embeddings(url)
    try:
        return await material(states, features, steps=steps, tag=tag)
    finally:
        await features.close()
