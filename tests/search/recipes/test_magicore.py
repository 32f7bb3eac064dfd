"""MAgICoRe: the gate's two conditions, and a round of review and refinement."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from popping import popping
from traces import Judge, World, trace

from treewright.search import Hard, Tree, magicore
from treewright.search.tree import Node
from treewright.value_models import Evidence, Score, Usage

VALUES = {"a x": 0.2, "b y": 0.4, "c y": 0.1}


class Stepwise(Judge):
    """A process reward model: it also says what each step is worth."""

    def _score(self, item: Evidence) -> Score:
        told = super()._score(item)
        return Score(told.value, Usage(1, 0, 0, 1), "judge", parts={"1": 0.9, "2": told.value})


def test_an_easy_task_is_voted_on(tmp_path: Path) -> None:
    # Votes x: 1, y: 2. Quality: mean(.4, .1) = .25, standardised (.25 - .5) / .25 = -1 < 0.
    # Weighted shares x: .2/.7, y: .5/.7; H = .5983; confidence 2 (1 - sigmoid(.5983)) = .7094: not below .5. So easy.
    nodes = [Node(1, 0, 1, "a x", answer="x", value=0.2), Node(2, 0, 1, "b y", answer="y", value=0.4),
             Node(3, 0, 1, "c y", answer="y", value=0.1)]  # fmt: skip
    gate = Hard(("sample",))
    assert gate.quality(nodes) == pytest.approx(-1.0)
    entropy = -(2 / 7 * math.log(2 / 7) + 5 / 7 * math.log(5 / 7))
    assert (
        gate.confidence(nodes)
        == pytest.approx(2 * (1 - 1 / (1 + math.exp(-entropy))))
        == pytest.approx(0.7094, abs=1e-4)
    )
    world = World(moves={"": list(VALUES)}, ends=dict.fromkeys(VALUES, None), values=VALUES)
    easy = trace(magicore(3), world, 20, tmp_path / "run")
    # Weighted vote: y .4 + .1 = .5 against x .2.
    assert ([call.trail for call in easy.calls], easy.result.answer) == ([""], "y")


def test_a_hard_task_is_reviewed_by_its_step_scores_and_refined(tmp_path: Path) -> None:
    # Four answers of equal weight: H = ln 4, confidence 2 / 5 = .4 < .5; quality (.2 - .5) / .25 < 0: hard.
    samples = ["a x", "b y", "c z", "g w"]
    values = {**dict.fromkeys(samples, 0.2), "d right": 0.9, "e x": 0.3, "f y": 0.1}
    world = World(
        moves={"": samples}, ends=dict.fromkeys(values, None), values=values,
        says={
            "You review": popping(["first", "second", "third", "fourth"]),
            "what the review says": popping(["d right", "e x", "f y", "d right"]),
        },
    )  # fmt: skip
    hard = trace(magicore(4, rounds=1), world, 20, tmp_path / "run", judge=Stepwise(world))
    assert [role for role, _ in hard.trails] == ["attempt"] + ["write"] * 4 + ["attempt"] * 4
    assert hard.told("a x").endswith("Sample (value 0.20):\na x\nScores: 1 0.90, 2 0.20")
    assert hard.told("a x first").endswith("Sample:\na x\n\nReview:\nfirst")
    # The best four of old and new: d right .9 twice, e x .3, and of the .2s the first made, a x.
    # Weighted: right 1.8, x .3 + .2.
    assert hard.result.answer == "right"


def test_a_task_without_an_answer_is_hard() -> None:
    assert Hard(("sample",)).holds(Tree([Node(0, -1, 0, "task", "root")]))
