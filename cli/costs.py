"""`treewright cost`: a run's ledger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..runs.accounts import PARTS, Account, Part, accounts
from ..search import Prices, RunReader
from ..search.errors import UnknownName
from . import options
from .errors import teach


@teach
def cost_command(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    by: Annotated[str, typer.Option(help="What to split by, by comma: task, operator, model.")] = "operator,model",
    price: options.Prices = None,
) -> None:
    """Shows what a run's model calls cost, summed from its journal."""
    parts: list[Part] = []
    for name in filter(None, (part.strip() for part in by.split(","))):
        if name not in PARTS:
            raise UnknownName("parts for --by", name, PARTS)
        parts.append(next(part for part in PARTS if part == name))
    prices = Prices.model_validate(options.constants(price, "price")) if price else None
    reader = RunReader(run)
    Console().print(cost_table(accounts(reader, parts, prices), parts, accounts(reader, (), prices)[0]))


def cost_table(split: Sequence[Account], parts: Sequence[Part], whole: Account) -> Table:
    """One row an account, and one of all."""
    table = Table(*parts)
    for name in ("policy prompt", "cached", "drawn", "value prompt", "calls", "failed", "from cache", "waiting s"):
        table.add_column(name, justify="right", overflow="fold")  # a figure is never cut
    table.add_column("computing s", justify="right", overflow="fold")
    table.add_column("dollars", justify="right", overflow="fold")
    for account in split:
        table.add_row(*map(escape, account.group), *_numbers(account))
    if parts:
        table.add_section()
        table.add_row("all", *[""] * (len(parts) - 1), *_numbers(whole))
    return table


def _numbers(account: Account) -> list[str]:
    policy, value = account.policy, account.value
    return [
        f"{policy.prompt_tokens:,}",
        f"{policy.cached_tokens + value.cached_tokens:,}",
        f"{policy.completion_tokens + value.completion_tokens:,}",
        f"{value.prompt_tokens:,}",
        f"{policy.calls + value.calls:,}",
        f"{account.failed:,}",
        f"{account.cached:,}",
        f"{account.waiting:,.1f}",
        f"{account.computing:,.1f}",
        f"{account.dollars:.4f}",
    ]
