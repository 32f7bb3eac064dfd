"""The loop: search, learn a value model from the trees, search with it; measured on tasks that it never learns from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..search import Budget, Concurrency, Recipe, RunReader, best_of_n
from ..search.errors import MissingPart
from ..value_models.learned import Embeddings, LearnedValue, Report
from ..value_models.protocols import Policy, Ranker, ValueModel
from .progress import Progress
from .run import Summary, run_suite
from .statistics import Estimate, paired_difference, wilson
from .suites import Suite
from .training import material, states_of, train_value


@dataclass(frozen=True, slots=True)
class Round:
    """What one value model did.

    Attributes:
        name: "round 0" is the value model that the loop began with; "best_of_n" has none.
        solved: the share of held-out tasks solved, with Wilson's 95% interval.
        gained: how much higher that is than in round 0, by the paired bootstrap over tasks; None in round 0.
        tokens: policy and value tokens a held-out task.
        report: what training said of the value model; None where it was not trained here.
        summary: the held-out run.
    """

    name: str
    solved: Estimate
    gained: Estimate | None
    tokens: float
    report: Report | None
    summary: Summary


def divided(suite: Suite, learn: int) -> tuple[Suite, Suite]:
    """A suite's first `learn` tasks to learn from, and the others, to measure on.

    Raises:
        MissingPart: it has no more tasks than that.
    """
    if len(suite.tasks) <= learn:
        raise MissingPart(
            f"suite {suite.name!r} has {len(suite.tasks)} tasks; learning from {learn} leaves none to measure"
        )
    return replace(suite, tasks=suite.tasks[:learn]), replace(suite, tasks=suite.tasks[learn:])


async def improve(
    learning: Suite,
    held_out: Suite,
    recipe: Recipe,
    budget: Budget,
    *,
    policy: Policy | Ranker,
    start: ValueModel,
    features: Embeddings,
    root: Path,
    rounds: int = 3,
    most: int = 2000,
    beside: Policy | None = None,
    seed: int = 0,
    concurrency: Concurrency = "auto",
    progress: Progress | None = None,
) -> AsyncGenerator[Round]:
    """Yields what each round's value model does on the held-out tasks, always at the same budget a task.

    Round 0 searches with `start`. Each further round trains a head on the scored states of all learning runs so far and
    searches with that. Held-out tasks are searched with each value model and never learned from.

    Args:
        learning, held_out: tasks of one domain; none in both.
        recipe, budget, policy, seed, concurrency, progress: as for `run_suite`.
        start: who scores in round 0.
        features: of the model that the heads are for.
        root: a new directory for the runs and heads.
        rounds: heads trained, at least 1.
        most: states that a head learns from, at most.
        beside: draws whole solutions in a last row, best_of_n: on each held-out task it may spend as many policy tokens
            as the last round spent tokens of both kinds on average. None leaves the row out.

    Raises:
        SetupFailed: the trees are too few to learn from.
        RunPaused, ModelError: as `run_suite` does.
    """
    runs: list[RunReader] = []
    value, report = start, None
    first: Summary | None = None
    for number in range(rounds + 1):
        name = f"round {number}"
        of = {"policy": policy, "seed": seed, "concurrency": concurrency, "progress": progress}
        place = root / f"{number}-held-out"
        summary = await run_suite(held_out, recipe, budget, value=value, directory=place, **of)  # type: ignore[arg-type]
        first = first or summary
        found = _round(name, summary, first, report)
        yield found
        if number == rounds:
            break
        place = root / f"{number}-learning"
        await run_suite(learning, recipe, budget, value=value, directory=place, **of)  # type: ignore[arg-type]
        runs.append(RunReader(place))
        given = await material(states_of(runs, most, seed), features, steps=False)
        trained = train_value(given, root / f"{number + 1}-head", seed=seed)
        value, report = LearnedValue(trained.head, features), trained.report
    if beside is not None and first is not None:
        spent = Budget(policy_tokens=max(1, round(found.tokens)))
        place = root / "best-of-n"
        summary = await run_suite(
            held_out, best_of_n(), spent, policy=beside, value=None, directory=place, seed=seed,
            concurrency=concurrency, progress=progress,
        )  # fmt: skip
        yield _round("best_of_n", summary, first, None)


def _round(name: str, summary: Summary, first: Summary, report: Report | None) -> Round:
    solved, before = _solved(summary), _solved(first)
    return Round(
        name=name,
        solved=wilson(sum(solved), len(solved)),
        gained=None if summary is first else paired_difference(before, solved),
        tokens=(summary.policy_tokens + summary.value_tokens) / len(solved),
        report=report,
        summary=summary,
    )


def _solved(summary: Summary) -> Sequence[bool]:
    return [result.solved for result in summary.results]
