"""SE-Agent: a cycle of the population, and the published code's line."""

from __future__ import annotations

from pathlib import Path

import pytest
from popping import popping
from traces import World, trace

from treewright.search import se_agent

ENDS = [
    "a one",
    "b two",
    "c one",
    "d two",
    "e three",
    "f three",
    "g right",
    "h two",
    "i two",
    "j two",
    "k right",
    "l right",
]
VALUES = {"a one": 0.1, "b two": 0.5, "c one": 0.3, "d two": 0.2, "e three": 0.6, "g right": 0.9}


def test_a_cycle_revises_recombines_and_refines_elite_and_diverse(tmp_path: Path) -> None:
    world = World(
        moves={}, ends=dict.fromkeys(ENDS, None), values=VALUES,
        says={
            "Write 2 plans": lambda _: ["plan A\nplan B\nplan C"],
            "change one of its decisions": popping(["c one", "d two"]),
            "Reflect on": popping(["r1", "r2"]),
            "by the reflection": popping(["e three", "f three"]),
            "take the best part": popping(["g right", "h two"]),
            "found out": popping(["i two", "i two"]),
            "Restructure": popping(["j two", "j two"]),
            "take out what is needless": popping(["k right", "l right"]),
            "Go on": popping(["a one", "b two"]),
        },
    )  # fmt: skip
    recipe = se_agent(pool=4, elites=1, diverse=1, cycles=1)
    seen = trace(recipe, world, 40, tmp_path / "run")
    # Pool: a .1, b .5 (by plans), c .3, d .2 (mutated). Elite: b two. The least alike to "b two" of the others:
    # "d two" shares one word, "a one" and "c one" none; of equal ones the better, c one.
    assert [call.trail for call in seen.calls][:5] == ["", "plan A", "plan B", "plan A", "plan B"]
    assert set([call.trail for call in seen.calls][5:7]) == {"plan B b two", "plan A c one"}
    assert seen.told("plan B b two").endswith("Trajectory (value 0.50):\nb two")
    # Revised: e three .6, f three .5. Elite now e three; least alike to it, by worth: b two. Each is shown one partner.
    assert set([call.trail for call in seen.calls][9:11]) == {"plan A c one r1 e three", "plan B b two"}
    tree = seen.result.tree
    combined = next(node for node in tree.nodes if node.text == "g right")
    assert tree.nodes[combined.parent].text == "e three"
    (partner,) = (tree.nodes[i].text for i in combined.parents)
    assert partner in ("a one", "b two", "c one", "d two"), "the least alike to it: not f three"
    assert seen.result.answer == "right"
    graph = tree.to_networkx()
    assert graph.edges[combined.parents[0], combined.id] == {"provenance": True}


def test_the_line_is_orthogonal_first_and_then_joins_the_last_two(tmp_path: Path) -> None:
    world = World(
        moves={}, ends=dict.fromkeys(ENDS, None),
        says={
            "orthogonal": lambda _: ["other way"],
            "last two attempts": popping(["both ways", "all ways"]),
            "Give the number": lambda _: ["2"],
            "Go on": popping(["a one", "b two", "c one", "d two"]),
        },
    )  # fmt: skip
    seen = trace(se_agent("linear", cycles=2), world, 40, tmp_path / "run", judged=False)
    assert seen.trails == [
        ("attempt", ""), ("write", ""), ("attempt", "other way"),
        ("write", ""), ("attempt", "both ways"), ("write", ""), ("attempt", "all ways"), ("write", ""),
    ]  # fmt: skip
    shown = [call.prompt["user"] for call in seen.calls]
    assert shown[1].endswith("Trajectory:\na one")
    assert shown[2].endswith("Guidance:\nother way")
    assert "a one" not in shown[2]
    assert shown[3].endswith("Trajectory 1:\na one\n\nTrajectory 2:\nb two")
    assert shown[5].endswith("Trajectory 1:\nb two\n\nTrajectory 2:\nc one")
    # The finalists, one an answer, none of known worth, in the order made: a one, b two. The verdict names the second.
    assert shown[7].endswith("Trajectory 1:\na one\n\nTrajectory 2:\nb two")
    assert (seen.result.answer, seen.result.path[-1].kind) == ("two", "trajectory")


def test_another_variant_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'population' or 'linear', not 'both'"):
        se_agent("both")  # type: ignore[arg-type]
