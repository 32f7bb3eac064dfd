"""Every recipe is data on the engine: what it did is repeated from its journal, without a model."""

from __future__ import annotations

from pathlib import Path

import pytest
from traces import World, fields_of, trace

from treewright.search import Budget, Replay, make_recipe, recipe_names


def world() -> World:
    return World(
        moves={"": ["a", "b", "c"], "a": ["d", "x"], "b": ["e", "y"], "a d": ["z", "u"], "b e": ["v", "w"], "c": ["c"],
               "c c": ["t"], "list": ["view x"], "list view x": ["edit y"], "test": ["a x"]},
        values={"a": 0.6, "b": 0.5, "a d": 0.7, "b e": 0.4, "a d z": 0.3},
        feedback={"a": "Rather b.", "a d": "No."},
        ends={"a x": 0.0, "b y": 0.0, "a d z": None, "a d u": 0.5, "b e v": 0.0, "b e w": None, "c c t": 0.25},
        says={
            "Write no solution": lambda _: ["go a\n2. go b"],
            "You test": lambda _: ["test"],
            "Plan what is left": lambda _: ["go a"],
            "only imagined": lambda _: ["a list"],
        },
        turns=True,
        checks="You test programs.",
        tests=frozenset({"test"}),
    )  # fmt: skip


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_is_replayed_without_a_miss(name: str, tmp_path: Path) -> None:
    budget, recipe = Budget(expansions=14), make_recipe(name, **({"leaves": 1} if name == "mcts" else {}))
    done = trace(recipe, world(), budget, tmp_path / "run")
    replayed = Replay(tmp_path / "run", domain=world()).search(recipe, budget)
    assert replayed.asked > 0
    assert replayed.missed == 0
    (again,) = replayed.results
    assert [fields_of(node) for node in again.tree.nodes] == [fields_of(node) for node in done.result.tree.nodes]
    assert again.answer == done.result.answer
