"""Settings: what contradicts itself is refused, and what the native core is told of a rule."""

from __future__ import annotations

import math
from typing import Any

import pytest

from treewright.mcts import (
    PUCT,
    UCBV,
    UCT,
    AdaptiveBranching,
    BestFirst,
    Gumbel,
    InvalidInput,
    PowerMean,
    Rule,
    SoftmaxMix,
    Thompson,
    UCB1Tuned,
    Widening,
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"solver": True, "skip_exhausted": False}, "solver=True needs skip_exhausted=True"),
        ({"backup": PowerMean(2.0), "transpositions": True}, "PowerMean does not go with transpositions"),
        ({"rule": Thompson(), "normalise": True}, "normalise=True does not go with Thompson"),
        ({"rule": AdaptiveBranching(), "normalise": True}, "normalise=True does not go with AdaptiveBranching"),
        ({"rule": AdaptiveBranching(), "widening": Widening()}, "widening does not go with AdaptiveBranching"),
        ({"rule": BestFirst(), "widening": Widening()}, "widening does not go with BestFirst"),
        ({"rule": SoftmaxMix(scope="tree"), "widening": Widening()}, "widening does not go with SoftmaxMix"),
        ({"rule": BestFirst(), "ties": "random"}, "ties='random' does not go with BestFirst"),
        ({"widening": 2.0}, r"widening is 2.0: expected Widening\(c, a\) or None"),
        ({"threads": 0}, r"threads is 0: expected an integer in \[1, 256\]"),
        ({"threads": 257}, r"threads is 257"),
        ({"backup": 2.0}, "unknown backup 2.0. Available: 'mean', 'max'"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(kind: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        kind(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"rule": SoftmaxMix(), "widening": Widening()},
        {"rule": SoftmaxMix(), "normalise": True},
        {"rule": Thompson(), "widening": Widening(), "solver": True, "transpositions": True},
        {"rule": BestFirst(), "solver": True, "transpositions": True, "normalise": True},
        {"backup": PowerMean(2.0), "solver": True, "normalise": True, "threads": 2},
    ],
)
def test_settings_that_agree_are_taken(kind: Any, options: dict[str, Any]) -> None:
    settings = kind(**options).settings
    assert {name: getattr(settings, name) for name in options} == options


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Widening(0.0), r"Widening\(c=0.0\): expected a number in \[1e-06, 1e\+09\]"),
        (lambda: Widening(1.0, 1.5), r"Widening\(a=1.5\): expected a number in \[0, 1\]"),
        (lambda: PowerMean(0.5), r"PowerMean\(p=0.5\): expected a number in \[1, 1000\]"),
        (lambda: PowerMean(math.nan), "expected a number"),
    ],
)
def test_a_number_out_of_range_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


@pytest.mark.parametrize(
    ("rule", "kind", "constants"),
    [
        (UCT(0.5), "uct", (0.5,)),
        (UCB1Tuned(2.0), "ucb1_tuned", (2.0,)),
        (UCBV(1.5, 0.25), "ucb_v", (1.5, 0.25)),
        (PUCT(1.0, 0.5, 0.25), "puct", (1.0, 0.5, 0.25)),
        (Gumbel(32, 8), "gumbel", (32.0, 8.0, 50.0, 1.0)),
        (Thompson(), "thompson", (0.0, 1.0)),
        (AdaptiveBranching("beta", 2.0), "adaptive_branching", (1.0, 2.0)),
        (SoftmaxMix(0.5), "softmax_mix", (0.5, 0.3, 0.0)),
        (SoftmaxMix(scope="tree"), "softmax_mix", (0.2, 0.3, 1.0)),
        (BestFirst(children=4), "best_first", (0.0, 0.0, 0.0, 4.0)),
    ],
)
def test_the_numbers_of_a_rule_are_its_fields_in_order(rule: Rule, kind: str, constants: tuple[float, ...]) -> None:
    assert (rule.KIND, rule.constants()) == (kind, constants)


def test_an_absent_number_is_nan() -> None:
    assert math.isnan(PUCT().constants()[1])
