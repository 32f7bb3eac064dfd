"""Which end is the answer: worth, votes, weights, mean paths, cascades, verdicts."""

from __future__ import annotations

from typing import Any

import pytest

from treewright.search import Choice, Keep, Tree
from treewright.search.answer import choose


def tree(*ends: dict[str, Any]) -> Tree:
    """A root with ends below it; what is not said of one is worth .5 and answers its number."""
    made = Tree.planted("task", None)
    for number, fields in enumerate(ends, 1):
        made.grow(0, f"end {number}", **{"answer": str(number), "value": 0.5, **fields})
    return made


def test_the_best_is_the_first_of_the_highest_worth() -> None:
    assert choose(tree({}, {"value": 0.9}, {"value": 0.9}), "best").answer == "2"  # type: ignore[union-attr]
    assert choose(tree(), "best") is None


def test_votes_count_proposals_and_weights_their_worth() -> None:
    ends = tree(
        {"answer": "a", "multiplicity": 3, "value": 0.1}, {"answer": "b", "value": 0.4}, {"answer": "b", "value": 0.2}
    )
    # Votes: a 3, b 2. Weighted: a .3, b .6.
    assert choose(ends, "vote").id == 1  # type: ignore[union-attr]
    assert choose(ends, "weighted").id == 2, "the best end with that answer"  # type: ignore[union-attr]


def test_the_mean_of_the_way_may_prefer_another_end_than_the_best() -> None:
    made = Tree.planted("task", None)
    low, high = made.grow(0, "low", value=0.1), made.grow(0, "high", value=0.8)
    made.grow(low.id, "x", value=0.9, answer="x")
    made.grow(high.id, "y", value=0.7, answer="y")
    # x: (.1 + .9) / 2 = .5; y: (.8 + .7) / 2 = .75.
    assert choose(made, "best").answer == "x"  # type: ignore[union-attr]
    assert choose(made, "mean_path").answer == "y"  # type: ignore[union-attr]


def test_a_cascade_filters_in_order_and_a_filter_that_leaves_nothing_leaves_all() -> None:
    ends = tree(
        {"answer": "a", "measures": {"broken": 1, "repaired": 1.0}},
        {"answer": "b", "measures": {"broken": 0, "repaired": 0.5}},
        {"answer": "c", "measures": {"broken": 0, "repaired": 1.0}},
        {"answer": "b", "measures": {"broken": 0, "repaired": 0.5}},
    )
    cascade = (Keep("broken", "lowest"), Keep("repaired", "passing"))
    assert Choice("vote", keep=cascade).choose(ends).answer == "c"  # type: ignore[union-attr]
    assert Choice("vote", keep=(cascade[0], Keep("repaired", "passing", 2.0))).choose(ends).answer == "b"  # type: ignore[union-attr]
    assert Choice("best", keep=(Keep("unknown"),)).choose(ends).id == 1  # type: ignore[union-attr]


def test_kinds_are_tried_in_order_and_top_bounds_the_vote() -> None:
    ends = tree({"kind": "sample", "answer": "a"}, {"kind": "refined", "answer": "b", "value": 0.1})
    assert Choice("best", kinds=("refined", "sample")).choose(ends).answer == "b"  # type: ignore[union-attr]
    assert Choice("best", kinds=("summary", "sample")).choose(ends).answer == "a"  # type: ignore[union-attr]
    many = tree({"answer": "a", "value": 0.9}, {"answer": "b"}, {"answer": "b"})
    assert Choice("vote", top=1).choose(many).answer == "a"  # type: ignore[union-attr]


def test_verdicts_elect_by_number_and_without_any_the_best_is_given() -> None:
    ends = tree({"value": 0.2}, {"value": 0.9}, {"value": 0.3})
    assert Choice("verdict").choose(ends).answer == "2"  # type: ignore[union-attr]
    for text in ("Number: 1", "2", "I say 1, not 2", "7", "neither"):
        ends.grow(0, text, kind="verdict", acts=False, parents=(1, 3))
    # Of the shown ends 1 and 3: two voices for the first, one for the second; two name nothing that was shown.
    assert Choice("verdict").choose(ends).answer == "1"  # type: ignore[union-attr]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="by is one of 'best', 'vote'"):
        Choice("worst")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'lowest', 'highest' or 'passing'"):
        Keep("worth", "middle")  # type: ignore[arg-type]
