"""Searches that go down, on to an end, and back up: each trace was worked out by hand from the formula beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from traces import World, trace

from treewright.mcts import PUCT, UCT, AdaptiveBranching, Forest
from treewright.search import Descent, SearchError, Selection, Simulation, ab_mcts, agent_r, lats, rap, rest_mcts
from treewright.search.live import LiveTree
from treewright.search.selection import Leaf, RootOnly, Way


def rap_world() -> World:
    return World(
        moves={"": ["a", "b"], "a": ["c", "d"], "a d": ["x", "z"], "a c": ["y"], "b": ["e"]},
        values={"a": 0.6, "b": 0.5, "a c": 0.2, "a d": 0.3, "a d x": 0.1, "a d z": 0.2, "a c y": 0.05, "b e": 0.55},
        ends={"a d x": None, "a d z": None, "a c y": None, "b e": None},
    )


@pytest.mark.parametrize(("w", "expanded"), [(1.0, ["", "a", "a d", "a c", "b"]), (3.0, ["", "a", "a d", "b", "a c"])])
def test_rap_backs_up_the_sum_of_step_rewards(tmp_path: Path, w: float, expanded: list[str]) -> None:
    """Scores are Q + w sqrt(ln N(s) / max(1, N(s,a))), Q the mean sum of r from the step on, r where it is untried.

    way  at the root                                            then            way's r        sum
    1    -                                                      the best r      a, d, z        1.1
    2    a 1.1 + 0, b .5 + 0: a       d 1.1 - .6 = .5, c .2: d  x is left       a, d, x        1.0
    3    a 1.05 + w .589, b .5 + w .833: w = 1: 1.639, 1.333    c               a, c, y        .85
                                         w = 3: 2.816, 2.998    e               b, e           1.05
    4    what is left
    """
    done = trace(rap(w, n=2), rap_world(), 20, tmp_path / "run")
    assert done.expanded == expanded
    assert done.result.answer == "z", "1.1 is the highest sum, although e is the end that is worth most"
    assert done.node("a").visits == 3
    assert done.node("a").q == pytest.approx((1.1 + 1.0 + 0.85) / 3)
    assert done.node("a d").q == pytest.approx(1.05), "sums are over the whole path; the selection takes .6 away"


def lats_world() -> World:
    return World(
        moves={"": ["a", "b"], "a": ["c", "x"], "b": ["e", "f"], "b f": ["g", "h"], "a c": ["right"]},
        values={"a": 0.9, "b": 0.4, "a c": 0.3, "b e": 0.5, "b f": 0.8, "b f g": 0.1, "b f h": 0.7},
        ends={"a x": 0.0, "a c right": 1.0},
        says={"The attempt below failed": lambda _: ["Keep away from x."]},
    )


@pytest.mark.parametrize("failed", [-1.0, 0.0])
def test_lats_rolls_out_by_value_and_reflects_on_failures(tmp_path: Path, failed: float) -> None:
    """One expansion behind the best child; a failed end brings its way -1, or 0 as in the code, a cut way -1 in both.

    way  down                                   on                          brings
    1    root                                   a .9; its end x comes first failed (-1 or 0)
         x failed: a reflection, shown from now on
    2    b was not visited: infinite            f .8; then h .7, cut        -1
    3    a -1 or 0, b -1, + sqrt(2 ln 2 / 1): a; x is over: c               right: solved
    """
    done = trace(lats(n=2, rollout=1, failed=failed), lats_world(), 20, tmp_path / "run")
    assert done.roles == [
        ("propose", ""), ("propose", "a"), ("reflect", ""), ("propose", "b"), ("propose", "b f"), ("propose", "a c"),
    ]  # fmt: skip
    assert "a\nx" in done.shown("", 1), "the reflection is on the way that failed"
    assert "Keep away" not in done.shown("a")
    assert all("Keep away from x." in done.shown(path) for path in ("b", "b f", "a c"))
    assert (done.node("a").visits, done.node("a").q, done.node("b f h").q) == (1, failed, -1.0)
    assert (done.result.answer, done.result.stopped) == ("right", "solved")


@pytest.mark.parametrize(("c", "fourth"), [(math.sqrt(2), "b d e"), (1.0, "a c f w")])
def test_lats_explores_by_the_weight_of_its_code_or_of_its_paper(tmp_path: Path, c: float, fourth: str) -> None:
    """Ways 1 and 3 end at x and z, each .5, below a, way 2 at y .13 below b; then Q + c sqrt(ln 3 / N), N 2 and 1.

    c sqrt(2)  a .5 + 1.048 = 1.548, b .13 + 1.482 = 1.612
    c 1        a .5 + .741 = 1.241,  b .13 + 1.048 = 1.178
    """
    world = World(
        moves={"": ["a", "b"], "a": ["x", "c"], "b": ["d"], "b d": ["y", "e"], "a c": ["f"], "a c f": ["z", "w"],
               "b d e": ["g"], "a c f w": ["g"]},
        values={"a": 0.9, "b": 0.4},
        ends={"a x": 0.5, "a c f z": 0.5, "b d y": 0.13},
    )  # fmt: skip
    done = trace(lats(c, n=2), world, 7, tmp_path / "run")
    assert done.expanded == ["", "a", "b", "b d", "a c", "a c f", fourth]


def test_lats_passes_over_ends_that_no_way_came_to(tmp_path: Path) -> None:
    """The way ends at x, the first of a's two failed ends; the next descent meets y there, and goes on to c."""
    world = World(
        moves={"": ["a"], "a": ["x", "y", "c"], "a c": ["right"]}, ends={"a x": 0.0, "a y": 0.0, "a c right": 1.0}
    )
    done = trace(lats(n=3, reflections=0), world, 20, tmp_path / "run")
    assert done.expanded == ["", "a", "a c"]
    assert (done.node("a").visits, done.node("a y").visits) == (1, 0)


