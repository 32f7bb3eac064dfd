"""MALT: three levels, derived by hand from the paper's figure of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from traces import World, trace

from treewright.search import expectation, malt
from treewright.value_models import Prompt

# Generator: three solutions. Verifier: one word about each. Refiner: by the review.
REFINED = {"one wrong": "two right", "two right": "two right", "three poor": "three low"}


def review(prompt: Prompt) -> Sequence[str]:
    solution = prompt.user.rsplit("Solution:\n", 1)[1].strip()
    return [f"on {solution}"]


def refine(prompt: Prompt) -> Sequence[str]:
    assert prompt.user.index("Solution:") < prompt.user.index("Review:")
    solution = prompt.user.split("Solution:\n", 1)[1].split("\n", 1)[0]
    assert prompt.user.endswith(f"Review:\non {solution}")
    return [REFINED[solution]]


def world(**fields: object) -> World:
    return World(
        moves={"": ["one wrong", "two right", "three poor"]},
        ends={"one wrong": None, "two right": None, "three poor": None, "three low": None},
        says={"You check solutions": review, "made right": refine},
        values={"one wrong": 0.1, "two right": 0.9, "three low": 0.2},
        **fields,  # type: ignore[arg-type]
    )


def test_each_solution_is_reviewed_then_refined_and_the_refined_ones_vote(tmp_path: Path) -> None:
    seen = trace(malt(), world(), 20, tmp_path / "run")
    # Roles in their order: 1 request for 3 solutions, 3 reviews, 3 refined ones.
    assert [role for role, _ in seen.trails] == ["attempt"] + ["write"] * 3 + ["attempt"] * 3
    assert [call.trail for call in seen.calls] == [
        "",
        *("one wrong", "two right", "three poor"),
        *("one wrong on one wrong", "two right on two right", "three poor on three poor"),
    ]
    tree = seen.result.tree
    assert [node.kind for node in tree.nodes] == ["root"] + ["solution"] * 3 + ["review"] * 3 + ["refined"] * 3
    assert {tree.base(node.id) for node in tree.nodes} == {0}, "all of them are written from the start of the task"
    # Refined: right, right, low. Only they are scored: by the vote 2 to 1 the answer is "right".
    assert (seen.result.answer, seen.result.path[-1].kind, seen.result.stopped) == ("right", "refined", "exhausted")
    assert len(seen.scored) == 3
    assert [tree.nodes[i].value for i in (1, 2, 3)] == [None] * 3
    # V(review) = mean over its refined; V(solution) = mean over its reviews: .9, .9, .2.
    values = expectation(tree)
    assert [values[i] for i in (1, 2, 3)] == pytest.approx([0.9, 0.9, 0.2])
    assert values[0] == pytest.approx(2.0 / 3)


def test_the_tree_of_the_paper_has_27_leaves_and_means_of_means(tmp_path: Path) -> None:
    texts = iter(f"r{number}" for number in range(9))
    ends = {f"{x}": None for x in ("a", "b", "c")} | {f"x{i} w{j}": None for i in range(9) for j in range(3)}
    asked = iter(range(9))

    def refined(prompt: Prompt) -> Sequence[str]:
        i = next(asked)
        return [f"x{i} w{j}" for j in range(3)]

    values = {f"x{i} w{j}": 1.0 if j < i % 3 else 0.0 for i in range(9) for j in range(3)}
    tree_world = World(
        moves={"": ["a", "b", "c"]}, ends=ends, values=values,
        says={"You check solutions": lambda _: [next(texts) for _ in range(3)], "made right": refined},
    )  # fmt: skip
    seen = trace(malt(verify=3, refine=3), tree_world, 20, tmp_path / "run", resumable=False)
    tree = seen.result.tree
    assert len(tree.of_kind("refined")) == 27
    values_of = expectation(tree)
    # Reviews 0, 1, 2 of each solution have 0, 1 and 2 right ones of three: V = 0, 1/3, 2/3, and each solution 1/3.
    assert [values_of[n.id] for n in tree.of_kind("review")] == pytest.approx([0, 1 / 3, 2 / 3] * 3)
    assert [values_of[n.id] for n in tree.of_kind("solution")] == pytest.approx([1 / 3] * 3)
    # The forest's own mean over the same returns agrees where no level lost a child.
    assert [n.q for n in tree.of_kind("solution")] == pytest.approx([1 / 3] * 3)
