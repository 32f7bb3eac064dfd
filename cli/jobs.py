"""A job from what was typed: a suite's name or a TOML file, and the options given beside it; `treewright init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..runs.job import Job, read_job
from ..runs.suites import suite_cards
from ..runs.toml import document
from . import options
from .errors import teach

# Where each option of `treewright run` stands in a job.
_PLACES = {
    **{name: ("suite", name) for name in ("limit", "shuffle", "data", "hub", "split", "domain", "check", "skip_bad")},
    "tasks": ("suite", "tasks"),
    "domain_set": ("suite", "options"),
    "fields": ("suite", "fields"),
    **{name: ("search", name) for name in ("constants", "seed", "concurrency", "deterministic", "cache")},
    "search": ("search", "recipes"),
    "budget": ("budget", "expansions"),
    "prices": ("budget", "prices"),
    "model": ("model", "url"),
    "name": ("model", "name"),
    "value": ("model", "value"),
    "value_url": ("model", "value_url"),
    "prior": ("model", "prior"),
    "out": ("output", "directory"),
}
_SUFFIX = ".toml"
# Options whose texts are NAME=VALUE, and what they are called on the command line.
_CONSTANTS = {"constants": "set", "prices": "price", "domain_set": "domain-set"}


def job_of(context: typer.Context, suite: str) -> Job:
    """The job that `treewright run` was asked for: that of a file or a suite, with the options that were typed.

    Raises:
        JobError: the file cannot be read, or a field is unknown or not valid.
        SearchError: an option's text is none.
    """
    is_file = suite.endswith(_SUFFIX)
    data: dict[str, Any] = read_job(Path(suite)) if is_file else {"suite": {"name": suite}}
    for option, (table, field) in _PLACES.items():
        source = context.get_parameter_source(option)
        if source is not None and source.name == "COMMANDLINE":
            value = _read(option, context.params[option])
            fields = data.setdefault(table, {})
            if isinstance(fields, dict):  # else the job says what is wrong with it
                fields[field] = {**fields.get(field, {}), **value} if isinstance(value, dict) else value
    return Job.made(data, suite if is_file else "treewright run")


def _read(option: str, value: Any) -> Any:
    if option == "fields":
        return options.pairs("field", value)
    if option in _CONSTANTS:
        return options.constants(value, _CONSTANTS[option])
    if option in ("search", "tasks"):
        return [part.strip() for part in value.split(",") if part.strip()]
    if option == "budget":
        return options.numbers("budget", value)
    return str(value) if isinstance(value, Path) else value


@teach
def init_command(
    suite: Annotated[str, typer.Argument(help="The suite; treewright suites lists them.")] = "game24",
) -> None:
    """Prints a job file with every field at its default, to be kept and run: treewright init game24 > job.toml."""
    typer.echo(document(Job.made({"suite": {"name": suite}}, "treewright init"), comments=True), nl=False)


@teach
def suites_command() -> None:
    """Lists the suites: version, number of tasks, licence, and what each needs."""
    table = Table("suite", "version", "tasks", "licence", "domain", "needs", "what it is")
    for name, card in suite_cards().items():
        needs = [f"{'missing: ' if need.missing else ''}{need.what}" for need in card.needs]
        row = (name, card.version, card.size, card.licence, card.domain, "; ".join(needs) or "nothing", card.about)
        table.add_row(*map(escape, row))
    Console().print(table)
