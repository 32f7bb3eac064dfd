"""A run's report: one HTML file that needs nothing beside itself."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...search import Unit
from ...search.errors import MissingPart
from ...search.picture import picture
from ..accounts import Account
from ..curve import BudgetPoint
from ..plots import accuracy_figure, written
from .contents import Contents, ShownTree, gather
from .markup import Markup, joined, raw, table, tag
from .section import Section

FILE_NAME = "report.html"
POINTS = 10  # of a curve in the table
TASKS = 2000  # in the table
_NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2630; max-width: 1080px; margin: 28px auto; padding: 0 18px; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 17px; margin: 32px 0 8px; }
h3 { font-size: 14px; margin: 18px 0 2px; }
p { margin: 4px 0; } .soft { color: #5c6875; } .good { color: #1a7a45; } .bad { color: #b3261e; }
table { border-collapse: collapse; margin: 8px 0; font-size: 14px; }
th { color: #5c6875; font-weight: 600; text-align: left; }
th, td { padding: 3px 16px 3px 0; border-bottom: 1px solid #e3e7ec; vertical-align: top; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.figure { font-size: 30px; font-weight: 600; } img { max-width: 100%; } .wide { overflow-x: auto; }
pre { background: #f5f7f9; padding: 8px 10px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; }
"""


def write_report(
    run: Path | str,
    out: Path | str | None = None,
    *,
    unit: Unit | None = None,
    curve: bool = True,
    sections: Sequence[Section] = (),
) -> Path:
    """Writes a run's report and gives its path.

    Args:
        run: the run directory, of a run that has finished or not.
        out: the file; by default `report.html` in the run directory.
        unit: of the budget that accuracy is shown against; by default that of the run's own budget.
        curve: whether to work out accuracy against budget, see `gather`.
        sections: tables of others, such as `trust_section`, shown after the cost.

    Raises:
        JournalError: no run is there.
    """
    path = Path(run) / FILE_NAME if out is None else Path(out)
    path.write_text(report(gather(run, unit, curve=curve), sections), encoding="utf-8")
    return path


def report(contents: Contents, sections: Sequence[Section] = ()) -> str:
    """The report as HTML."""
    head = joined(
        [
            raw('<meta charset="utf-8">'),
            raw(f'<meta http-equiv="Content-Security-Policy" content="{_NOTHING_ELSE}">'),
            tag("title", f"{contents.name} – treewright"),
            tag("style", raw(_STYLE)),
        ]
    )
    body = [*_top(contents), *_budget(contents), *_cost(contents), *map(_table, sections), *_failures(contents)]
    body += [*_trees(contents.trees), *_tasks(contents)]
    return "<!doctype html>\n" + tag("html", tag("head", head), tag("body", *body), lang="en")


def _top(contents: Contents) -> Iterator[Markup]:
    meta, rows, finished = contents.meta, contents.rows, contents.finished
    limits = {
        name: limit for name, limit in (meta.get("budget") or {}).items() if limit is not None and name != "prices"
    }
    budget = ", ".join(f"{limit:,} {name.replace('_', ' ')}" for name, limit in limits.items())
    recipe = (meta.get("recipe") or {}).get("name", "")
    yield tag("h1", contents.name)
    yield tag(
        "p", f"{recipe} on {meta.get('domain', '')}, {budget} a task, seed {meta.get('seed', '–')}", class_="soft"
    )
    if contents.solved is not None:
        share = contents.solved
        yield tag(
            "p",
            tag("span", f"{share.value:.1%}", class_="figure"),
            f" solved, 95% interval {share.low:.1%} to {share.high:.1%}",
        )
    wrong = sum(row["correct"] is not None and not row["correct"] for row in finished)
    told = [
        ("tasks", len(rows)),
        ("finished", len(finished)),
        ("solved", sum(bool(row["correct"]) for row in finished)),
        ("wrong or no answer", wrong),
        ("ungraded", sum(row["correct"] is None for row in finished)),
        ("nodes", sum(row["nodes"] for row in rows)),
        ("nodes that failed", sum(row["failures"] for row in rows)),
    ]
    yield table((name for name, _ in told), [[f"{count:,}" for _, count in told]], 0)
    if finished:
        last = datetime.fromtimestamp(max(row["finished"] for row in finished), UTC)
        yield tag("p", f"The last task finished on {last:%Y-%m-%d at %H:%M} UTC.", class_="soft")
    if len(finished) < len(rows):
        yield tag(
            "p", f"{len(rows) - len(finished):,} tasks have not finished; they count nowhere below.", class_="bad"
        )


