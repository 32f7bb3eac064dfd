"""What showing a case is worth: a logistic regression on which cases plans were shown, and how they ended."""

from __future__ import annotations

from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]

UNTAUGHT = np.array([0.0, 1.0, 0.0, 0.0])  # weights before anything is known: the order is the cosine's
STEPS = 1000
CLOSE = 1e-9


def features(likeness: Numbers, good: Numbers, words: Numbers) -> Numbers:
    """x(s, c) of N pairs of a state and a case, [N, 4]: 1, likeness, good, ln(1 + words).

    Args:
        likeness: cosine of the state's task and the case's, [N], in [-1, 1].
        good: whether the case was solved, [N], 0 or 1.
        words: of the case's text, [N].
    """
    return np.stack([np.ones_like(likeness), likeness, good, np.log1p(words)], axis=-1)


def q_values(x: Numbers, weights: Numbers) -> Numbers:
    """Q(s, c) = 1 / (1 + exp(-w x(s, c))), the chance that a plan that is shown the case succeeds, [N]."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x @ weights, -500, 500))))


def taught(x: Numbers, outcomes: Numbers, penalty: float = 1.0) -> Numbers:
    """The weights w, [4], of the least sum of -[r ln Q + (1 - r) ln(1 - Q)] + penalty / 2 |w - untaught|^2.

    The sum of cross-entropies is Memento's loss (Zhou et al. 2025); the penalty keeps few outcomes from outweighing
    likeness. Each step goes to the lowest point of a paraboloid above that function (Boehning 1992), so that it never
    rises; without outcomes the weights are the untaught ones.

    Args:
        x: features of the pairs shown, [N, 4].
        outcomes: r, [N]: 1 where the plan succeeded, else 0.
        penalty: above 0.
    """
    above = x.T @ x / 4 + penalty * np.eye(len(UNTAUGHT))
    weights = UNTAUGHT.copy()
    for _ in range(STEPS):
        slope = x.T @ (q_values(x, weights) - outcomes) + penalty * (weights - UNTAUGHT)
        step = np.linalg.solve(above, slope)
        weights -= step
        if float(np.abs(step).max()) < CLOSE:
            break
    return weights
