"""AgentSwift: the probabilities of its selection, and one iteration."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from popping import popping
from traces import World, trace

from treewright.search import Mixed, Tree, agentswift
from treewright.value_models import Prompt

SAYS = {
    "Write a design for": ["d1", "d2"],
    "joins the best parts": ["m1", "m2"],
    "one part replaced": ["n1", "n2"],
    "weakest part made better": ["p1", "p2"],
}


def _always(texts: Sequence[str]) -> Callable[[Prompt], Sequence[str]]:
    return lambda _: texts


def test_the_mixed_probabilities_by_the_papers_formula() -> None:
    tree = Tree.planted("task", None)
    for predicted, score in ((0.9, 0.5), (0.2, 0.8), (None, 0.1)):
        design = tree.grow(0, "design", kind="design", value=predicted, acts=False)
        tree.grow(design.id, "agent", kind="agent", value=score, checked=score)
    nodes = tree.of_kind("agent")
    # s = .5, .8, .1; u = .4, .6, 0; s_max = .8; alpha 1, beta .5: exponents .45 - .8, .7 - .8, .05 - .8.
    weights = [math.exp(-0.35), math.exp(-0.1), math.exp(-0.75)]
    expected = [0.2 / 3 + 0.8 * weight / sum(weights) for weight in weights]
    assert Mixed(("agent",), 1.0, 0.5, 0.2).probabilities(tree, nodes) == pytest.approx(expected)
    assert sum(expected) == pytest.approx(1.0)


def test_an_iteration_recombines_mutates_refines_and_tries_one(tmp_path: Path) -> None:
    says = {marker: _always(texts) for marker, texts in SAYS.items()}
    values = {
        "d1": 0.3,
        "d2": 0.7,
        "m1": 0.2,
        "m2": 0.6,
        "n1": 0.9,
        "n2": 0.1,
        "p1": 0.4,
        "p2": 0.5,
        "x": 0.2,
        "y": 0.8,
    }
    says["Follow the design"] = popping(["x", "y"])
    world = World(moves={}, ends={"x": None, "y": None}, says=says, values=values)
    seen = trace(agentswift(candidates=2, iterations=2), world, 20, tmp_path / "run")
    # The surrogate's favourites: d2 is tried first; then, from it, m2, n1 and p2 go on, and p2 is tried.
    assert seen.trails == [
        ("write", ""), ("attempt", "d2"),
        ("write", "d2 x"), ("write", "d2 x m2"), ("write", "d2 x m2 n1"), ("attempt", "d2 x m2 n1 p2"),
    ]  # fmt: skip
    assert seen.told("d2 x").endswith("Agent (value 0.20):\nx")
    assert seen.result.answer == "y"
    design = next(node for node in seen.result.tree.nodes if node.text == "d2")
    # Visits of d2: its own score .7, then x .2, m .2 and .6, n .9 and .1, p .4 and .5, y .8, all through it.
    assert (design.visits, design.q) == (9, pytest.approx(4.4 / 9))