def _budget(contents: Contents) -> Iterator[Markup]:
    yield tag("h2", "Accuracy against budget")
    if not contents.curve:
        yield tag("p", f"Not shown: {contents.curve_missing}.", class_="soft")
        return
    name = contents.unit.replace("_", " ")
    with contextlib.suppress(MissingPart):  # the table says the same
        drawn = written(accuracy_figure({contents.name: contents.curve}, contents.unit), "svg")
        source = f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"
        yield tag("p", raw(f'<img src="{source}" alt="Share of tasks solved against {name} a task">'))
    shown = [(f"{point.budget:,.6g}", f"{point.accuracy:.1%}") for point in _some(contents.curve)]
    yield table((f"{name} a task", "solved, with 95% interval"), shown, 0)
    yield tag(
        "p",
        "What the recipe would have answered had each task stopped at that budget, from the journal.",
        class_="soft",
    )


def _some(curve: Sequence[BudgetPoint]) -> list[BudgetPoint]:
    """Points of a curve, its ends among them, about evenly apart by budget."""
    last = curve[-1].budget
    wanted = [last * part / (POINTS - 1) for part in range(POINTS)]
    holding = {max(i for i, point in enumerate(curve) if point.budget <= budget) for budget in wanted}
    return [curve[i] for i in sorted(holding)]


def _cost(contents: Contents) -> Iterator[Markup]:
    yield tag("h2", "Cost")
    head = ("operator", "model", "calls", "failed", "cached", "prompt tokens", "drawn tokens", "seconds", "dollars")
    yield table(head, map(_account, contents.costs), 2)
    yield tag("p", "Tokens as the servers counted them; seconds are summed over calls.", class_="soft")


def _account(account: Account) -> list[str]:
    group = account.group or ("all", "")
    usage = account.policy + account.value
    numbers = (usage.calls, account.failed, account.cached, usage.prompt_tokens, usage.completion_tokens)
    return [*group, *(f"{number:,}" for number in numbers), f"{account.computing:,.1f}", f"{account.dollars:,.4g}"]


def _table(section: Section) -> Markup:
    parts = [tag("h2", section.title), table(section.head, section.rows, 1)]
    return joined([*parts, tag("p", section.note, class_="soft")] if section.note else parts)


def _failures(contents: Contents) -> Iterator[Markup]:
    if contents.errors:
        yield tag("h2", "Failed nodes")
        yield table(("error", "nodes"), [(name, f"{count:,}") for name, count in contents.errors.most_common()], 1)


def _trees(trees: Sequence[ShownTree]) -> Iterator[Markup]:
    if trees:
        yield tag("h2", "Trees")
        yield tag("p", "Deeper blue: a higher q; larger: more visits; orange: the path to the answer.", class_="soft")
    for shown in trees:
        result = shown.result
        yield tag("h3", f"{shown.why}: {result.task.id}")
        yield tag("p", result.task.text)
        yield tag("p", str(result), class_="good" if result.solved else "bad")
        if result.grade is not None and result.grade.detail:
            yield tag("p", result.grade.detail, class_="soft")
        # The picture escapes its texts itself.
        yield tag("div", raw(picture(result.tree, result.node, most=40)), class_="wide")


def _tasks(contents: Contents) -> Iterator[Markup]:
    yield tag("h2", "Tasks")
    yield table(
        ("task", "verdict", "answer", "value", "nodes", "tokens", "stopped"), map(_task, contents.rows[:TASKS]), 3
    )
    if len(contents.rows) > TASKS:
        yield tag("p", f"The first {TASKS:,} of {len(contents.rows):,} tasks.", class_="soft")


def _task(row: dict[str, Any]) -> list[str | Markup]:
    cost = row["cost"]
    if row["stopped"] is None:
        return [row["id"], "not finished", "", "", "", "", ""]
    words = {1: tag("span", "solved", class_="good"), 0: tag("span", "wrong", class_="bad")}
    verdict = tag("span", "no answer", class_="bad") if row["answer"] is None else words.get(row["correct"], "ungraded")
    tokens = f"{cost.policy_tokens + cost.value_tokens:,}"
    return [row["id"], verdict, row["answer"] or "", f"{row['value']:.3f}", f"{row['nodes']:,}", tokens, row["stopped"]]
