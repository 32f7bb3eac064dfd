"""What a way brings back, several questions as one value, and gates that end a search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from traces import World, trace

from treewright.domains.math import Game24
from treewright.search import Budget, Engine, Face, Returns, Simulation, Task, make_recipe, mcts, recipe_names
from treewright.search.described import described, recipe_of
from treewright.search.faces import asked_about, spoken, together
from treewright.search.tree import ROOT, Tree


@pytest.fixture
def tree() -> Tree:
    """The root over a .5 over b .2 over c .8, and an end of reward 0 below."""
    tree = Tree.planted("task", None)
    for parent, value in ((ROOT, 0.5), (1, 0.2), (2, 0.8)):
        tree.grow(parent, "step", value=value)
    tree.grow(3, "end", terminated=True, reward=0.0, answer="x")
    return tree


@pytest.mark.parametrize(
    ("returns", "nodes", "expected"),
    [
        (Returns("end"), (1, 2), (2, 0.2)),
        (Returns("end", cut=-1.0), (1, 2), (2, -1.0)),
        (Returns("end", failed=-1.0, cut=-0.5), (1, 2, 3, 4), (4, -1.0)),
        (Returns("end"), (3, 4), (4, 0.0)),
        (Returns("sum"), (2, 3), (3, 0.5 + 0.2 + 0.8)),
        (Returns("sum", failed=-1.0), (3, 4), (4, 1.5 - 1.0)),
        (Returns("best", share=0.25), (ROOT, 1, 2, 3), (1, 0.75 * 0.5 + 0.25 * 0.8)),
        (Returns("best", share=0.25), (ROOT, 1), (1, 0.5)),
        (Returns("best"), (3,), (3, 0.8)),
    ],
)
def test_a_way(tree: Tree, returns: Returns, nodes: tuple[int, ...], expected: tuple[int, float]) -> None:
    node, value = returns.way(tree, nodes)
    assert (node, value) == (expected[0], pytest.approx(expected[1]))


def test_a_failed_end_may_cost_something_where_nodes_are_visited_at_once(tree: Tree) -> None:
    assert Returns(failed=-1.0).edge(tree.nodes[4]) == -1.0
    assert Returns().edge(tree.nodes[4]) == 0.0
    assert Returns("end", failed=-1.0).edge(tree.nodes[4]) == 0.0, "the way brings it, not the edge"


def test_the_span_of_returns_holds_all_of_them() -> None:
    assert Returns().span(0.0, 1.0, 7) == (0.0, 1.0)
    assert Returns("end", failed=-1.0).span(0.0, 1.0, 7) == (-1.0, 1.0)
    assert Returns("sum").span(0.0, 1.0, 7) == (0.0, 7.0)


def test_failed_ends_are_backed_up_as_such_in_any_search(tmp_path: Path) -> None:
    world = World(moves={"": ["a", "x"], "a": ["y"]}, values={"a": 0.5}, ends={"x": 0.0, "a y": 0.0})
    plain = make_recipe("mcts", n=2, leaves=1, evaluate="children")
    done = trace(replace(plain, returns=Returns(failed=-1.0)), world, 5, tmp_path / "run")
    assert done.node("x").q == -1.0
    assert done.node("").q == pytest.approx((0.5 - 1 - 1) / 3)


def test_questions_are_weighed() -> None:
    faces = (Face("Did it work?", 3.0), Face("Is it promising?"))
    assert together(faces, {"Did it work?": 0.8, "Is it promising?": 0.4}) == pytest.approx((3 * 0.8 + 0.4) / 4)
    assert together(faces, {"Is it promising?": 0.4}) == pytest.approx(0.4)
    assert spoken(["Yes.", None, "No."]) == "Yes.\nNo."
    assert spoken([None]) is None


def test_a_question_about_an_action_goes_before_those_about_all() -> None:
    edit, any_ = Face("A right edit?", actions=("edit",)), Face("On the way?")
    assert asked_about((edit, any_), "edit") == (edit,)
    assert asked_about((edit, any_), "view") == (any_,)
    assert asked_about((), "view") == ()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Returns("mean"), "not 'mean'"),  # type: ignore[arg-type]
        (lambda: Returns(share=2), r"in \[0, 1\], not 2"),
        (lambda: Face(" "), "a question and a weight"),
        (lambda: Face("Good?", 0), "above 0"),
        (lambda: Simulation(follow="luck"), "follow is one of 'value', 'prior', 'drawn', not 'luck'"),
        (lambda: Simulation(steps=-1), "at least 0, not -1"),
        (lambda: Simulation(times=0), "at least 1, not 0"),
    ],
)
def test_what_makes_no_sense_is_refused(make: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("name", recipe_names())
def test_every_registered_recipe_can_be_written_down_and_read_back(name: str) -> None:
    recipe = make_recipe(name)
    assert recipe_of(described(recipe)) == recipe


def test_a_question_of_the_recipes_own_is_asked_about_a_state_that_is_shown() -> None:
    """Game of 24 shows its states in brief, in its own question, which a face's takes the place of."""
    recipe = replace(mcts(evaluate="leaf"), faces=(Face("Is it promising?"),))
    engine = Engine(Game24(), recipe, Budget(expansions=4))
    engine.add([Task("a", "Use 4, 7, 8, 8 and + - * / to make 24.")])
    (trial,) = engine.ask(1)
    (asked,) = trial.evidences
    assert asked.question == "Is it promising?"
    assert "4, 7, 8, 8" in asked.task
    bare = Engine(Game24(), mcts(evaluate="leaf"), Budget(expansions=4))
    bare.add([Task("a", "Use 4, 7, 8, 8 and + - * / to make 24.")])
    (trial,) = bare.ask(1)
    assert trial.evidences[0].task == ""
