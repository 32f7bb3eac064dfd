"""How far a run's value models can be trusted: what they said of each state, beside what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..value_models.measures import (
    Bin,
    Numbers,
    auroc,
    auroc_within,
    calibration_error,
    precision_recall,
    rank_correlation,
    reliability,
)
from ..value_models.protocols import Score, Usage
from ..value_models.scripted import uniform_hash
from ..value_models.steps import STEP
from .outcomes import Judged
from .statistics import Estimate, bootstrap

COIN, LENGTH = "(a coin)", "(text length)"


@dataclass(frozen=True, slots=True)
class AtDepth:
    """The states at one depth: how many, the share of good ones, and the AUROC among them."""

    depth: int
    states: int
    good: float
    auroc: float


@dataclass(frozen=True, slots=True)
class Trust:
    """How one value model's values compare with what became of the states (see `outcomes.judged_states`).

    Intervals are of 95%, by the percentile bootstrap over tasks.

    Attributes:
        model: its provenance in the journal; for a part of its scores, the part's name behind it; or a baseline.
        states, tasks: that it scored and whose outcome is known.
        unknown: states that it scored and whose outcome is not known; they count nowhere else.
        good: the share of good ones.
        auroc: the chance that a good state is valued above a bad one.
        at_depth: that chance for two states of equal depth. The deeper, the rarer good states mostly are, so
            that a value which tells depth alone has a high `auroc`; this it does not get.
        precision, recall: at `threshold`.
        calibration_error: expected calibration error over 10 bins.
        siblings: mean over families of the rank correlation (tau-b) between values and shares of correct ends; what
            search goes by.
        families: siblings that were scored with different shares of correct ends, and are in that mean.
        depths, bins: by depth, and by value.
        tokens: what a score cost, on average.
    """

    model: str
    states: int
    tasks: int
    unknown: int
    threshold: float
    good: float
    auroc: Estimate
    at_depth: Estimate
    precision: Estimate
    recall: Estimate
    calibration_error: Estimate
    siblings: Estimate | None
    families: int
    depths: tuple[AtDepth, ...]
    bins: tuple[Bin, ...]
    tokens: float


def trust(
    judged: Iterable[Judged],
    value_range: tuple[float, float] = (0.0, 1.0),
    *,
    threshold: float = 0.5,
    rounds: int = 1000,
) -> list[Trust]:
    """One account a value model, then those of a coin and of the length of the state's text for the same states.

    What a score was made of has an account too: members of an ensemble, metrics of a rubric; what goes below the range
    is scaled from [-1, 1]. The steps of a process reward, which are other states, have none.

    Args:
        judged: of one run or several.
        value_range: of the models; values are scaled to [0, 1].
        threshold: a state is taken for good from this scaled value on.
        rounds: of the bootstrap.
    """
    models: dict[str, list[Judged]] = {}
    states: dict[tuple[str, int], Judged] = {}
    for one in judged:
        models.setdefault(one.score.provenance, []).append(one)
        for part, value in one.score.parts.items():
            if part.startswith(STEP):
                continue
            alone = replace(one, score=Score(value, Usage(), one.score.provenance))
            models.setdefault(f"{one.score.provenance}: {part}", []).append(alone)
        states.setdefault((one.task, one.node), one)
    every = list(states.values())
    accounts = [_account(model, rows, _span(rows, value_range), threshold, rounds) for model, rows in models.items()]
    baselines: dict[str, Callable[[Judged], float]] = {COIN: _coin, LENGTH: _length(every)}
    for name, guess in baselines.items():
        rows = [replace(one, score=Score(guess(one), Usage(), name)) for one in every]
        accounts.append(_account(name, rows, (0.0, 1.0), threshold, rounds))
    return [account for account in accounts if account is not None]


def _span(rows: Sequence[Judged], value_range: tuple[float, float]) -> tuple[float, float]:
    return (-1.0, 1.0) if min(one.score.value for one in rows) < value_range[0] else value_range


def _coin(one: Judged) -> float:
    return uniform_hash("coin", one.task, one.node)


def _length(judged: Sequence[Judged]) -> Callable[[Judged], float]:
    longest = max((_characters(one) for one in judged), default=1) or 1
    return lambda one: _characters(one) / longest


def _characters(one: Judged) -> int:
    return len(one.evidence.shown)


def _account(
    model: str, rows: Sequence[Judged], value_range: tuple[float, float], threshold: float, rounds: int
) -> Trust | None:
    known = [one for one in rows if one.good is not None]
    if not known:
        return None
    low, high = value_range
    values = np.clip((np.array([one.score.value for one in known]) - low) / (high - low), 0.0, 1.0)
    labels = np.array([bool(one.good) for one in known])
    tasks = sorted({one.task for one in known})
    of = {task: np.flatnonzero([one.task == task for one in known]) for task in tasks}

    def interval(measure: Callable[[Numbers, Numbers, Numbers], float]) -> Estimate:
        """Tasks are drawn, each with all of its states."""

        def of_tasks(drawn: Numbers) -> float:
            chosen = np.concatenate([of[tasks[int(at)]] for at in drawn])
            return measure(values[chosen], labels[chosen], depths[chosen])

        return bootstrap(np.arange(len(tasks)), of_tasks, rounds=rounds)

    correlations = _families(known, values)
    depths = np.array([one.depth for one in known])
    return Trust(
        model=model,
        states=len(known),
        tasks=len(tasks),
        unknown=len(rows) - len(known),
        threshold=threshold,
        good=float(labels.mean()),
        auroc=interval(lambda v, y, _: auroc(v, y)),
        at_depth=interval(auroc_within),
        precision=interval(lambda v, y, _: precision_recall(v, y, threshold)[0]),
        recall=interval(lambda v, y, _: precision_recall(v, y, threshold)[1]),
        calibration_error=interval(lambda v, y, _: calibration_error(v, y)),
        siblings=_by_task(correlations, rounds),
        families=len(correlations),
        depths=tuple(
            AtDepth(int(depth), int(at.sum()), float(labels[at].mean()), auroc(values[at], labels[at]))
            for depth in np.unique(depths)
            for at in [depths == depth]
        ),
        bins=tuple(reliability(values, labels)),
        tokens=float(np.mean([one.score.usage.tokens for one in rows])),
    )


def _families(known: Sequence[Judged], values: Numbers) -> list[tuple[str, float]]:
    """The rank correlation of each family whose members differ in worth, with its task; equal values count as none."""
    families: dict[tuple[str, int], list[int]] = {}
    for at, one in enumerate(known):
        families.setdefault((one.task, one.parent), []).append(at)
    found = []
    for (task, _), members in families.items():
        worth = np.array([known[at].share for at in members])
        if len(set(worth.tolist())) > 1:
            found.append((task, float(np.nan_to_num(rank_correlation(values[members], worth)))))
    return found


def _by_task(correlations: Sequence[tuple[str, float]], rounds: int) -> Estimate | None:
    if not correlations:
        return None
    tasks: dict[str, list[float]] = {}
    for task, correlation in correlations:
        tasks.setdefault(task, []).append(correlation)
    sums = np.array([(sum(found), len(found)) for found in tasks.values()], np.float64)
    return bootstrap(sums, lambda rows: float(rows[:, 0].sum() / rows[:, 1].sum()), rounds=rounds)
