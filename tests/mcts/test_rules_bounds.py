"""UCT, UCB1-Tuned and UCB-V: numbers worked out by hand, and the same numbers deciding a descent in both forests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from forests import children_view, grown

from treewright.mcts import UCBV, UCT, InvalidInput, UCB1Tuned


def test_uct_by_hand() -> None:
    # ln 10 = 2.302585; sqrt(2.302585 / 4) = 0.758713; sqrt(2.302585 / 6) = 0.619487; c = 2.
    view = children_view(10, q=[0.5, 0.75], prior=[0.9, 0.1], started=[4, 6])
    assert UCT(2.0).scores(view).tolist() == pytest.approx([0.5 + 2 * 0.758713, 0.75 + 2 * 0.619487], abs=1e-5)


def test_uct_constant_is_the_square_root_of_two_and_unvisited_children_come_first() -> None:
    # ln 1 = 0: the one visited child scores its Q alone; the other is infinite.
    assert UCT().scores(children_view(1, q=[0.5, 0.9], started=[1, 0])).tolist() == [0.5, np.inf]
    assert UCT().c == pytest.approx(1.41421356)


def test_ucb1_tuned_by_hand() -> None:
    # ln 200 = 5.298317. Child 0: n = 190, a = 5.298317 / 190 = 0.0278859; V + sqrt(2a) = 0.01 + 0.236160 = 0.246160,
    # below 1/4: sqrt(0.0278859 * 0.246160) = 0.0828516. Child 1: n = 4, a = 1.3245793; V + sqrt(2a) = 1.7, so 1/4:
    # sqrt(1.3245793 / 4) = 0.5754519.
    view = children_view(200, q=[0.3, 0.5, 0.0], started=[190, 4, 0], variance=[0.01, 0.04, 0.0])
    assert UCB1Tuned().scores(view).tolist() == pytest.approx([0.3828516, 1.0754519, np.inf], abs=1e-6)
    assert UCB1Tuned(2.0).scores(view).tolist() == pytest.approx([0.4657032, 1.6509038, np.inf], abs=1e-6)


def test_ucb1_tuned_takes_the_width_of_the_values() -> None:
    # w = 4: w^2 / 4 = 4 at child 0: sqrt(0.0278859 * min(4, 0.16 + 16 * 0.236160)) = sqrt(0.0278859 * 3.938560) =
    # 0.331406.
    view = children_view(200, low=-2.0, high=2.0, q=[1.2], started=[190], variance=[0.16])
    assert UCB1Tuned().scores(view).tolist() == pytest.approx([1.531406], abs=1e-6)


def test_ucb_v_by_hand() -> None:
    # ln 10 = 2.302585; e = 1.2 * 2.302585 / 4 = 0.6907755; w = 2: sqrt(2 * 0.04 * 0.6907755) = 0.2350788;
    # 3 * 2 * 0.6907755 = 4.144653.
    view = children_view(10, low=-1.0, high=1.0, q=[0.5, 0.0], started=[4, 0], variance=[0.04, 0.0])
    assert UCBV().scores(view).tolist() == pytest.approx([0.5 + 0.2350788 + 4.144653, np.inf], abs=1e-5)
    # zeta = 0.5: e = 0.2878231: sqrt(0.0230258) = 0.1517427; c = 0.1: 0.1 * 6 * 0.2878231 = 0.1726939.
    assert UCBV(0.5, 0.1).scores(view)[0] == pytest.approx(0.5 + 0.1517427 + 0.1726939, abs=1e-6)


@pytest.mark.parametrize("rule", [UCT, UCB1Tuned, UCBV])
@pytest.mark.parametrize("c", [-1.0, float("nan"), float("inf"), "1"])
def test_a_constant_out_of_range_is_refused(rule: Any, c: Any) -> None:
    with pytest.raises(InvalidInput, match=r"c=.*: expected a number in \[0, 1e\+09\]"):
        rule(c=c)


def test_uct_descents_by_hand(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.1, 0.9], rule=UCT(1.0))
    for value, child in ((0.2, a), (0.6, b)):  # both unvisited: the lowest index, then the other; priors do not matter
        leaf = forest.select_batch([tree])
        assert leaf.node.tolist() == [child]
        forest.backup_batch(leaf.ticket, [value])
    # N = 3, ln 3 = 1.0986: a 0.2 + 1.048 = 1.248, b 0.6 + 1.048 = 1.648.
    leaf = forest.select_batch([tree])
    assert leaf.node.tolist() == [b]
    forest.backup_batch(leaf.ticket, [0.0])
    # N = 4, ln 4 = 1.3863: a 0.2 + sqrt(1.3863 / 1) = 1.377, b 0.3 + sqrt(1.3863 / 2) = 1.133.
    assert forest.select_batch([tree]).node.tolist() == [a]


@pytest.mark.parametrize(
    ("rule", "swinging"), [(UCT(1.0), False), (UCB1Tuned(), True), (UCB1Tuned(0.1), False), (UCBV(1.2, 0.0), True)]
)
def test_variance_draws_visits_where_the_mean_alone_would_not(kind: Any, rule: Any, swinging: bool) -> None:
    forest, tree, (a, b) = grown(kind, [0.5, 0.5], rule=rule)
    forest.backup_batch(forest.reserve_batch([a, b] * 840), [0.0, 0.51, 1.0, 0.51] * 420)
    # N = 1681, ln 1681 = 7.4271, n = 840: 7.4271 / 840 = 0.0088418. a has mean 0.5 and variance 1/4, b 0.51 and 0.
    # UCT: 0.5 + 0.0940, 0.51 + 0.0940. UCB1-Tuned: sqrt(2 * 0.0088418) = 0.13298: a 0.5 + sqrt(0.0088418 / 4) = 0.5470,
    # b 0.51 + sqrt(0.0088418 * 0.13298) = 0.5443; with c = 0.1 0.5047 and 0.5134.
    # UCB-V: a 0.5 + sqrt(2 / 4 * 1.2 * 0.0088418) = 0.5728, b 0.51.
    assert forest.select_batch([tree]).node.tolist() == [a if swinging else b]
