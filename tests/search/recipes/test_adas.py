"""ADAS: each generation sees the whole archive, with fitness intervals; nothing is removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from popping import popping
from traces import World, trace

from treewright.search import adas
from treewright.search.shown import Section, bootstrap_interval, with_sections


def test_a_generation_is_designed_reflected_on_twice_built_and_mended(tmp_path: Path) -> None:
    world = World(
        moves={"": ["a", "b"]}, checked={"a": 0.4, "b": 0.2, "c": 0.0, "c d": 0.05, "c d e": 0.6, "f": 0.5},
        says={
            "Describe the next one": popping(["g1", "g2"]),
            "Is the design new": popping(["g1 newer", "g2 newer"]),
            "Look for mistakes": popping(["g1 sound", "g2 sound"]),
            "does not run": popping(["d", "e"]),
            "Carry out": popping(["c", "f"]),
        },
    )  # fmt: skip
    seen = trace(adas(generations=2, seeds=2, debug=3), world, 30, tmp_path / "run", judged=True)
    generation = [("write", ""), ("write", "g1"), ("write", "g1 g1 newer"), ("attempt", "g1 g1 newer g1 sound")]
    # c is worth 0 and d .05, both below .1: mended twice; e runs, so the third time nothing is mended. f runs at once.
    built = "g1 g1 newer g1 sound c"
    assert seen.trails[1:7] == [*generation, ("attempt", built), ("attempt", f"{built} d")]
    assert [role for role, _ in seen.trails[7:]] == ["write"] * 3 + ["attempt"]
    assert seen.told("").endswith("Find the way.")
    archive = seen.told("", 2)
    assert [archive.index(f"Agent {number} (value {value})") for number, value in
            ((1, "0.40"), (2, "0.20"), (3, "0.00"), (4, "0.05"), (5, "0.60"))] == sorted(
        archive.index(f"Agent {number} ") for number in range(1, 6)), "all of it, failures too, in order"  # fmt: skip
    assert (seen.result.answer, seen.result.value) == ("e", 0.6)


def test_the_fitness_interval_is_the_bootstraps() -> None:
    # 1 of 2: resamples pass 0, 1, 2 with 1/4, 1/2, 1/4: the 2.5 % quantile is 0, the 97.5 % quantile 2 of 2.
    assert bootstrap_interval(1, 2) == (0.0, 1.0)
    assert bootstrap_interval(5, 5) == (1.0, 1.0)
    # 8 of 10: P(<= 5) = .0328 >= .025 > P(<= 4) = .0064, and P(<= 10) = 1 >= .975 > P(<= 9) = .8926.
    assert bootstrap_interval(8, 10) == (0.5, 1.0)
    from treewright.domains.protocol import Format, Observation

    shown = Observation("", "t", "", "?", Format((), 1), Format((), 1))
    section = Section("agent", "x", 0.8, interval=(0.5, 1.0))
    assert with_sections(shown, [section]).notes == "Agent (value 0.80, 95 % interval 0.50 to 1.00):\nx"


def test_a_negative_number_of_generations_is_refused() -> None:
    with pytest.raises(ValueError, match="cycles is a number of rounds"):
        adas(generations=-1)
