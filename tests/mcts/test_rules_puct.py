"""PUCT with first-play urgency: numbers worked out by hand, and the same numbers deciding a descent in both forests."""

from __future__ import annotations

from typing import Any

import pytest
from forests import children_view, grown, visit

from treewright.mcts import PUCT, InvalidInput


def test_puct_by_hand() -> None:
    # sqrt 16 = 4; 1.25 * 4 * 0.6 / (1 + 3) = 0.75; 1.25 * 4 * 0.4 / (1 + 0) = 2.
    view = children_view(16, q=[0.5, 0.25], prior=[0.6, 0.4], started=[3, 0])
    assert PUCT().scores(view).tolist() == pytest.approx([1.25, 2.25])


def test_puct_counts_a_parent_without_visits_as_one() -> None:
    # sqrt(max(0, 1)) = 1: 2 * 1 * 0.5 / 1 = 1.
    assert PUCT(2.0).scores(children_view(0, q=[0.0], prior=[0.5], started=[0])).tolist() == [1.0]


def test_first_play_replaces_the_urgency_of_children_without_a_completed_visit() -> None:
    # Child 1 has one visit in flight: 1.25 * 4 * 0.3 / (1 + 1) = 0.75. Child 2: 5 * 0.2 = 1. Child 0: 5 * 0.5 / 4 =
    # 0.625.
    view = children_view(16, q=[0.6, 0.4, 0.4], prior=[0.5, 0.3, 0.2], started=[3, 1, 0], visits=[3, 0, 0])
    assert PUCT(first_play=0.1).scores(view).tolist() == pytest.approx([1.225, 0.85, 1.1])
    assert PUCT().scores(view).tolist() == pytest.approx([1.225, 1.15, 1.4])


def test_reduction_grows_with_the_prior_that_has_been_visited() -> None:
    # Visited priors 0.5 + 0.14 = 0.64 (child 3 is not eligible, but visited): 0.2 * sqrt(0.64) = 0.16.
    columns = {"q": [0.6, 0.4, 0.4, 0.9], "prior": [0.5, 0.3, 0.06, 0.14], "started": [3, 0, 0, 2]}
    view = children_view(16, eligible=[0, 1, 2], **columns)
    # Child 0 as ever 0.6 + 2.5 / 4; child 1 0.4 - 0.16 + 5 * 0.3; child 2 0.4 - 0.16 + 5 * 0.06.
    assert PUCT(reduction=0.2).scores(view).tolist() == pytest.approx([1.225, 1.74, 0.54])
    assert PUCT(first_play=0.0, reduction=0.2).scores(view).tolist() == pytest.approx([1.225, 1.34, 0.14])


@pytest.mark.parametrize("given", [{"c": -1.0}, {"c": float("nan")}, {"first_play": 2e9}, {"reduction": -0.5}])
def test_a_constant_out_of_range_is_refused(given: Any) -> None:
    with pytest.raises(InvalidInput, match=r"PUCT\(\w+=.*: expected a number in "):
        PUCT(**given)


def test_puct_descents_by_hand(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.6, 0.4], rule=PUCT(1.0))
    # N = 1, urgency 0.5 (the root's Q): a 0.5 + 0.6 = 1.1, b 0.5 + 0.4 = 0.9.
    first = forest.select_batch([tree])
    assert first.node.tolist() == [a]
    forest.backup_batch(first.ticket, [0.0])
    # N = 2, sqrt 2 = 1.414: a 0 + 1.414 * 0.6 / 2 = 0.424, b 0.5 + 1.414 * 0.4 = 1.066.
    second = forest.select_batch([tree])
    assert second.node.tolist() == [b]
    forest.backup_batch(second.ticket, [0.25])
    # N = 3, sqrt 3 = 1.732: a 0.520, b 0.25 + 1.732 * 0.4 / 2 = 0.596.
    assert forest.select_batch([tree]).node.tolist() == [b]


@pytest.mark.parametrize(
    ("rule", "chosen"), [(PUCT(1.0), 1), (PUCT(1.0, first_play=0.1), 0), (PUCT(1.0, reduction=0.6), 0)]
)
def test_first_play_and_reduction_decide_a_descent(kind: Any, rule: Any, chosen: int) -> None:
    forest, tree, children = grown(kind, [0.64, 0.36], rule=rule)
    visit(forest, children[0], 0.5)
    # N = 2, sqrt 2 = 1.414: the first 0.5 + 1.414 * 0.64 / 2 = 0.953; the second with its urgency 0.5 + 0.509 = 1.009,
    # with first_play 0.609, reduced by 0.6 * sqrt(0.64) = 0.48: 0.529.
    assert forest.select_batch([tree]).node.tolist() == [children[chosen]]
