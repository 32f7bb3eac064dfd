"""Gumbel: the schedule of sequential halving, completed Q and the improved policy by hand, and descents."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from forests import children_view, finish, grown, visit

from treewright.mcts import Gumbel, InvalidInput
from treewright.mcts.rules.gumbel import considered_visits


@pytest.mark.parametrize(
    ("considered", "simulations", "expected"),
    [
        (1, 5, [0, 1, 2, 3, 4, 5, 6]),
        # ceil(log2 2) = 1 phase, 4 // (1 * 2) = 2 rounds.
        (2, 4, [0, 0, 1, 1, 2, 2]),
        # 2 phases: 8 // (2 * 4) = 1 round of 4, 8 // (2 * 2) = 2 rounds of 2; beyond the plan two go on.
        (4, 8, [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4]),
        # 3 phases: 24 // (3 * 8) = 1 round of 8, 24 // (3 * 4) = 2 of 4, 24 // (3 * 2) = 4 of 2.
        (8, 24, [0] * 8 + [1] * 4 + [2] * 4 + [3, 3, 4, 4, 5, 5, 6, 6, 7]),
        # 3 phases of too few simulations: one round each, of 5, 5 // 2 = 2, 2.
        (5, 7, [0, 0, 0, 0, 0, 1, 1, 2, 2]),
        # 2 phases: 10 // (2 * 3) = 1 round of 3, then max(2, 3 // 2) = 2: 10 // (2 * 2) = 2 rounds of 2.
        (3, 10, [0, 0, 0, 1, 1, 2, 2, 3, 3]),
        # 4 phases: 64 // (4 * 16) = 1 of 16, 64 // 32 = 2 of 8, 64 // 16 = 4 of 4, 64 // 8 = 8 of 2.
        (16, 64, [0] * 16 + [1] * 8 + [2] * 8 + [visits for visits in range(3, 7) for _ in range(4)] + [7, 7, 8, 8]),
    ],
)
def test_the_schedule_of_sequential_halving(considered: int, simulations: int, expected: list[int]) -> None:
    assert [considered_visits(considered, simulations, t) for t in range(len(expected))] == expected


def below_the_root(**changed: Any) -> Any:
    columns = {"q": [0.6, 0.2, 0.9], "prior": [0.5, 0.3, 0.2], "started": [2, 1, 1], "visits": [2, 1, 0], **changed}
    return children_view(5, root=False, parent_visits=4, parent_raw=0.4, **columns)


def test_the_improved_policy_by_hand() -> None:
    # Visited: pi 0.5 + 0.3 = 0.8, pi * Q 0.5 * 0.6 + 0.3 * 0.2 = 0.36; v_mix = (0.4 + 3 / 0.8 * 0.36) / (1 + 3) =
    # 0.4375. sigma = (50 + 2) * 0.1 * (0.6, 0.2, 0.4375) = 3.12, 1.04, 2.275; with ln P = -0.693147, -1.203973,
    # -1.609438: 2.426853, -0.163973, 0.665562. exp(x - highest) = 1, 0.0749581, 0.1718229, sum 1.2467810: pi' =
    # 0.8020655, 0.0601213, 0.1378132. Visits started 2, 1, 1 of 1 + 4: less 0.4, 0.2, 0.2.
    found = Gumbel(64, c_scale=0.1).scores(below_the_root())
    assert found.tolist() == pytest.approx([0.4020655, -0.1398787, -0.0621868], abs=1e-6)


def test_the_improved_policy_of_the_eligible_children_is_a_policy() -> None:
    # Without child 0: exp = 0.0749581 / 0.1718229 = 0.436252 and 1: pi' = 0.303743, 0.696257; visits 1, 1 of 1 + 2.
    view = below_the_root()
    columns = {name: getattr(view.everyone, name) for name in ("q", "prior", "started", "visits")}
    view = children_view(5, eligible=[1, 2], root=False, parent_visits=4, parent_raw=0.4, **columns)
    found = Gumbel(64, c_scale=0.1).scores(view)
    assert found.tolist() == pytest.approx([0.303743 - 1 / 3, 0.696257 - 1 / 3], abs=1e-6)


def test_a_node_without_a_value_of_its_own_mixes_in_its_q() -> None:
    # v = Q = 0.5 in place of 0.4: v_mix = (0.5 + 1.35) / 4 = 0.4625; without a completed visit the middle of the range.
    rule = Gumbel(64, c_visit=0.0, c_scale=1.0)
    columns = {"q": [0.6, 0.2, 0.9], "prior": [0.5, 0.3, 0.2], "started": [2, 1, 0]}
    for own, mixed in (({"parent_q": 0.5}, 0.4625), ({"parent_raw": 0.4}, 0.4375)):
        view = children_view(4, root=False, parent_visits=3, **own, **columns)
        # sigma = 2 * (0.6, 0.2, v_mix).
        x = np.log([0.5, 0.3, 0.2]) + 2 * np.array([0.6, 0.2, mixed])
        policy = np.exp(x) / np.exp(x).sum()
        assert rule.scores(view).tolist() == pytest.approx(policy - np.array([2, 1, 0]) / 4, abs=1e-6)
    view = children_view(1, root=False, parent_visits=0, q=[0.9, 0.9], prior=[0.5, 0.5], started=[0, 0])
    assert rule.scores(view).tolist() == [0.5, 0.5]


def test_priors_of_zero_are_never_preferred() -> None:
    view = children_view(5, root=False, q=[0.5, 0.5], prior=[0.0, 1.0], started=[0, 3])
    assert Gumbel(8).scores(view).tolist() == [0.0, 0.25]
    view = children_view(5, root=False, q=[0.5, 0.5], prior=[0.0, 0.0], started=[0, 1])
    assert Gumbel(8).scores(view).tolist() == [0.5, 0.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"simulations": 0}, r"simulations=0\): expected an integer in \[1, 2147483647\]"),
        ({"simulations": 1.5}, "expected an integer"),
        ({"simulations": 8, "considered": 0}, r"considered=0\): expected an integer in \[1, 65535\]"),
        ({"simulations": 8, "c_scale": -1.0}, "expected a number"),
    ],
)
def test_a_constant_out_of_range_is_refused(given: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Gumbel(**given)


def test_the_root_considers_distinct_children_and_keeps_the_better_half(kind: Any) -> None:
    forest, tree, children = grown(kind, [0.2, 0.2, 0.2, 0.2, 0.1, 0.1], rule=Gumbel(8, considered=4), seed=5)
    values = dict(zip(children.tolist(), [0.1, 0.9, 0.2, 0.8, 0.5, 0.6], strict=True))
    visits = []
    for _ in range(8):
        leaf = forest.select_batch([tree])
        visits.append(int(leaf.node[0]))
        finish(forest, leaf.ticket, values[visits[-1]])
    first = visits[:4]
    assert len(set(first)) == 4
    # sigma is at least (50 + 1) * 1 * Q: Q decides, and the two best of the four get two more visits each.
    best = sorted(first, key=lambda node: -values[node])[:2]
    assert Counter(visits[4:]) == {best[0]: 2, best[1]: 2}
    assert max(forest.root_stats(tree).visits) == 3


def test_the_first_choice_is_a_draw_from_the_priors(kind: Any) -> None:
    """The highest of g + ln P is child i with probability P(i) (Gumbel 1954): over 600 trees within 4 deviations."""
    forest = kind(rule=Gumbel(8, considered=4), seed=1)
    trees = forest.new_trees(600)
    roots = forest.select_batch(trees)
    priors = [0.5, 0.3, 0.15, 0.05]
    forest.expand_batch(roots.ticket, [4] * 600, priors * 600)
    forest.backup_batch(roots.ticket, [0.5] * 600)
    leaves = forest.select_batch(trees)
    chosen = Counter(
        forest.children(forest.root(tree)).tolist().index(node) for tree, node in zip(trees, leaves.node, strict=True)
    )
    for child, prior in enumerate(priors):
        assert abs(chosen[child] - 600 * prior) < 4 * np.sqrt(600 * prior * (1 - prior))


def test_a_second_call_is_told_the_same_noise(kind: Any) -> None:
    forest, tree, _ = grown(kind, [0.25] * 4, rule=Gumbel(4), seed=2)
    first = forest.select_batch([tree])
    forest.cancel_batch(first.ticket)
    again = forest.select_batch([tree])
    assert first.node.tolist() == again.node.tolist()


def test_children_beyond_the_plan_are_those_with_the_fewest_visits(kind: Any) -> None:
    forest, tree, children = grown(kind, [0.25] * 4, rule=Gumbel(4, considered=2), seed=2)
    for child in children:
        for _ in range(3):
            visit(forest, child, 0.5)
    visit(forest, children[1], 0.5)
    visit(forest, children[3], 0.5)
    # 14 visits are started; entry 14 of the schedule of 2 is 7, which no child has: children 0 and 2 have the fewest,
    # 3.
    assert forest.select_batch([tree]).node[0] in (children[0], children[2])
