"""DyLAN: layers, the ranker from the third on, the stop by consensus, and importance."""

from __future__ import annotations

from pathlib import Path

import pytest
from popping import popping
from traces import World, trace

from treewright.search import dylan, importance
from treewright.search.importance import ratings

ROLES = ("First:", "Second:", "Third:", "Fourth:")


def world(answers: list[list[str]], ranking: str = "2, 4") -> World:
    ends = {text: None for row in answers for text in row if text}
    says = {role: popping([row[i] for row in answers if row[i]]) for i, role in enumerate(ROLES)}
    return World(moves={}, ends=ends, says={**says, "numbers of the two best": lambda _: [ranking]})


def test_a_layer_is_shown_the_one_before_and_agreement_ends_it(tmp_path: Path) -> None:
    answers = [["a 1", "b 2", "c 2", "d 3"], ["e 2", "f 2", "g 2", "h 3"]]
    seen = trace(dylan(roles=ROLES), world(answers), 20, tmp_path / "run", judged=False)
    # Layer 1: two of four agree, and floor(2/3 * 4) = 2 is not passed. Layer 2: three agree.
    assert (len(seen.calls), seen.result.answer, seen.result.stopped) == (8, "2", "settled")
    shown = seen.calls[4].prompt["user"]
    assert shown.endswith("Agent 1:\na 1\n\nAgent 2:\nb 2\n\nAgent 3:\nc 2\n\nAgent 4:\nd 3")
    assert "rates each of them from 1 to 5" in seen.calls[4].prompt["system"]


def test_from_the_third_layer_on_the_ranked_two_go_on(tmp_path: Path) -> None:
    answers = [["a 1", "b 2", "c 3", "d 4"], ["e 1", "f 2", "g 3", "h 4"], ["", "i 4", "", "j 4"]]
    seen = trace(dylan(roles=ROLES), world(answers), 20, tmp_path / "run", judged=False)
    assert [role for role, _ in seen.trails] == ["attempt"] * 8 + ["write"] + ["attempt"] * 2
    systems = [call.prompt["system"].split()[2] for call in seen.calls[9:]]
    assert systems == ["Second:", "Fourth:"]
    assert seen.calls[9].prompt["user"].endswith("Agent 2:\nf 2\n\nAgent 4:\nh 4")
    assert (seen.result.answer, seen.result.stopped) == ("4", "settled"), "both of two agree: 2 > floor(4/3)"


def test_importance_flows_back_along_the_ratings(tmp_path: Path) -> None:
    rated = [
        ["a 1", "b 2", "c 2", "d 3"],
        ["Ratings: 1 3 3 1 x 2", "Ratings: 2 2 2 2 y 2", "Ratings: 1 1 5 1 z 2", "h 3"],
    ]
    seen = trace(dylan(roles=ROLES), world(rated), 20, tmp_path / "run", judged=False)
    assert seen.result.answer == "2"
    # Last layer: agents 1 to 3 gave the answer, 1/3 each. Their ratings, normalised: (1 3 3 1)/8, (2 2 2 2)/8,
    # (1 1 5 1)/8. Back: agent 1: (1/8 + 2/8 + 1/8)/3 = 1/6, 2: (3 + 2 + 1)/24 = 1/4, 3: (3 + 2 + 5)/24 = 5/12, 4: 1/6.
    kinds = [f"agent {number}" for number in range(1, 5)]
    found = importance(seen.result.tree, kinds, "2")
    assert [found[kind] for kind in kinds] == pytest.approx([1 / 3 + 1 / 6, 1 / 3 + 1 / 4, 1 / 3 + 5 / 12, 1 / 6])
    assert sum(found.values()) == pytest.approx(2.0), "the number of layers"


def test_ratings_that_cannot_be_read_are_equal() -> None:
    assert ratings("I say 5.", 2) == ratings("Ratings: 5 3 1", 2) == [0.5, 0.5]
    assert ratings("Ratings: 3 1\n2 apples", 2) == [0.75, 0.25]
    assert ratings("ratings: [4, 1]", 2) == [0.8, 0.2]