def test_lats_reflects_once_an_answer_and_three_times_at_most(tmp_path: Path) -> None:
    ends = {f"{branch} {end}": 0.0 for branch in "abcdef" for end in ("x", "y", "z", "u", "v")}
    world = World(
        moves={"": list("abcdef"), **{branch: ["x", "y", "z", "u", "v"] for branch in "abcdef"}},
        ends=ends, says={"The attempt below failed": lambda _: ["No."]},
    )  # fmt: skip
    done = trace(lats(n=6), world, 30, tmp_path / "run")
    assert [role for role, _ in done.roles].count("reflect") == 3
    assert len(done.result.tree.of_kind("reflection")) == 3


def test_lats_weighs_how_many_proposals_agree(tmp_path: Path) -> None:
    """With lambda = .5, three of four proposals say a: .5 * .8 + .5 * .75; one says b: .5 * .8 + .5 * .25."""
    world = World(moves={"": ["a", "a", "a", "b"], "a": ["x"]}, otherwise=0.8, ends={"a x": 0.0})
    done = trace(lats(n=4, agreement=0.5, reflections=0), world, 1, tmp_path / "run")
    assert (done.node("a").value, done.node("b").value) == (pytest.approx(0.775), pytest.approx(0.525))


def test_rest_mcts_mixes_what_it_sees_ahead(tmp_path: Path) -> None:
    """With c sqrt(2) = .99, alpha = .5, one expansion ahead, of one draw.

    way  root's scores                                       expanded in full  ahead                V backed up
    1    -                                                   root: a .4, b .3  a: c .8              a .5*.4 + .5*.8 = .6
    2    a .6 + 0, b .3 + 1                                  b: d .1, e .2     e: f .15             be .175
    3    a .6 + .99 sqrt(ln 2), b .175 + .99 sqrt(ln 2)      a: c, g .5        c: h .95 (end)       -
    h is above the gate of .9.
    """
    world = World(
        moves={"": ["a", "b"], "a": ["c", "g"], "b": ["d", "e"], "b e": ["f"], "a c": ["h"]},
        values={"a": 0.4, "b": 0.3, "a c": 0.8, "a g": 0.5, "b d": 0.1, "b e": 0.2, "b e f": 0.15, "a c h": 0.95},
        ends={"a c h": None},
    )
    done = trace(rest_mcts(n=2, ahead=1), world, 20, tmp_path / "run")
    assert [(call.path, call.n) for call in done.calls] == [
        ("", 2), ("a", 1), ("b", 2), ("b e", 1), ("a", 2), ("a c", 1),
    ]  # fmt: skip
    assert (done.result.answer, done.result.stopped) == ("h", "accepted")
    assert done.node("b e").q == pytest.approx(0.175)
    assert [child.text for child in (done.node("a c"), done.node("a g"))] == ["c", "g"]


