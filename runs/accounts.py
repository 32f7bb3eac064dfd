"""A run's ledger: what its model calls cost, by task, operator and model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..search import Prices, RunReader
from ..search.journal.event import OF_VALUE
from ..value_models.protocols import Usage

Part = Literal["task", "operator", "model"]
PARTS: tuple[Part, ...] = ("task", "operator", "model")


@dataclass(frozen=True, slots=True)
class Account:
    """What one group of model calls cost.

    Attributes:
        group: the task, operator and model that it is the sum of, as far as it is split by them.
        policy, value: as the servers counted them, failed calls included where their cost is known.
        failed: calls that had no answer.
        cached: answers from a cache, which cost nothing.
        waiting: seconds that calls waited for their turn here, summed over calls.
        computing: seconds from then to their answers, summed over calls; those of one batch count each.
        dollars: by the price table.
    """

    group: tuple[str, ...]
    policy: Usage
    value: Usage
    failed: int
    cached: int
    waiting: float
    computing: float
    dollars: float


def accounts(run: RunReader, by: Sequence[Part] = PARTS, prices: Prices | None = None) -> list[Account]:
    """The run's ledger, split as asked; one account of everything where `by` is empty.

    The sums are those of the journal's rows. Where the operator that asked is not known (scores, doubts, and runs of
    schema version 1), the kind of call stands for it.

    Args:
        run: the run.
        by: what to split by.
        prices: dollars for a million tokens; by default those of the run's budget.
    """
    meta = run.meta()
    prices = prices or Prices.model_validate((meta.get("budget") or {}).get("prices", {}))
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in run.spending():
        named = {"task": row["task"], "operator": row["operator"] or row["kind"], "model": row["model"] or "no answer"}
        groups.setdefault(tuple(named[part] for part in by), []).append(row)
    if not by and not groups:
        groups[()] = []
    return [_account(group, rows, prices) for group, rows in groups.items()]


def _account(group: tuple[str, ...], rows: Sequence[dict[str, Any]], prices: Prices) -> Account:
    policy = _usage(row for row in rows if row["kind"] not in OF_VALUE)
    value = _usage(row for row in rows if row["kind"] in OF_VALUE)
    return Account(
        group=group,
        policy=policy,
        value=value,
        failed=sum(row["failed"] for row in rows),
        cached=sum(row["cached"] for row in rows),
        waiting=sum(row["waited"] for row in rows),
        computing=sum(row["seconds"] for row in rows),
        dollars=prices.dollars(policy, value),
    )


def _usage(rows: Iterable[dict[str, Any]]) -> Usage:
    total = Usage()
    for row in rows:
        total += Usage(row["prompt_tokens"], row["cached_tokens"], row["completion_tokens"], row["calls"])
    return total
