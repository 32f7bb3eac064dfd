"""What makes a vLLM serve numbers instead of text."""

from __future__ import annotations

from pathlib import Path

from .errors import SetupFailed, WrongHead
from .learned.checkpoint import Checkpoint

POOLS = {
    "embed": "the features of a model, for a trained head",
    "whole": "a reward model's value of a whole",
    "steps": "a process reward model's values of steps",
}


def pooling_arguments(pool: str, model: str | Path | None) -> tuple[str, ...]:
    """The arguments of a vLLM for a way to pool; a checkpoint of `treewright train-value` brings its own for its steps.

    Raises:
        SetupFailed: no such way.
    """
    if pool not in POOLS:
        raise SetupFailed(f"Unknown way to pool {pool!r}. Available: {', '.join(POOLS)}.")
    if pool == "embed":
        return ("--runner", "pooling", "--convert", "embed")
    if pool == "whole" or model is None:
        return ("--runner", "pooling")
    try:
        pooler = Checkpoint.load(Path(model)).form.pooler
    except WrongHead:  # a process reward model from elsewhere, which brings its own pooling
        return ("--runner", "pooling")
    return ("--runner", "pooling", "--pooler-config", pooler)
