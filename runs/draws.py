"""pass@k of a run that drew whole solutions independently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..domains.protocol import Domain, Task
from ..search import MissingPart, RootOnly, RunReader
from ..search.described import recipe_of
from .kept import domain_of
from .statistics import Estimate, bootstrap, pass_at_k


@dataclass(frozen=True, slots=True)
class Draws:
    """How many whole solutions were drawn for a task, and how many of them are correct."""

    task: str
    drawn: int
    correct: int


def draws(run: RunReader, tasks: Sequence[Task], domain: Domain | None = None) -> list[Draws]:
    """The draws of each finished task, all of them graded; a draw that is no answer counts as wrong.

    Args:
        run: of a recipe that draws independent whole solutions until its budget ends (self_consistency, or best_of_n
            where the domain itself does not tell a solution).
        tasks: the run's, with their hidden parts.
        domain: grades; by default the run's own.

    Raises:
        MissingPart: the run's draws are not independent of each other, or ended with the first correct one, so that
            their number depends on what was drawn.
    """
    meta = run.meta()
    if not isinstance(recipe_of(meta["recipe"]).selection, RootOnly):
        raise MissingPart(
            f"pass@k needs independent draws; {run.directory} was searched by {meta['recipe']['name']}: run "
            "self_consistency or best_of_n over the same suite"
        )
    domain = domain_of(meta) if domain is None else domain
    drawn: Counter[str] = Counter()
    for event in run.events():
        if event["kind"] == "propose" and event["error"] is None:
            drawn[event["task"]] += len(event["answer"])
    by_id = {task.id: task for task in tasks}
    return [_graded(run, by_id[name], drawn[name], domain) for name in run.tasks()]


def pass_rate(drawn: Sequence[Draws], k: int) -> Estimate:
    """pass@k: the mean over tasks of the unbiased estimate, with its bootstrap interval over tasks.

    Raises:
        ValueError: a task has fewer than k draws.
    """
    return bootstrap([pass_at_k(of_task.drawn, of_task.correct, k) for of_task in drawn])


def _graded(run: RunReader, task: Task, drawn: int, domain: Domain) -> Draws:
    result = run.result(task.id)
    if result.stopped == "solved":
        raise MissingPart(
            f"pass@k needs a number of draws that does not depend on them; {run.directory} ended with the first "
            f"solution of task {task.id!r}: run self_consistency over the same suite"
        )
    answers: Counter[str | None] = Counter()
    for node in result.tree.ends():
        answers[node.answer] += node.multiplicity
    correct = sum(count for answer, count in answers.items() if domain.grade(task, answer).correct is True)
    return Draws(task.id, drawn, correct)
