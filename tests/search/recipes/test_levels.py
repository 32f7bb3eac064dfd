"""Searches that go level by level: each trace was worked out by hand from the formula beside it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from traces import World, trace

from treewright.search import Balanced, Resampled, dvts, particle, rebase, tot


def draws(done: object) -> list[tuple[str, int]]:
    """(path, proposals drawn) of each request."""
    return [(call.path, call.n) for call in done.calls]  # type: ignore[attr-defined]


def test_dvts_keeps_the_best_of_each_subtree(tmp_path: Path) -> None:
    """Two subtrees of width 2.

    level  groups (v)                          kept
    1      {a .2, b .6}  {c .9, d .8}          b; c        (a beam of 2 would keep c and d)
    2      {bf .7 (end), be .5} {ch .4, cg .3} the first is done; ch
    3      {chi .65 (end), chj .1 (end)}       done
    The best end is bf, of the subtree that was done first.
    """
    world = World(
        moves={"": ["a", "b", "c", "d"], "b": ["e", "f"], "c": ["g", "h"], "c h": ["i", "j"]},
        values={"a": 0.2, "b": 0.6, "c": 0.9, "d": 0.8, "b e": 0.5, "b f": 0.7, "c g": 0.3, "c h": 0.4,
                "c h i": 0.65, "c h j": 0.1},
        ends={"b f": None, "c h i": None, "c h j": None},
    )  # fmt: skip
    done = trace(dvts(subtrees=2, width=2), world, 20, tmp_path / "run")
    assert draws(done) == [("", 4), ("c", 2), ("b", 2), ("c h", 2)]
    assert (done.result.answer, done.result.stopped) == ("f", "exhausted")


def test_tot_breadth_first_keeps_b_states_a_level(tmp_path: Path) -> None:
    """With b = 2, level 1 a .5, b .6, c .4 keeps b, a; level 2 af .7, bd .3, be .2, ag .1 keeps af, bd."""
    world = World(
        moves={"": ["a", "b", "c"], "b": ["d", "e"], "a": ["f", "g"], "a f": ["x"], "b d": ["right"]},
        values={"a": 0.5, "b": 0.6, "c": 0.4, "a f": 0.7, "a g": 0.1, "b d": 0.3, "b e": 0.2},
        ends={"a f x": 0.0, "b d right": 1.0},
    )
    done = trace(tot(b=2, k=3), world, 20, tmp_path / "run")
    assert done.expanded == ["", "b", "a", "a f", "b d"]
    assert (done.result.answer, done.result.stopped) == ("right", "solved")


def test_tot_depth_first_goes_through_children_by_value_and_prunes(tmp_path: Path) -> None:
    """v_th = .25: b .8 before a .3, c .2 pruned; below b, e .4 is gone to and d .2 pruned; then back to a."""
    world = World(
        moves={"": ["a", "b", "c"], "b": ["d", "e"], "b e": ["x"], "a": ["right"]},
        values={"a": 0.3, "b": 0.8, "c": 0.2, "b d": 0.2, "b e": 0.4},
        ends={"b e x": 0.0, "a right": 1.0},
    )
    done = trace(tot("depth", k=3, floor=0.25), world, 20, tmp_path / "run")
    assert done.expanded == ["", "b", "b e", "a"]
    assert done.result.answer == "right"


def test_rebase_shares_draws_out_by_softmax(tmp_path: Path) -> None:
    """Width 4, T_b = 0.5, e = exp((v - 1) / 0.5).

    level  states (v, e)                             draws
    1      b 1, 1;  a .5, .368 twice;  c 0, .135     b: ceil(4 * 1 / 1.871) = 3; a: ceil(1 * .368 / .871) = 1; 0; 0
    2      bd .9 twice (ends): 4 - 2 = 2 draws left
           af .6, 1;  be .2, .449                    af: ceil(2 * 1 / 1.449) = 2; be: 0
    3      afg, afh (ends): 2 - 2 = 0 left           none
    The vote, weighted by reward: d 2 * .9 = 1.8, g .5, h .4.
    """
    world = World(
        moves={"": ["a", "b", "a", "c"], "b": ["d", "e", "d"], "a": ["f"], "a f": ["g", "h"]},
        values={"a": 0.5, "b": 1.0, "c": 0.0, "b d": 0.9, "b e": 0.2, "a f": 0.6, "a f g": 0.5, "a f h": 0.4},
        ends={"b d": None, "a f g": None, "a f h": None},
    )
    done = trace(rebase(width=4, balance=0.5), world, 20, tmp_path / "run")
    assert draws(done) == [("", 4), ("b", 3), ("a", 1), ("a f", 2)]
    assert (done.result.answer, done.result.stopped) == ("d", "exhausted")


def test_balanced_draws_are_all_given_out() -> None:
    for values in ([0.9, 0.5, 0.5, 0.1], [0.3], [1.0, 1.0, 1.0]):
        given = Balanced(7, 0.2).draws(values, 7)
        assert sum(given) == 7
        assert given == sorted(given, reverse=True)
    assert Balanced(4).draws([0.9, 0.1], 0) == [0, 0]


SURE = 1 - 1e-9  # a value next to which no other particle is drawn


def particles() -> World:
    return World(
        moves={"": ["a", "b", "c"], "a": ["d", "e", "d"], "a e": ["f"]},
        values={"a": SURE, "b": 1e-9, "c": 1e-9, "a d": SURE, "a e": 1e-9, "a e f": 0.5},
        ends={"a d": None, "a e f": None},
    )


def test_particles_are_drawn_anew_by_their_rewards(tmp_path: Path) -> None:
    """Odds v / (1 - v) of 1e9 against 1e-9 put all three on a, and, with ends drawn too, then on its end d."""
    done = trace(particle(3), particles(), 20, tmp_path / "run")
    assert draws(done) == [("", 3), ("a", 3)]
    assert done.result.answer == "d"


def test_particles_at_an_end_may_be_left_apart(tmp_path: Path) -> None:
    """Two particles have ended at d; the third is the only one that is drawn from, and goes on."""
    done = trace(particle(3, resample_ends=False), particles(), 20, tmp_path / "run")
    assert draws(done) == [("", 3), ("a", 3), ("a e", 1)]


@pytest.mark.parametrize(("temperature", "share"), [(1.0, 0.9), (2.0, 0.75)])
def test_a_particle_is_drawn_by_its_odds(tmp_path: Path, temperature: float, share: float) -> None:
    """Values of .9 and .5 have odds of 9 and 1, and of 3 and 1 at temperature 2: P = 9 / 10 and 3 / 4."""
    world = World(
        moves={"": ["a", "b"], "a": ["c"], "b": ["d"]},
        values={"a": 0.9, "b": 0.5},
        ends={"a c": None, "b d": None},
    )
    count, taken = 24, 0
    for seed in range(count):
        done = trace(particle(2, temperature), world, 9, tmp_path / str(seed), seed=seed, resumable=False)
        taken += sum(call.n for call in done.calls if call.path == "a")
    deviation = math.sqrt(share * (1 - share) / (2 * count))
    assert abs(taken / (2 * count) - share) < 4 * deviation


def test_what_is_no_population_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1, not 0"):
        Balanced(0)
    with pytest.raises(ValueError, match="above 0, not 0"):
        Resampled(2, 0)
