"""A run's table of results: one row a task, as a Parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..search import Result

FILE_NAME = "results.parquet"


def write_results(directory: Path, results: Sequence[Result]) -> Path:
    """Writes `results.parquet` into a run directory and gives its path.

    Columns: task, text, answer, correct (NULL where it was not graded), detail, value, stopped, expansions,
    policy_prompt, policy_cached, policy_completion, value_prompt, value_cached, value_completion (tokens), calls,
    seconds, dollars, nodes, failures, dropped.
    """
    import pyarrow as pa  # only now: it takes longer to import than most commands run
    import pyarrow.parquet as pq

    rows = [_row(result) for result in results]
    columns = {name: [row[name] for row in rows] for name in _types(pa)}
    table = pa.table(columns, schema=pa.schema(list(_types(pa).items())))
    path = directory / FILE_NAME
    part = path.with_suffix(".part")
    pq.write_table(table, part)
    part.replace(path)
    return path


def _types(pa: Any) -> dict[str, Any]:
    text, whole, number = pa.string(), pa.int64(), pa.float64()
    tokens = (f"{side}_{kind}" for side in ("policy", "value") for kind in ("prompt", "cached", "completion"))
    return {
        **dict.fromkeys(("task", "text", "answer"), text),
        "correct": pa.bool_(),
        "detail": text,
        "value": number,
        "stopped": text,
        "expansions": whole,
        **dict.fromkeys(tokens, whole),
        "calls": whole,
        "seconds": number,
        "dollars": number,
        **dict.fromkeys(("nodes", "failures", "dropped"), whole),
    }


def _row(result: Result) -> dict[str, Any]:
    grade, cost = result.grade, result.cost
    tokens = {
        f"{side}_{kind}": getattr(usage, f"{kind}_tokens")
        for side, usage in (("policy", cost.policy), ("value", cost.value))
        for kind in ("prompt", "cached", "completion")
    }
    return {
        "task": result.task.id,
        "text": _stored(result.task.text),
        "answer": _stored(result.answer),
        "correct": None if grade is None else grade.correct,
        "detail": None if grade is None else _stored(grade.detail),
        "value": result.value,
        "stopped": result.stopped,
        "expansions": cost.expansions,
        **tokens,
        "calls": cost.calls,
        "seconds": cost.seconds,
        "dollars": cost.dollars,
        "nodes": len(result.tree.nodes),
        "failures": len(result.failures),
        "dropped": sum(result.dropped.values()),
    }


def _stored(text: str | None) -> str | None:
    """A model may write half of a surrogate pair, which is no UTF-8; it is stored as a question mark."""
    return None if text is None else text.encode(errors="replace").decode()
