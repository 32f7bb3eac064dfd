"""What a run would have answered had it stopped earlier: its journal is re-executed, and each turn's answer noted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from ..domains.protocol import Domain, Task
from .budget import Budget, Cost
from .described import domain_name, recipe_of
from .engine import Engine
from .errors import JournalError
from .journal import RunReader
from .operators import CHECKS
from .reexecution import Recorded, RunClock, repeat
from .registry import load
from .trial import Trial
from .watch import tasks_at_once

Unit = Literal["expansions", "policy_tokens", "value_tokens", "calls", "seconds", "dollars"]
UNITS: tuple[Unit, ...] = get_args(Unit)


@dataclass(frozen=True, slots=True)
class Moment:
    """A task's search after one of its turns.

    Attributes:
        cost: of all requests that the engine had been told of.
        answer: what the recipe would have answered then; None where no path had come to an answer.
        solved: whether that answer passes the hidden checks.
    """

    cost: Cost
    answer: str | None
    solved: bool


@dataclass(frozen=True, slots=True)
class Course:
    """One finished task as its search went on; `moments` in the order of its turns, so of rising cost."""

    task: str
    moments: tuple[Moment, ...]

    def within(self, budget: float, unit: Unit) -> Moment | None:
        """The last moment at which the task had cost at most so much; None where its first turn cost more."""
        found = bisect_right(self.moments, budget, key=lambda moment: getattr(moment.cost, unit))
        return self.moments[found - 1] if found else None


def anytime(run: Path | str, *, domain: Domain | None = None, tasks: Iterable[Task] | None = None) -> list[Course]:
    """The course of each finished task of a run, in the order in which the tasks were given.

    The search is repeated on the journal's answers in the recorded order, as for a resume; no model is asked and
    nothing is stepped. After each turn the answer is chosen as at the end, among the ends that the tree had then. That
    differs from a search with so small a budget in one thing: such a search would have waited for the requests in
    flight, and have had its unscored ends scored. Answers that the run did not give are graded now, by the domain.

    Args:
        run: a run directory, finished or not.
        domain: by default the run's own, by name.
        tasks: the run's tasks; needed only where their hidden part is no plain data.

    Raises:
        JournalError: no run there, or one without an order of outcomes (schema version 1), or of states that cannot be
            had again.
    """
    reader = RunReader(run)
    domain = load("domains", domain_name(reader.meta()))() if domain is None else domain
    given = reader.given() if tasks is None else list(tasks)
    known = {task.id: task for task in given}
    noted: dict[str, list[tuple[Cost, str | None]]] = {}
    grades: dict[str, Recorded] = {}
    for shard in reader.shards():
        clock = RunClock()
        engine = _engine(shard, domain, clock)
        mine = shard.task_ids()
        engine.add([known[task] for task in mine])
        _, recorded = repeat(engine, shard, clock, _Watcher(engine, noted).note)
        grades |= dict.fromkeys(mine, recorded)

    def course(task: Task) -> Course:
        @cache
        def solved(answer: str | None) -> bool:
            grade = grades[task.id].grade(task.id, answer)
            return (domain.grade(task, answer) if grade is None else grade).correct is True

        told = noted.get(task.id, ())
        return Course(task.id, tuple(Moment(cost, answer, solved(answer)) for cost, answer in told))

    finished = set(reader.tasks())
    return [course(task) for task in given if task.id in finished]


def _engine(reader: RunReader, domain: Domain, clock: RunClock) -> Engine:
    """An engine as the run's own was, without its tasks."""
    if reader.version == 1:
        raise JournalError(f"{reader.directory} was written with schema version 1, which has no order of outcomes")
    meta = reader.meta()
    recipe = recipe_of(meta["recipe"])
    if any(operator.kind == CHECKS for operator in (recipe.operator, *recipe.after.values())):
        raise JournalError(
            f"{reader.directory} wrote checks of its own, whose states are not in a journal: it cannot be repeated"
        )
    return Engine(
        domain,
        recipe,
        Budget.model_validate(meta["budget"]),
        value_range=tuple(meta["value_range"]),
        tasks_at_once=tasks_at_once(meta["concurrency"]),
        seed=meta["seed"],
        clock=clock,
        apart=meta["deterministic"],
    )


@dataclass(slots=True)
class _Watcher:
    """Notes what each task has cost, and its standing answer, whenever the engine is told something of it."""

    engine: Engine
    noted: dict[str, list[tuple[Cost, str | None]]]

    def note(self, told: Sequence[Trial]) -> None:
        for live in {id(trial.live): trial.live for trial in told}.values():
            end = self.engine.standing(live)
            self.noted.setdefault(live.task.id, []).append((live.ledger.cost(), None if end is None else end.answer))
