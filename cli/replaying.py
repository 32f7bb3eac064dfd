"""`treewright replay` and `treewright sweep`: what other constants would have done, answered by a run's journal."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ..runs.job import constant
from ..runs.kept import domain_of, tasks_of
from ..runs.statistics import ROUNDS
from ..runs.sweep import Range, Setting, at_random, grid, sweep
from ..search import Replay, RunReader
from ..search.errors import SearchError
from ..search.registry import load
from . import options
from .errors import teach

Run = Annotated[Path, typer.Argument(help="A run directory.")]
Recipe = Annotated[str | None, typer.Option(help="The recipe; by default the run's own.")]
Rule = Annotated[str | None, typer.Option(help="Selection rules, by comma: puct, uct.")]
C = Annotated[str | None, typer.Option("--c-puct", "--c", help="The rule's exploration constant; several by comma.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="A constant of the recipe, as NAME=VALUE or NAME=VALUE,VALUE,...")
]
Budgets = Annotated[str | None, typer.Option(help="Nodes to expand a task, by comma; by default the run's own.")]


@teach
def replay_command(
    run: Run, recipe: Recipe = None, rule: Rule = None, c: C = None, constants: Set = None, budget: Budgets = None
) -> None:
    """Searches a run's tasks again with its journal in place of the models, once for each choice of constants."""
    replay, name, base, varied = _prepared(run, recipe, rule, c, constants)
    _show(replay, name, [{**base, **choice} for choice in _grid(varied)], varied, _budgets(replay, budget), ROUNDS)


@teach
def sweep_command(
    run: Run,
    recipe: Recipe = None,
    rule: Rule = None,
    c: C = None,
    constants: Annotated[
        list[str] | None, typer.Option("--set", help="As NAME=VALUE,VALUE,... or, with --random, NAME=LOW..HIGH")
    ] = None,
    budget: Budgets = None,
    random: Annotated[int | None, typer.Option(min=1, help="So many random choices instead of all.")] = None,
    rounds: Annotated[int, typer.Option(min=100, help="Resamples of the bootstrap.")] = ROUNDS,
    seed: options.Seed = 0,
) -> None:
    """Tries choices of constants by replay: accuracy with its confidence interval at each budget."""
    replay, name, base, varied = _prepared(run, recipe, rule, c, constants)
    choices = _grid(varied) if random is None else at_random(varied, random, seed)
    limits = _budgets(replay, budget)
    if budget is None:
        limits = [limit for limit in (2**i for i in range(2, 20)) if limit < limits[-1]] + limits
    _show(replay, name, [{**base, **choice} for choice in choices], varied, limits, rounds)


def _prepared(
    run: Path, recipe: str | None, rule: str | None, c: str | None, constants: list[str] | None
) -> tuple[Replay, str, dict[str, Any], dict[str, Any]]:
    """The replay, the recipe's name, the constants that the run had, and those to try."""
    reader = RunReader(run)
    replay = Replay(run, domain=domain_of(reader.meta()), tasks=tasks_of(reader))
    own = replay.meta["recipe"]["name"]
    name = recipe or own
    known = signature(load("recipes", name)).parameters
    about = replay.meta.get("about") or {}
    base = {key: value for key, value in about.get("constants", {}).items() if key in known}
    varied: dict[str, Any] = {}
    for key, text in (("rule", rule), ("c", c), *options.pairs("set", constants).items()):
        if text is not None:
            varied[key] = _values(text)
    return replay, name, base, varied


def _grid(varied: dict[str, Any]) -> list[dict[str, Any]]:
    if any(isinstance(values, Range) for values in varied.values()):
        raise SearchError("a range, LOW..HIGH, is drawn from by treewright sweep --random N; else give values by comma")
    return grid(varied)


def _values(text: str) -> Any:
    """The values in a text: LOW..HIGH, or one or more by comma."""
    low, dots, high = text.partition("..")
    if dots:
        try:
            return Range(float(low), float(high))
        except ValueError as error:
            raise SearchError(f"a range is LOW..HIGH, such as 0.5..4; not {text!r} ({error})") from error
    return [constant(part) for part in text.split(",")]


def _budgets(replay: Replay, text: str | None) -> list[int]:
    if text is not None:
        return options.numbers("budget", text)
    own = replay.meta["budget"].get("expansions")
    if own is None:
        raise SearchError("the run was not limited in expansions; give --budget")
    return [own]


def _show(
    replay: Replay, recipe: str, choices: list[dict[str, Any]], varied: dict[str, Any], limits: list[int], rounds: int
) -> None:
    """Prints one row a choice and budget, as soon as it is there; the miss rate stands beside each figure."""
    console = Console()
    table = Table(*(varied or ("recipe",)), title=f"{recipe} on {len(replay.tasks)} tasks, answered by the journal")
    for name in ("expansions", "solved", "95% of resamples", "policy tokens", "misses"):
        table.add_column(name, justify="right")
    for setting in sweep(replay, recipe, choices, limits, rounds=rounds):
        for row in _rows(setting, varied, recipe):
            table.add_row(*row)
    console.print(table)


def _rows(setting: Setting, varied: dict[str, Any], recipe: str) -> list[list[str]]:
    rows = []
    for point in setting.curve:
        row = [_shown(setting.constants[name]) for name in varied] or [recipe]
        row += [f"{point.expansions:,}", f"{point.accuracy.value:.1%}"]
        row.append(f"{point.accuracy.low:.1%} to {point.accuracy.high:.1%}")
        row += [f"{point.policy_tokens:,}", f"{point.miss_rate:.1%}"]
        rows.append(row)
    return rows


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
