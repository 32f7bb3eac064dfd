"""`treewright recipes`: the registered search algorithms and their cards."""

from __future__ import annotations

from typing import Annotated

import typer

from ..search.cards import card, cards
from .errors import teach

recipes_app = typer.Typer(help="Lists the recipes; shows the card of one.", invoke_without_command=True)


@recipes_app.callback()
@teach
def list_command(context: typer.Context) -> None:
    """Lists the recipes: name, domains, one line each."""
    if context.invoked_subcommand is not None:
        return
    known = cards()
    widest = max(len(one.name) for one in known)
    for one in known:
        domains = f" [{', '.join(one.domains)}]" if one.domains else ""
        typer.echo(f"{one.name:<{widest}}  {one.summary.rstrip('.')}{domains}")


@recipes_app.command("show")
@teach
def show_command(name: Annotated[str, typer.Argument(help="A registered recipe.")]) -> None:
    """Prints a recipe's card: paper, formula, what it is for, what was reported, and the constants."""
    shown = card(name)
    typer.echo(f"{shown.name}\n\n{shown.text}")
    if shown.constants:
        typer.echo("\nConstants (--set NAME=VALUE):")
    for constant in shown.constants:
        typer.echo(f"  {constant.name} = {constant.value!r}")
        if constant.about:
            typer.echo(f"      {constant.about}")