@pytest.mark.parametrize(("unvisited", "second"), [(1.0, "b"), (0.2, "a")])
def test_rest_mcts_adds_a_constant_to_what_was_not_visited(tmp_path: Path, unvisited: float, second: str) -> None:
    """After the first way a .4 is at .5 * .4 + .5 * .8 = .6 + 0 against b .3 + 1 = 1.3, or b .3 + .2 = .5."""
    world = World(
        moves={"": ["a", "b"], "a": ["c"], "b": ["d"]}, values={"a": 0.4, "b": 0.3, "a c": 0.8, "b d": 0.1}
    )  # fmt: skip
    done = trace(rest_mcts(n=2, ahead=1, unvisited=unvisited), world, 3, tmp_path / "run")
    assert [(call.path, call.n) for call in done.calls] == [("", 2), ("a", 1), (second, 2)]


@pytest.mark.parametrize("restore", ["fork", "replay"])
def test_agent_r_as_its_code_goes_down_to_an_end_and_counts_every_end_it_makes(
    tmp_path: Path, restore: Literal["fork", "replay"]
) -> None:
    """From each new node on to a child that is no end; ends are backed up once, when they are made.

    expanded  ends made          Q / N above
    root      x .3               root .3
    a         y .6               a .6; root .45
    c         z .2, w .9         c .55; a .567; root .5; nothing is left below any of them
    """
    world = World(
        moves={"": ["a", "x"], "a": ["c", "y"], "a c": ["z", "w"]},
        ends={"x": 0.3, "a y": 0.6, "a c z": 0.2, "a c w": 0.9},
        restore=restore,
    )
    done = trace(agent_r("code", n=2), world, 20, tmp_path / "run")
    assert done.expanded == ["", "a", "a c"]
    assert [(done.node(path).visits, done.node(path).q) for path in ("", "a", "a c")] == [
        (4, pytest.approx(0.5)), (3, pytest.approx(1.7 / 3)), (2, pytest.approx(0.55)),
    ]  # fmt: skip
    assert (done.scored, done.result.answer, done.result.stopped) == ((), "w", "exhausted")


def test_agent_r_as_its_paper_rolls_out_from_the_leaf(tmp_path: Path) -> None:
    """Two rollouts, one draw a step and every step drawn anew: z .2, then w .9; then a is a leaf and gets n draws."""
    world = World(
        moves={"": ["a"], "a": ["c"], "a c": ["z", "w"]}, ends={"a c z": 0.2, "a c w": 0.9}, turns=True
    )  # fmt: skip
    done = trace(agent_r("paper", n=2, k=2), world, 6, tmp_path / "run")
    assert [(call.path, call.n) for call in done.calls][:6] == [
        ("", 2), ("a", 1), ("a c", 1), ("a", 1), ("a c", 1), ("a", 2),
    ]  # fmt: skip
    assert (done.node("a").visits, done.node("a").q) == (2, pytest.approx(0.55))


