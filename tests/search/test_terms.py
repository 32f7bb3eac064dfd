"""Score terms, each on one small tree that is worked out by hand, and the selection that adds them up."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from traces import World, trace

from treewright.search import Budget, Propose, Recipe, Scored, Standing
from treewright.search.described import described, recipe_of
from treewright.search.terms import (
    BadChild,
    BelowMean,
    Correction,
    DepthBonus,
    DepthCost,
    Diversity,
    Explore,
    Finished,
    GoodChild,
    GoodLeaf,
    GoodParent,
    Mean,
    Onward,
    Own,
    Prior,
    Repeats,
    Term,
    likeness,
)
from treewright.search.tree import ROOT, Tree


@pytest.fixture
def seen() -> Standing:
    """The root over a (v .6) over b (v -.2) and c (an end, v .9); d, beside a, was not visited. N as given below.

    node    0  a   b    c   d
    v       -  .6  -.2  .9  -
    N       5  4   1    2   0
    Q       .5 .4  .1   .7  0
    """
    tree = Tree.planted("task", None)
    tree.grow(ROOT, "edit a.py", value=0.6, prior=0.25, checked=0.6)
    tree.grow(1, "view b.py", value=-0.2)
    tree.grow(1, "view c.py", value=0.9, terminated=True, reward=None, multiplicity=3)
    tree.grow(ROOT, "edit d.py")
    return Standing(tree, [5, 4, 1, 2, 0], [0.5, 0.4, 0.1, 0.7, 0.0], [False] * 5)


A, B, C, D = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("term", "node", "expected"),
    [
        (Own(2), A, 1.2),
        (Own(), D, 0.0),
        (Mean(), A, 0.4),
        (Mean(), D, 0.0),
        (Onward(), B, 0.1 - 0.6),
        (Onward(), D, 0.0),
        (BelowMean(), A, (1 * 0.1 + 2 * 0.7) / 3),
        (BelowMean(), B, 0.1),
        (Explore(2), A, 2 * math.sqrt(math.log(5) / 4)),
        (Explore(), ROOT, 0.0),
        (Explore(), D, math.inf),
        (Explore(unvisited=1.0), D, 1.0),
        (Explore(1, least=1), D, math.sqrt(math.log(5))),
        (DepthBonus(200, 0.8), B, 200 * math.exp(-0.8)),
        (DepthBonus(200, 0.8, most=1), B, 0.0),
        (DepthBonus(200, 0.8, expanded=True), D, 0.0),
        (DepthBonus(200, 0.8, expanded=True), ROOT, 200 * math.exp(0.8)),
        (DepthCost(0.8), B, -0.8 * math.sqrt(2)),
        (DepthCost(0.8, 1.0), B, -1.6),
        (GoodLeaf(20, 0.8), C, 20.0),
        (GoodLeaf(20, 0.5), A, 0.0),
        (GoodChild(5, 0.9), A, -5.0),
        (GoodChild(5, 0.95), A, 0.0),
        (GoodChild(5, 0.9, own=0.6), A, -5.0),
        (GoodChild(5, 0.9, own=0.7), A, 0.0),
        (GoodParent(5, 0.5, 0.0), B, 5 * (0.5 + 0.2)),
        (GoodParent(5, 0.6, 0.0), B, 0.0),
        (GoodParent(5, 0.6, 0.0), D, 0.0),
        (GoodParent(1, 0.5, 0.0, unvalued=True), D, 0.5),
        (Finished(50, 0.9), ROOT, -50.0),
        (Finished(50, 0.95), ROOT, 0.0),
        (Finished(50, 0.9, answered=True), ROOT, 0.0),
        (Correction(50), A, 50 / (1 + 2**2)),
        (Correction(50), B, 0.0),
        (Repeats(25, 50), A, -25 * 2**2 - 50 * 1**2),
        (Repeats(25, 50), D, 0.0),
        (Prior(5), A, 5 * 0.25 * math.sqrt(5) / 5),
    ],
)
def test_a_term(seen: Standing, term: Term, node: int, expected: float) -> None:
    assert term(seen, seen.tree.nodes[node]) == pytest.approx(expected)


def test_repeats_are_counted_kind_by_kind(seen: Standing) -> None:
    for text in ("edit 1", "edit 2", "edit 3", "view 1", "view 2", "test"):
        seen.tree.grow(D, text)
    assert Repeats(25, 50)(seen, seen.tree.nodes[D]) == -50 * ((3 - 1) ** 2 + (2 - 1) ** 2)


def test_a_patch_above_a_good_end_is_done_with(seen: Standing) -> None:
    node = seen.tree.nodes[A]
    assert Finished(50, 0.9, answered=True)(seen, node) == 0
    node.answer = "+++ a.py"
    assert Finished(50, 0.9, answered=True)(seen, node) == -50


def test_a_bad_only_child_speaks_for_its_good_parent(seen: Standing) -> None:
    node = seen.tree.nodes[A]
    assert BadChild(5, 0.5, 0.0)(seen, node) == 0, "there are two children"
    node.children = [B]
    assert BadChild(5, 0.5, 0.0)(seen, node) == pytest.approx(5 * (0.6 + 0.2))
    assert BadChild(5, 0.7, 0.0)(seen, node) == 0
    assert BadChild(5, 0.5, -0.5)(seen, node) == 0
    assert BadChild(5, 0.5, 0.0, ("view",))(seen, node) > 0
    assert BadChild(5, 0.5, 0.0, ("edit",))(seen, node) == 0


def test_values_are_put_on_the_recipes_scale(seen: Standing) -> None:
    scaled = replace(seen, scale=(-100.0, 100.0))
    assert Own()(scaled, seen.tree.nodes[A]) == pytest.approx(20)
    assert Mean()(scaled, seen.tree.nodes[A]) == pytest.approx(-20)
    assert Own()(scaled, seen.tree.nodes[D]) == 0, "not valued is no value, not the lowest one"


def test_answers_unlike_the_others_are_worth_a_look(seen: Standing) -> None:
    nodes = seen.tree.nodes
    assert Diversity(100)(seen, nodes[A]) == 0
    nodes[A].answer = "+++ a.py\n+x"
    assert Diversity(100)(seen, nodes[A]) == 100, "nothing to be like"
    nodes[B].answer = "+++ a.py\n+x"
    assert Diversity(100)(seen, nodes[B]) == pytest.approx(0), "the same patch"
    assert likeness("+++ a.py\n+x", "+++ b.py\n+x") == pytest.approx(0.6 * 20 / 22)


def recipe(selection: Scored) -> Recipe:
    return Recipe("scored", Propose(1, ranked=False), selection, "children", leaves=1)


def world() -> World:
    return World(
        moves={"": ["a", "b"], "a": ["c", "d"], "a c": ["f", "g"], "b": ["e"]},
        turns=True,
        values={"a": 0.3, "b": 0.6, "a c": 0.9},
    )


def test_over_the_tree_the_best_of_all_is_next(tmp_path: Path) -> None:
    done = trace(recipe(Scored((Own(),), "tree", most=2)), world(), 4, tmp_path / "run")
    assert done.expanded == ["", "a", "a c", "a c"], "c is worth .9, and its first child .5"


def test_where_nothing_is_good_enough_the_root_is_next(tmp_path: Path) -> None:
    done = trace(recipe(Scored((Own(),), "tree", most=2, floor=0.5)), world(), 3, tmp_path / "run")
    assert done.expanded == ["", "", "b"], "a is worth .3, so the root again; then b with its .6"
    free = trace(recipe(Scored((Own(),), "tree", most=2)), world(), 2, tmp_path / "free")
    assert free.expanded == ["", "a"]


def test_scores_may_be_drawn_by(tmp_path: Path) -> None:
    """exp(.6 / .2) against exp(.3 / .2), and the root is done: P(b) = 1 / (1 + exp(-1.5)) = .818."""
    taken, count = 0, 40
    chosen = recipe(Scored((Own(),), "tree", temperature=0.2))
    both = World(moves={"": ["a", "b"], "a": ["c"], "b": ["e"]}, values={"a": 0.3, "b": 0.6})
    chosen = replace(chosen, operator=Propose(2, ranked=False))
    for seed in range(count):
        done = trace(chosen, both, 2, tmp_path / str(seed), seed=seed, resumable=False)
        taken += done.expanded[1] == "b"
    share = 1 / (1 + math.exp(-1.5))
    assert abs(taken / count - share) < 4 * math.sqrt(share * (1 - share) / count)


def test_a_descent_keeps_to_its_depth_and_ends_when_all_is_done(tmp_path: Path) -> None:
    done = trace(recipe(Scored((Own(),), depth=1, most=2)), world(), Budget(expansions=20), tmp_path / "run")
    assert done.expanded == ["", ""]
    assert done.result.stopped == "exhausted"


def test_a_scored_recipe_can_be_written_down_and_read_back() -> None:
    made = recipe(Scored((Own(2), Explore(1), GoodLeaf(50, 0.5)), "tree", 3, ("view",), (-100.0, 100.0), 1.0, 0.0, 4))
    assert recipe_of(described(made)) == made


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"scope": "leaf"}, "'children' or 'tree'"), ({"most": 0}, "at least 1"), ({"temperature": 0}, "above 0")],
)
def test_what_is_no_scored_selection_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Scored(**settings)  # type: ignore[arg-type]
