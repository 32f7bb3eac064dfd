"""AgentCoder: tests first; with feedback as in the paper, or drawn anew as in the published code."""

from __future__ import annotations

from pathlib import Path

from popping import by_path
from traces import World, trace

from treewright.search import agentcoder

MOVES = {"t": ["p"], "u": ["q"]}


def world(programs: dict[str, list[str]]) -> World:
    return World(
        moves={}, checks="Write checks.", tests=frozenset("tu"),
        ends={"u q right": 1.0, "t right": 1.0}, notes={"t p": "p: 1 of 2"},
        says={"Write checks": lambda _: ["t", "u"], "Go on": by_path(programs)},
        checked={"t p": 0.4, "u q": 0.6, "t p s": 0.3, "t s": 0.3},
    )  # fmt: skip


def test_with_feedback_each_program_is_bettered_by_what_came_of_it(tmp_path: Path) -> None:
    programs = {"t": ["p"], "u": ["q"], "t p": ["s"], "u q": ["right"]}
    seen = trace(agentcoder(completions=1, tests=2), world(programs), 20, tmp_path / "run", judged=False)
    assert seen.trails == [
        ("write_checks", ""), ("attempt", "t"), ("attempt", "u"), ("attempt", "t p"), ("attempt", "u q"),
    ]  # fmt: skip
    assert (seen.result.answer, seen.result.stopped) == ("right", "solved")
    assert seen.told("t p").endswith("p: 1 of 2")


def test_without_feedback_programs_are_drawn_anew_from_the_tests(tmp_path: Path) -> None:
    programs = {"t": ["p", "right"], "u": ["q", "q"]}
    seen = trace(
        agentcoder(feedback=False, completions=1, tests=2), world(programs), 20, tmp_path / "run", judged=False
    )
    assert [call.trail for call in seen.calls][:5] == ["", "t", "u", "t", "u"]
    assert seen.told("t") == seen.told("t", 1), "nothing is told of what failed"
    assert seen.result.stopped == "solved"


def test_without_a_check_programs_are_written_without(tmp_path: Path) -> None:
    """Neither of the two texts that were to be checks is one: both are counted, and one way goes on without."""
    written = World(
        moves={}, checks="Write checks.", ends={"p right": 1.0}, checked={"p": 0.4},
        says={"Write checks": lambda _: ["p", "q"], "Go on": by_path({"": ["p"], "p": ["right"]})},
    )  # fmt: skip
    seen = trace(agentcoder(completions=1, tests=2), written, 20, tmp_path / "run", judged=False)
    assert seen.trails == [("write_checks", ""), ("attempt", "none"), ("attempt", "none p")]
    assert (seen.result.answer, seen.result.stopped) == ("right", "solved")
    assert seen.result.dropped["no_checks"] == 2
    assert seen.told("none").endswith("Checks:\nnone")


def test_rounds_end_the_search_with_the_best_so_far(tmp_path: Path) -> None:
    programs = {"t": ["p"], "u": ["q"], "t p": ["s"], "u q": ["q"]}
    seen = trace(agentcoder(completions=1, tests=2, rounds=2), world(programs), 20, tmp_path / "run", judged=False)
    assert (seen.result.answer, seen.result.stopped) == ("q", "exhausted")
