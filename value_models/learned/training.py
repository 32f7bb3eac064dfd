"""Training a head: bootstrap logistic regressions, calibrated and judged on tasks that they did not see."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import SetupFailed
from ..measures import auroc, calibration_error
from .head import Head

Numbers = npt.NDArray[Any]

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)
FOLDS = 5
LEAST_SLOPE = 0.01  # of the calibration: a head never says the contrary of its regressions


@dataclass(frozen=True, slots=True)
class Examples:
    """States with what became of them.

    Attributes:
        features: (N, D).
        labels: (N,), whether the state was a good one.
        tasks: (N,), whose state it is; states of one task are never on both sides of a split.
    """

    features: Numbers
    labels: Numbers
    tasks: Numbers

    def __post_init__(self) -> None:
        if not len(self.features) == len(self.labels) == len(self.tasks):
            raise ValueError(f"{len(self.features)} rows, {len(self.labels)} labels, {len(self.tasks)} tasks: one each")
        if self.labels.dtype != bool:
            raise ValueError(f"labels are True and False, (N,) of bool; these are of {self.labels.dtype}")

    def part(self, rows: Numbers) -> Examples:
        """Some of the rows."""
        return Examples(self.features[rows], self.labels[rows], self.tasks[rows])


@dataclass(frozen=True, slots=True)
class Report:
    """What training found.

    Attributes:
        states, tasks: seen in training.
        held_out_states, held_out_tasks: kept apart, and what the following figures are of.
        base_rate: share of good states among those held out.
        auroc: chance that a good state is valued above a bad one; NaN where there is one class alone.
        brier: mean of (value - label)^2.
        calibration_error: expected calibration error over 10 bins (`measures.calibration_error`).
        strength: the inverse regularisation chosen by cross-validation over tasks.
        members: regressions in the ensemble.
        mean_uncertainty: mean standard deviation among them.
    """

    states: int
    tasks: int
    held_out_states: int
    held_out_tasks: int
    base_rate: float
    auroc: float
    brier: float
    calibration_error: float
    strength: float
    members: int
    mean_uncertainty: float

    def __str__(self) -> str:
        return (
            f"trained on {self.states:,} states of {self.tasks:,} tasks (strength {self.strength:g}, "
            f"{self.members} members)\n"
            f"held out: {self.held_out_states:,} states of {self.held_out_tasks:,} tasks, {self.base_rate:.1%} good\n"
            f"AUROC {self.auroc:.3f}, Brier {self.brier:.3f}, calibration error {self.calibration_error:.3f}, "
            f"mean uncertainty {self.mean_uncertainty:.3f}"
        )


def check_installed() -> None:
    """Looks whether heads can be trained here, before anything is paid for.

    Raises:
        SetupFailed: scikit-learn is not installed.
    """
    if find_spec("sklearn") is None:
        raise SetupFailed("training a head needs scikit-learn: pip install treewright[learn]")


def train(
    model: str, examples: Examples, *, members: int = 16, held_out: float = 0.25, seed: int = 0
) -> tuple[Head, Report]:
    """A calibrated ensemble, and what it does on tasks that it did not see.

    Each member is fitted to a bootstrap sample of the training tasks, with the regularisation of the least
    cross-validated log loss. The calibration is fitted to what regressions of the folds say of their own left-out
    tasks.

    Args:
        model: whose features they are.
        examples: at least 2 tasks, and both kinds of states, on either side of every split.
        members: regressions, at least 2.
        held_out: share of the tasks kept apart for the report, in (0, 1).
        seed: of the splits and samples.

    Raises:
        SetupFailed: scikit-learn is not installed, or the examples are too few or of one kind.
    """
    if members < 2 or not 0.0 < held_out < 1.0:
        raise ValueError(f"members={members}, held_out={held_out}: expected at least 2, and a share between 0 and 1")
    rng = np.random.default_rng(seed)
    apart = _apart(examples, held_out, rng)
    seen, unseen = examples.part(~apart), examples.part(apart)
    _check(seen, FOLDS)
    mean, scale = seen.features.mean(axis=0), seen.features.std(axis=0) + 1e-6
    scaled = Examples((seen.features - mean) / scale, seen.labels, seen.tasks)
    folds = _folds(scaled, rng)
    strength, left_out = _chosen(scaled, folds)
    slope, shift = _platt(left_out, scaled.labels)
    fitted = [_fit(_resampled(scaled, rng), strength) for _ in range(members)]
    head = Head(
        model,
        mean.astype(np.float32),
        scale.astype(np.float32),
        np.array([weights for weights, _ in fitted], np.float32),
        np.array([bias for _, bias in fitted], np.float32),
        slope,
        shift,
    )
    return head, _report(head, seen, unseen, strength)


def train_linear(examples: Examples, seed: int = 0) -> Numbers:
    """The weights, (D,), of one logistic regression without a constant, on the features as they are.

    That is what a classification head without a bias can hold, as those of the SequenceClassification kind are.

    Raises:
        SetupFailed: as in `train`.
    """
    _check(examples, FOLDS)
    size = np.sqrt((examples.features.astype(np.float64) ** 2).mean(axis=0)) + 1e-6
    scaled = Examples(examples.features / size, examples.labels, examples.tasks)
    strength, _ = _chosen(scaled, _folds(scaled, np.random.default_rng(seed)), constant=False)
    weights, _ = _fit(scaled, strength, constant=False)
    found: Numbers = weights / size
    return found


def _report(head: Head, seen: Examples, unseen: Examples, strength: float) -> Report:
    said = head.probabilities(unseen.features.astype(np.float32)).astype(np.float64)
    values = said.mean(axis=1)
    return Report(
        states=len(seen.labels),
        tasks=len(set(seen.tasks.tolist())),
        held_out_states=len(unseen.labels),
        held_out_tasks=len(set(unseen.tasks.tolist())),
        base_rate=float(unseen.labels.mean()),
        auroc=auroc(values, unseen.labels),
        brier=float(((values - unseen.labels) ** 2).mean()),
        calibration_error=calibration_error(values, unseen.labels),
        strength=strength,
        members=len(head.bias),
        mean_uncertainty=float(said.std(axis=1).mean()),
    )


def _check(examples: Examples, folds: int) -> None:
    kinds = [len(set(examples.tasks[examples.labels == kind].tolist())) for kind in (True, False)]
    if min(kinds) < folds:
        raise SetupFailed(
            f"training needs good states of at least {folds} tasks and bad ones of as many; there are good ones of "
            f"{kinds[0]} and bad ones of {kinds[1]} tasks. Give more runs, or larger ones."
        )


def _apart(examples: Examples, share: float, rng: np.random.Generator) -> Numbers:
    tasks = np.unique(examples.tasks)
    chosen = rng.permutation(tasks)[: max(1, round(share * len(tasks)))]
    return np.isin(examples.tasks, chosen)


def _folds(examples: Examples, rng: np.random.Generator) -> list[Numbers]:
    """Rows left out by each fold: those of its tasks, dealt so that each fold has good and bad ones where it can."""
    tasks = rng.permutation(np.unique(examples.tasks))
    good = np.array([examples.labels[examples.tasks == task].mean() for task in tasks])
    order = tasks[np.argsort(good, kind="stable")]
    return [np.isin(examples.tasks, order[fold::FOLDS]) for fold in range(FOLDS)]


def _chosen(examples: Examples, folds: list[Numbers], *, constant: bool = True) -> tuple[float, Numbers]:
    """The strength of the least left-out log loss, and the left-out logits at it."""
    best: tuple[float, float, Numbers] | None = None
    for strength in STRENGTHS:
        logits = np.zeros(len(examples.labels))
        for out in folds:
            weights, bias = _fit(examples.part(~out), strength, constant=constant)
            logits[out] = examples.features[out] @ weights + bias
        signed = np.where(examples.labels, logits, -logits)
        loss = float(np.logaddexp(0.0, -signed).mean())
        if best is None or loss < best[0]:
            best = loss, strength, logits
    assert best is not None
    return best[1], best[2]


def _resampled(examples: Examples, rng: np.random.Generator) -> Examples:
    """A bootstrap sample of the tasks, each with all of its states; drawn again while it has one kind alone."""
    tasks, rows = np.unique(examples.tasks), np.arange(len(examples.tasks))
    of = {task: rows[examples.tasks == task] for task in tasks}
    while True:
        drawn = np.concatenate([of[task] for task in rng.choice(tasks, len(tasks))])
        if 0 < examples.labels[drawn].sum() < len(drawn):
            return examples.part(drawn)


def _fit(examples: Examples, strength: float, *, constant: bool = True) -> tuple[Numbers, float]:
    check_installed()
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    if len(set(examples.labels.tolist())) < 2:
        raise SetupFailed("a fold of the tasks has states of one kind alone. Give more runs, or larger ones.")
    fitted = LogisticRegression(C=strength, max_iter=2000, fit_intercept=constant)
    with threadpool_limits(1):  # small matrices: threads would only wait for each other
        fitted.fit(examples.features, examples.labels)
    return fitted.coef_[0], float(fitted.intercept_[0]) if constant else 0.0


def _platt(logits: Numbers, labels: Numbers) -> tuple[float, float]:
    """Slope and shift of the logistic curve through (logit, label), by Newton's method (Platt 1999).

    Logits that tell nothing, or the contrary, get the slope 0.01, and the shift that is the best at that slope.
    """
    slope, shift = _fitted_curve(logits, labels)
    if slope < LEAST_SLOPE:
        _, more = _fitted_curve(np.zeros(len(logits)), labels, LEAST_SLOPE * logits)
        return LEAST_SLOPE, more
    return slope, shift


def _fitted_curve(logits: Numbers, labels: Numbers, offset: Numbers | float = 0.0) -> tuple[float, float]:
    """Slope and shift of the least log loss of sigmoid(offset + slope logit + shift) against Platt's targets."""
    slope, shift = 0.0, 0.0
    target = np.where(labels, (labels.sum() + 1) / (labels.sum() + 2), 1 / ((~labels).sum() + 2))
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-np.clip(offset + slope * logits + shift, -60, 60)))
        weight = p * (1 - p) + 1e-9
        gradient = np.array([((p - target) * logits).sum(), (p - target).sum()])
        hessian = np.array(
            [[(weight * logits**2).sum(), (weight * logits).sum()], [(weight * logits).sum(), weight.sum()]]
        )
        step = np.linalg.solve(hessian + 1e-6 * np.eye(2), gradient)
        slope, shift = slope - step[0], shift - step[1]
        if np.abs(step).max() < 1e-8:
            break
    return float(slope), float(shift)
