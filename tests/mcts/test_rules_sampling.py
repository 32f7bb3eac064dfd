"""Posteriors, Thompson sampling, adaptive branching and the softmax mix: by hand, by moments, and in descents."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from forests import below, children_view, grown, visit

from treewright.mcts import AdaptiveBranching, InvalidInput, SoftmaxMix, Thompson
from treewright.mcts.hashing import Draws, splitmix64
from treewright.mcts.rules.adaptive_branching import arms
from treewright.mcts.rules.posterior import NOTHING, Belief, Evidence, sample

MANY = 4000


def draws(belief: Belief, weight: float, seen: Evidence, low: float = 0.0, width: float = 1.0) -> Any:
    return np.array([sample(belief, weight, low, width, seen, Draws(splitmix64(key))) for key in range(MANY)])


def test_the_gaussian_posterior_by_hand() -> None:
    # Range [-1, 3]: mu0 = 1, b0 = (4/4)^2 = 1, l0 = 2. n = 6, mean 2, m2 = 3: ln = 8, mun = (2 * 1 + 6 * 2) / 8 = 1.75,
    # an = 1 + 3 = 4, bn = 1 + 1.5 + 2 * 6 * 1 / 16 = 3.25. theta is Student t with 2 an = 8 degrees around mun with
    # scale sqrt(bn / (an ln)): variance 3.25 / 32 * 8 / 6 = 0.1354167.
    numbers = draws("gaussian", 2.0, Evidence(6.0, 2.0, 3.0), -1.0, 4.0)
    assert abs(numbers.mean() - 1.75) < 4 * math.sqrt(0.1354167 / MANY)
    assert numbers.var() == pytest.approx(0.1354167, rel=0.12)


def test_the_gaussian_prior_is_wide() -> None:
    # n = 0: Student t with 2 degrees around 0.5 with scale sqrt((1/4)^2 / 1) = 0.25. Its quartiles are 0.5 -+ 0.25 *
    # 0.8164966.
    quartiles = np.quantile(draws("gaussian", 1.0, NOTHING), [0.25, 0.5, 0.75])
    assert quartiles == pytest.approx([0.2958758, 0.5, 0.7041242], abs=0.02)


def test_the_beta_posterior_by_hand() -> None:
    # Range [-1, 1], mean 0.5: x = 0.75; n = 8, weight 2: Beta(8, 4): mean 2/3, variance 8 * 4 / (144 * 13) = 0.0170940;
    # in the range 1/3 and 4 * 0.0170940 = 0.0683761.
    numbers = draws("beta", 2.0, Evidence(8.0, 0.5, 1.0), -1.0, 2.0)
    assert abs(numbers.mean() - 1 / 3) < 4 * math.sqrt(0.0683761 / MANY)
    assert numbers.var() == pytest.approx(0.0683761, rel=0.1)


def test_the_beta_posterior_stays_within_the_range_whatever_the_returns() -> None:
    for mean in (-5.0, 7.0):
        numbers = draws("beta", 0.5, Evidence(3.0, mean, 0.0), 0.0, 2.0)
        assert 0.0 <= numbers.min() <= numbers.max() <= 2.0
    # x is cut to 1: Beta(3.5, 0.5), mean 0.875.
    assert numbers.mean() == pytest.approx(1.75, abs=0.03)


def test_a_beta_draw_of_vanishing_gammas_is_the_mean() -> None:
    numbers = draws("beta", 0.001, NOTHING)
    # gamma(0.001) is a number raised to the power of 1000: it vanishes where that number is below 0.475.
    assert np.isfinite(numbers).all()
    assert np.mean(numbers == 0.5) == pytest.approx(0.475**2, abs=0.03)
    assert numbers.mean() == pytest.approx(0.5, abs=0.04)


def test_thompson_prefers_each_child_as_often_as_it_is_best() -> None:
    # Beta(1 + 3, 1 + 1) against Beta(1, 1): P(x > y) = E[x] = 2/3.
    columns = {"visits": [4, 0], "mean": [0.75, np.nan], "m2": [0.5, 0.0]}
    first = 0
    for key in range(MANY):
        scores = Thompson("beta").scores(children_view(5, key=key, **columns))
        first += int(scores[0] > scores[1])
    assert abs(first / MANY - 2 / 3) < 4 * math.sqrt(2 / 9 / MANY)


def test_a_child_draws_the_same_whoever_else_is_eligible() -> None:
    columns = {"visits": [1, 2, 3], "mean": [0.1, 0.2, 0.3]}
    everyone = Thompson().scores(children_view(6, key=9, **columns))
    alone = Thompson().scores(children_view(6, key=9, eligible=[2], **columns))
    assert alone.tolist() == everyone[2:].tolist()
    assert Thompson().scores(children_view(6, key=9, depth=1, **columns)).tolist() != everyone.tolist()


def test_the_arms_of_adaptive_branching_by_hand() -> None:
    # Discount 1/2. Child 0: reward 0.25, raw 0.5: first 0.5; returns 0.5, 0.7, 0.9: n 3, mean 0.7, m2 0.08. Child 1:
    # raw 1: first 0.5; one return. Child 2 was visited below alone: returns 0.2, 0.4. Child 3 was not.
    view = children_view(
        6,
        discount=0.5,
        visits=[3, 1, 2, 0],
        reward=[0.25, 0.0, 0.0, 0.0],
        raw=[0.5, 1.0, np.nan, np.nan],
        mean=[0.7, 0.5, 0.3, np.nan],
        m2=[0.08, 0.0, 0.02, 0.0],
    )
    made, deeper = arms(view)
    assert made == pytest.approx((2.0, 0.5, 0.0))
    # The rest: 0.7, 0.9, 0.2, 0.4: mean 0.55, m2 = 0.15^2 + 0.35^2 + 0.35^2 + 0.15^2 = 0.29.
    assert deeper == pytest.approx((4.0, 0.55, 0.29), abs=1e-6)


def test_arms_that_saw_nothing() -> None:
    made, deeper = arms(children_view(3, visits=[1, 0], raw=[0.5, np.nan], mean=[0.5, np.nan]))
    assert made == (1.0, 0.5, 0.0)
    assert deeper == NOTHING


def test_adaptive_branching_makes_children_where_new_ones_are_good(kind: Any) -> None:
    def children_after(first_values: float, later_values: float) -> int:
        forest, tree, _ = grown(kind, [1.0], rule=AdaptiveBranching(), seed=4)
        root = forest.root(tree)
        for _ in range(60):
            leaf = forest.select_batch([tree])
            node = int(leaf.node[0])
            forest.cancel_batch(leaf.ticket)
            (child,) = below(forest, node, 1)
            visit(forest, child, first_values if node == root else later_values)
        return len(forest.children(root))

    wide, deep = children_after(0.9, 0.1), children_after(0.1, 0.9)
    assert wide > 2 * deep


def test_adaptive_branching_leaves_complete_nodes_alone(kind: Any) -> None:
    forest, tree, children = grown(kind, [0.5, 0.5], rule=AdaptiveBranching())
    forest.exhaust_batch(forest.reserve_batch([forest.root(tree)]))
    for _ in range(30):
        leaf = forest.select_batch([tree])
        assert leaf.node[0] in children
        forest.cancel_batch(leaf.ticket)


def test_softmax_mixed_with_uniform_by_hand() -> None:
    # exp((0.5 - 1) / 0.5) = 0.3678794; softmax 0.7310586, 0.2689414; 0.3 / 2 + 0.7 * that = 0.6617410, 0.3382590.
    rule = SoftmaxMix(0.5, 0.3)
    assert rule.probabilities([1.0, 0.5]) == pytest.approx([0.6617410, 0.3382590], abs=1e-7)
    assert [rule.drawn([1.0, 0.5], draw) for draw in (0.001, 0.6617, 0.6618, 0.999)] == [0, 0, 1, 1]
    assert SoftmaxMix(0.5, 1.0).probabilities([1.0, 0.5, -7.0]) == pytest.approx([1 / 3] * 3)
    # AFlow: scores 80 and 75 of 100 with 0.2: exp(-1); here 0.8 and 0.75 with temperature 1 / (0.2 * 100).
    assert SoftmaxMix(0.05, 0.0).probabilities([0.8, 0.75]) == pytest.approx([0.7310586, 0.2689414], abs=1e-7)


def test_the_last_candidate_takes_what_rounding_leaves() -> None:
    assert SoftmaxMix().drawn([0.1] * 7, 1.0 - 2.0**-53) == 6


def test_softmax_among_children_follows_its_probabilities(kind: Any) -> None:
    forest, tree, children = grown(kind, [0.5, 0.5], rule=SoftmaxMix(0.5, 0.3))
    for child, value in zip(children, [1.0, 0.5], strict=True):
        visit(forest, child, value)
    chosen: Counter[int] = Counter()
    for _ in range(1000):
        leaf = forest.select_batch([tree])
        chosen[int(leaf.node[0])] += 1
        forest.cancel_batch(leaf.ticket)
    assert abs(chosen[children[0]] - 661.741) < 4 * math.sqrt(1000 * 0.661741 * 0.338259)


def test_softmax_over_the_tree_draws_any_open_node(kind: Any) -> None:
    forest, tree, (a, b, end) = grown(
        kind, [0.5, 0.3, 0.2], [False, False, True], rule=SoftmaxMix(0.25, 0.2, scope="tree"), seed=3
    )
    root = forest.root(tree)
    (deep,) = below(forest, a, 1, 0.75)
    forest.exhaust_batch(forest.reserve_batch([b]))
    visit(forest, end, 1.0)
    visit(forest, deep, 0.25)
    chosen: Counter[int] = Counter()
    for _ in range(1000):
        leaf = forest.select_batch([tree])
        assert leaf.expanded[0] == (leaf.node[0] != deep)
        chosen[int(leaf.node[0])] += 1
        forest.cancel_batch(leaf.ticket)
    # Root, a and deep, last valued 0.5, 0.75, 0.25: exp(-1), 1, exp(-2), sum 1.5032147: 0.2 / 3 + 0.8 * share.
    for node, share in ((root, 0.2447285), (a, 0.6652410), (deep, 0.0900306)):
        expected = 1000 * (0.2 / 3 + 0.8 * share)
        assert abs(chosen[node] - expected) < 4 * math.sqrt(expected * (1 - expected / 1000))
    assert sum(chosen.values()) == 1000


def test_a_childless_node_is_drawn_once_at_a_time_and_others_often(kind: Any) -> None:
    forest, tree, children = grown(kind, [1.0], rule=SoftmaxMix(scope="tree"), seed=1)
    leaves = forest.select_batch([tree], 12)
    assert len(leaves.node) == 12
    assert Counter(leaves.node.tolist())[int(children[0])] == 1
    forest.exhaust_batch(leaves.ticket)
    assert len(forest.select_batch([tree], 3).node) == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Thompson("normal"), "unknown posterior of Thompson 'normal'. Available: 'gaussian', 'beta'"),
        (lambda: AdaptiveBranching("betta"), "Did you mean 'beta'"),
        (lambda: Thompson(weight=0.0), r"Thompson\(weight=0.0\): expected a number in \[0.001, 1e\+09\]"),
        (lambda: SoftmaxMix(scope="children "), "Did you mean 'children'"),
        (lambda: SoftmaxMix(0.0), "temperature=0.0"),
        (lambda: SoftmaxMix(1.0, 1.5), r"uniform=1.5\): expected a number in \[0, 1\]"),
    ],
)
def test_a_setting_out_of_range_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()
