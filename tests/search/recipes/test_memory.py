"""Memento and skills: what is remembered from one search to the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from popping import Prompts, popping
from traces import World, trace

from treewright.search import Budget, CaseBase, Replay, SearchError, memento, skills
from treewright.search.described import described, recipe_of
from treewright.search.memory import Case
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


def unlike(texts: Sequence[str]) -> Vectors:
    """Two directions: tasks with an "n", and others."""
    return np.array([[1.0, 0.0] if "n" in text else [0.0, 1.0] for text in texts], np.float32)


def test_a_learned_q_passes_over_the_nearest_case_where_that_misled(tmp_path: Path) -> None:
    """Shown "near", four tasks like it failed; shown "far", four succeeded. Nothing but the likeness, 1 or 0, differs.

    Were the likeness's weight 0, both Q were 1/2 and the slope along it 4 / 2 - 1, above 0: so it lies below 0.
    """
    near, far = Case("near", "x", True), Case("far", "x", True)
    failed = [Case(f"n{i}", "x", False, (near.key,)) for i in range(4)]
    solved = [Case(f"n{i}", "x", True, (far.key, "a case that is gone")) for i in range(4)]
    file = tmp_path / "cases.jsonl"
    base = CaseBase(str(file), 1, embedder=unlike)

    def write(*cases: Case) -> None:
        said = [{"task": c.task, "text": c.text, "good": c.good, "shown": c.shown} for c in cases]
        file.write_text("".join(json.dumps(case) + "\n" for case in said))

    write(near, far)
    assert [case.task for case in replace(base, retrieval="learned").nearest("n")] == ["near"]
    write(near, far, *failed, *solved)
    assert [case.task for case in base.nearest("n")] == ["near"]
    assert [case.task for case in replace(base, retrieval="learned").nearest("n")] == ["far"]
    assert [case.task for case in replace(base, retrieval="learned", known=2).nearest("n")] == ["near"]


def test_memento_learns_what_its_plans_were_shown_and_replays_after_that(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    shown = Case("Find the way home.", "go left", True)
    cases.write_text(json.dumps({"task": shown.task, "text": shown.text, "good": True}) + "\n")
    world = World(
        moves={}, ends={"a right": None}, values={"a right": 0.9},
        says={"Write a plan": lambda _: ["plan one"], "Follow the plan": lambda _: ["a right"]},
    )  # fmt: skip
    recipe = memento(str(cases), retrieval="learned", cycles=1)
    seen = trace(recipe, world, 20, tmp_path / "run")
    assert [node.recalled for node in seen.result.tree.nodes] == [(), (shown.key,), ()]
    replay = Replay(tmp_path / "run", domain=world)
    assert CaseBase(str(cases)).learn(replay.search(recipe, Budget(expansions=20)).results, "plan") == 1
    assert CaseBase(str(cases), 1).nearest("Find the way.") == [Case("Find the way.", "plan one", True, (shown.key,))]
    # The file has grown; the recipe sees what it saw.
    again = replay.search(recipe, Budget(expansions=20))
    assert (again.asked > 0, again.missed, again.results[0].answer) == (True, 0, "right")
    assert recipe_of(described(recipe)) == recipe, "a run that is resumed sees as many"
    with pytest.raises(ValueError, match="'cosine' or 'learned'"):
        CaseBase(str(cases), retrieval="best")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 0, not -1"):
        CaseBase(str(cases), known=-1)


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


def test_half_of_a_surrogate_pair_in_a_models_text_is_kept(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    given = Case("Find the way.", "go \ud83d", True, ("a",))
    cases.write_text(json.dumps(asdict(given)) + "\n")
    (found,) = CaseBase(str(cases)).nearest("Find the way.")
    assert (found, found.key) == (given, given.key)


def test_an_embedder_of_ones_own_decides_what_is_near(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps({"task": t, "text": t, "good": True}) + "\n" for t in ("ab", "abcd", "abcdef")))

    def lengths(texts: Sequence[str]) -> Vectors:
        """The unit vector of a text's length."""
        return np.eye(8, dtype=np.float32)[[len(text) for text in texts]]

    nearest = CaseBase(str(file), 1, embedder=lengths).nearest("wxyz")
    assert [case.text for case in nearest] == ["abcd"]
