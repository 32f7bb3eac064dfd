"""Tree-of-Code: only failures grow, level by level; the successes vote."""

from __future__ import annotations

from pathlib import Path

from popping import Prompts, by_path
from traces import World, trace

from treewright.search import tree_of_code
from treewright.search.recipes.tree_of_code import PROMPTS

# Level 1: a fails, b succeeds and is left alone. Level 2, below a: one success, one failure. Level 3, below "a d".
TEXTS = {"": ["a", "b"], "a": ["c", "d"], "a d": ["b", "e"]}


def test_failures_alone_grow_and_the_successes_vote(tmp_path: Path) -> None:
    says = Prompts(by_path(TEXTS))
    world = World(
        moves={}, says={"Go on": says}, checked={"a": 0.2, "a d": 0.3, "a d e": 0.4},
        ends={"b": 1.0, "a c": 1.0, "a d b": 1.0}, notes={"a": "a failed", "a d": "d failed"},
    )  # fmt: skip
    seen = trace(tree_of_code(width=2, depth=3), world, 20, tmp_path / "run", judged=False)
    assert [call.trail for call in seen.calls] == ["", "", "a", "a", "a d", "a d"]
    # Successes: b, c, b. Two votes for b; it is given although "a c" came before the second b.
    assert (seen.result.answer, seen.result.stopped) == ("b", "exhausted")
    assert seen.told("a") == "Find the way.\n\na failed"
    assert seen.told("a d") == "Find the way.\n\nd failed\n\nProgram:\na failed", "the error, and what was above it"
    for prompt in says.seen:
        assert sum(text in prompt.system for text in PROMPTS) == 1, "one instruction of the pool"
    assert len({prompt.system for prompt in says.seen}) > 1


def test_where_nothing_succeeds_all_vote(tmp_path: Path) -> None:
    world = World(moves={}, says={"Go on": by_path({"": ["x", "y"]})}, checked={"x": 0.2, "y": 0.6})
    seen = trace(tree_of_code(width=2, depth=1), world, 20, tmp_path / "run", judged=False)
    assert seen.result.answer == "x", "one vote each: the first of them"