@pytest.mark.parametrize("rollout", ["paper", "code"])
@pytest.mark.parametrize("max_depth", [1, 2])
def test_ways_that_are_cut_come_to_an_end(tmp_path: Path, rollout: Literal["paper", "code"], max_depth: int) -> None:
    world = World(moves={"": ["a", "b"], "a": ["c", "d"], "b": ["e"]}, turns=True)
    done = trace(agent_r(rollout, n=2, k=2, max_depth=max_depth), world, 40, tmp_path / "run")
    assert done.result.stopped == "exhausted"
    assert {node.depth for node in done.result.tree.nodes if node.truncated} == {max_depth}


@pytest.mark.parametrize("posterior", ["gaussian", "beta"])
def test_ab_mcts_goes_wider_and_deeper_one_child_at_a_time(
    tmp_path: Path, posterior: Literal["gaussian", "beta"]
) -> None:
    """Thompson sampling is drawn, not worked out: every expansion adds one child, whose value is backed up by mean."""
    letters = "abcdefghij"
    paths = ["", *letters] + [f"{one} {other}" for one in letters for other in letters]
    world = World(
        moves={path: list(letters) for path in paths}, turns=True,
        values={path: 0.2 + 0.7 * math.sin(len(path) + ord(path[-1])) ** 2 for path in paths if path},
        ends={f"{one} {other} {third}": 0.1 for one in letters for other in letters for third in letters},
    )  # fmt: skip
    done = trace(ab_mcts(posterior), world, 30, tmp_path / "run")
    nodes = done.result.tree.nodes
    assert {call.n for call in done.calls} == {1}
    assert len(nodes) - 1 + done.result.dropped.get("duplicate", 0) == 30
    assert len(nodes[0].children) > 2
    assert max(node.depth for node in nodes) > 1
    for node in nodes[1:]:
        assert node.visits == 1 + sum(nodes[child].visits for child in node.children)


def test_ab_mcts_believes_what_its_paper_does_before_the_first_value() -> None:
    """Scores in [0, 1] start from Beta(0.5, 0.5), Jeffreys' prior; a gaussian mean counts as one visit (kappa = 1)."""
    assert ab_mcts("beta").selection == Descent(AdaptiveBranching("beta", 0.5))
    assert ab_mcts().selection == Descent(AdaptiveBranching("gaussian", 1.0))


def test_the_forest_descends_by_the_recipe_s_rule_wherever_in_its_selection_that_is() -> None:
    assert lats(0.7).rule == UCT(0.7)
    assert agent_r("code").rule == UCT(0.25)
    assert rap().rule == PUCT(), "no descent of the forest's: nothing asks for the rule"


@dataclass(frozen=True)
class Either:
    """A selection of somebody else's, around two others."""

    one: Selection
    other: Selection
    widens: ClassVar[bool] = False

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> Sequence[Leaf | Way]:
        return [*self.one.select(forest, trees[::2]), *self.other.select(forest, trees[1::2])]


@dataclass(frozen=True)
class Several:
    """A selection of somebody else's, around any number of others."""

    parts: tuple[Selection, ...]
    kind: type = Descent
    widens: ClassVar[bool] = False

    def select(self, forest: Forest, trees: Sequence[LiveTree]) -> Sequence[Leaf | Way]:
        return [way for part in self.parts for way in part.select(forest, trees)]


def test_descents_in_a_sequence_of_a_selection_s_are_found() -> None:
    assert replace(lats(), selection=Several((RootOnly(), Descent(UCT(0.7))))).rule == UCT(0.7)


def test_descents_in_a_plugin_s_selection_have_one_rule() -> None:
    assert replace(lats(), selection=Either(Simulation(Descent(UCT(0.7))), RootOnly())).rule == UCT(0.7)
    two = replace(lats(), selection=Either(Descent(UCT(0.7)), Descent(PUCT(2.0))))
    with pytest.raises(SearchError, match=r"recipe lats: a forest descends by one rule, not by UCT\(.*\) and PUCT\("):
        _ = two.rule
