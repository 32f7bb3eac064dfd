"""A model picks the next node: by a number that it writes, by probabilities, and what happens where it names none."""

from __future__ import annotations

from pathlib import Path

import pytest
from popping import Prompts, popping
from traces import World, trace

from treewright.search import Choose, Chosen, Propose, Recipe, Scored, swe_search


def recipe(operator: Choose, most: int = 8) -> Recipe:
    """One child at a time, at most two at a node."""
    return Recipe(
        "picked", Propose(1, ranked=False), Chosen(Scored(scope="tree", most=2), operator, most), "children", leaves=1
    )


def test_the_node_that_the_model_names_is_next(tmp_path: Path) -> None:
    picks = Prompts(popping(["1", "Number 2.", "0"]))
    world = World(
        moves={"": ["a", "b"], "a": ["c"], "a c": ["right"]}, turns=True, values={"a": 0.2, "a c": 0.3, "b": 0.9},
        ends={"a c right": 0.5}, says={"Give the number": picks},
    )  # fmt: skip
    seen = trace(recipe(Choose(ranked=False)), world, 7, tmp_path / "run")
    # The root alone is no choice. Then {root, a}: 1 is a; {root, a, a c}: 2 is a c; {root, a}, as a c right is an end
    # and a c may be tried again: 0 is the root.
    assert seen.roles == [
        ("propose", ""), ("choose", ""), ("propose", "a"), ("choose", ""), ("propose", "a c"), ("choose", ""),
        ("propose", ""),
    ]  # fmt: skip
    assert picks.seen[0].user == "Find the way.\n\nStep (value 0.20):\na"
    assert picks.seen[1].user == "Find the way.\n\nStep 1 (value 0.20):\na\n\nStep 2 (value 0.30):\na\nc"
    assert not seen.result.dropped


def test_where_it_names_none_the_terms_decide_and_it_is_counted(tmp_path: Path) -> None:
    world = World(
        moves={"": ["a", "b"], "b": ["d"]}, turns=True, values={"a": 0.2, "b": 0.9},
        says={"Give the number": popping(["the first", "7"])},
    )  # fmt: skip
    seen = trace(recipe(Choose(ranked=False)), world, 5, tmp_path / "run")
    # The root and a are both worth 0.2 by their means: the first made is next. Then a and b are left.
    assert seen.roles == [("propose", ""), ("choose", ""), ("propose", ""), ("choose", ""), ("propose", "b")]
    assert seen.result.dropped["no_pick"] == 2


def test_ranked_the_likeliest_number_is_taken(tmp_path: Path) -> None:
    world = World(
        moves={"": ["a", "b"], "a": ["c"]}, turns=True, listed=True, values={"a": 0.2},
        priors={"Number:": [0.3, 0.7]},
    )  # fmt: skip
    seen = trace(recipe(Choose()), world, 3, tmp_path / "run")
    assert seen.roles == [("propose", ""), ("choose", ""), ("propose", "a")]


def test_swe_search_lets_the_model_pick(tmp_path: Path) -> None:
    world = World(
        moves={"": ["a", "b"], "a": ["c"]}, turns=True, values={"a": 0.9, "b": 0.1},
        says={"Give the number": popping(["0", "2"])},
    )  # fmt: skip
    seen = trace(swe_search("model"), world, 4, tmp_path / "run")
    assert seen.roles[:4] == [("propose", ""), ("choose", ""), ("propose", ""), ("choose", "")]


def test_a_list_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        Chosen(most=1)
