"""Memento and skills: what is remembered from one search to the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from popping import Prompts, popping
from traces import World, trace

from treewright.search import CaseBase, SearchError, memento, skills
from treewright.search.similarity import Vectors


def test_memento_is_shown_both_outcomes_and_plans_again(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    known = [
        ("Find the way home.", "go left", True),
        ("Find the way.", "go right", False),
        ("Bake bread.", "knead", True),
    ]
    cases.write_text("".join(json.dumps({"task": t, "text": x, "good": g}) + "\n" for t, x, g in known))
    plans = Prompts(popping(["plan one", "plan two"]))
    world = World(
        moves={}, ends={"a x": None, "b right": None}, values={"a x": 0.2, "b right": 0.9},
        says={"Write a plan": plans, "Follow the plan": popping(["a x", "b right"])},
    )  # fmt: skip
    seen = trace(memento(str(cases), k=2, cycles=2), world, 20, tmp_path / "run")
    assert seen.trails == [("recall", ""), ("attempt", "plan one"), ("recall", ""), ("attempt", "plan two")]
    remembered = (
        "Find the way.\n\nWhat worked for tasks like this one:\n\nTask: Find the way home.\ngo left\n\n"
        "What failed for tasks like this one:\n\nTask: Find the way.\ngo right"
    )
    assert plans.seen[0].user == remembered, "the nearest two of three"
    assert plans.seen[1].user == f"{remembered}\n\nPlan:\nplan one\n\nAttempt (value 0.20):\na x"
    assert seen.told("plan one").endswith("Plan:\nplan one")
    assert seen.result.answer == "right"
    # Afterwards the run's outcome is learnt, and found first by the same task.
    base = CaseBase(str(cases), k=1)
    assert base.learn([seen.result], "plan") == 1
    assert [(c.text, c.good) for c in CaseBase(str(cases), k=2).nearest("Find the way.")] == [
        ("go right", False), ("plan two", True),
    ]  # fmt: skip


def test_skills_shows_successes_alone(tmp_path: Path) -> None:
    library = tmp_path / "skills.jsonl"
    known = [("Find the path.", "def path(): ...", True), ("Find the way.", "def wrong(): ...", False)]
    library.write_text("".join(json.dumps({"task": t, "text": x, "good": g}) + "\n" for t, x, g in known))
    world = World(moves={}, ends={"right": 1.0}, says={"Go on": popping(["right"])})
    seen = trace(skills(str(library)), world, 20, tmp_path / "run", judged=False)
    shown = seen.told("")
    assert "Functions that solved tasks like this one:\n\nTask: Find the path.\ndef path(): ..." in shown
    assert "wrong" not in shown
    assert seen.result.stopped == "solved"


def test_a_file_that_holds_no_cases_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    assert CaseBase(str(file)).nearest("x") == [], "a file that is not there yet"
    file.write_text('{"task": "a", "text": "b", "good": true}\n{"task": "a"}\n')
    with pytest.raises(SearchError, match=r"cases.jsonl:2: expected a case with task, text and good"):
        CaseBase(str(file)).nearest("x")


def test_an_embedder_of_ones_own_decides_what_is_near(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps({"task": t, "text": t, "good": True}) + "\n" for t in ("ab", "abcd", "abcdef")))

    def lengths(texts: Sequence[str]) -> Vectors:
        """The unit vector of a text's length."""
        return np.eye(8, dtype=np.float32)[[len(text) for text in texts]]

    nearest = CaseBase(str(file), 1, embedder=lengths).nearest("wxyz")
    assert [case.text for case in nearest] == ["abcd"]
