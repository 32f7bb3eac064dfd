"""CodeCoR: pools, each pruned before the next agent works."""

from __future__ import annotations

from pathlib import Path

from popping import popping
from traces import World, trace

from treewright.search import codecor


def test_prompts_and_repairs_are_pruned_by_rulings_and_programs_by_syntax(tmp_path: Path) -> None:
    world = World(
        moves={}, checks="Write checks.", tests=frozenset("t"),
        checked={"t p": 0.4, "t q": 0.0, "t p s": 0.7, "t p s s2": 0.5},
        says={
            "Write instructions": lambda _: ["clear", "vague"],
            "Judge the text": popping(["1 1 1 1", "1, 0, 1, 1", "[1,1,1,1]", "1 1 0 1"]),
            "Write checks": lambda _: ["t"],
            "Advise how": popping(["mend it", "mend more"]),
            "Follow the repair": popping(["s"]),
            "Go on": lambda _: ["p", "q"],
        },
    )  # fmt: skip
    seen = trace(codecor(pool=2, rounds=2), world, 30, tmp_path / "run", judged=False)
    assert seen.trails == [
        ("write", ""), ("write", "clear"), ("write", "vague"), ("write_checks", "clear"),
        ("attempt", "clear t"),  # "vague" was pruned
        ("write", "clear t p"), ("write", "clear t p mend it"), ("attempt", "clear t p mend it"),  # q does not parse
        ("write", "clear t p mend it s"), ("write", "clear t p mend it s mend more"),  # and its repair was pruned
    ]  # fmt: skip
    assert "Prompt:\nclear" in seen.told("clear t")
    assert seen.told("clear t p mend it", 1).endswith("Repair:\nmend it")
    assert seen.result.answer == "s"
