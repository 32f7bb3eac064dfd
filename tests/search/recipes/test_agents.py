"""Agents: selectors with many terms, plans, and commands over the tree; each trace was worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from traces import Judge, World, trace

from treewright.search import agent_occam, best_first, goalact, swe_search, webpilot
from treewright.value_models import Evidence, Prompt, Score, Usage


def repairs() -> World:
    """Values v in [0, 1] stand for 200 v - 100."""
    return World(
        moves={"": ["view"], "view": ["edit"], "view edit": ["finish", "right"]},
        values={"view": 0.5, "view edit": 0.9, "view edit finish": 0.2, "view edit right": 0.9},
        feedback={"view edit finish": "The tests fail."},
        ends={"view edit finish": None, "view edit right": None},
        turns=True,
    )


def test_swe_search_refactor(tmp_path: Path) -> None:
    """Scores; terms that are 0 are left out.

    step  root                   view                              edit
    1     the only one
    2     0                      0 - .8 + 50 (parent not valued)
    3     0                      sqrt(ln 2 / 2) - .8 - 5 (child)   80 + sqrt(ln 2) - .8 sqrt(2) + 50 (leaf)
    4     0                      sqrt(ln 3 / 3) - .8 - 5           80 + sqrt(ln 3 / 2) - .8 sqrt(2)
    The last expansion is shown what came of the one before it. The answer's way is worth (.5 + .9 + .9) / 3 against
    (.5 + .9 + .2) / 3.
    """
    done = trace(swe_search(), repairs(), 4, tmp_path / "run")
    assert done.expanded == ["", "view", "view edit", "view edit"]
    assert "The tests fail." not in done.shown("view edit")
    assert "finish\nFeedback: The tests fail." in done.shown("view edit", 1)
    assert done.result.answer == "right"
    assert [done.node(path).visits for path in ("", "view", "view edit")] == [4, 4, 3]


def test_swe_search_asks_by_kind_of_action(tmp_path: Path) -> None:
    judge = Judge(repairs())
    trace(swe_search(), repairs(), 4, tmp_path / "run", judge=judge, resumable=False)
    asked = {item.state.split()[-1]: item.question for item in judge.asked}
    assert "look at what is needed" in asked["view"]
    assert "last edit" in asked["edit"]
    assert "issue repaired" in asked["finish"]


def test_swe_search_repro(tmp_path: Path) -> None:
    """Only looks, and the root, are expanded again, three times at most.

    step  root             view (60)                               edit (-80)  list (0)  view's child edit (-60)
    2     445 (200 e^.8)   60 - .8 + 20 (leaf)
    3     445              79.2                                    -80.8
    4     three children   79.2                                    -80.8       -.8
    5     -                60 + 200 - .8 + 5 (60 + 60) = 859       -80.8       -.8       -60 - 1.13 + 5 (55 + 60) = 514
    6     -                60 + 200 - .8 = 259 (two children)      -80.8       -.8       514
    """
    world = World(
        moves={"": ["view", "edit", "list"], "view": ["edit", "test"], "view edit": ["run"]},
        values={"view": 0.8, "edit": 0.1, "list": 0.5, "view edit": 0.2, "view test": 0.25, "view edit run": 0.3},
        turns=True,
    )
    done = trace(swe_search("repro"), world, 6, tmp_path / "run")
    assert done.expanded == ["", "", "", "view", "view", "view edit"]


def test_swe_search_paper(tmp_path: Path) -> None:
    """From the root down; a node gets its three children first. Both have alpha e^0 - gamma sqrt(1) = 199.2.

    step  x (0)                     y (80)                                 z (-60)
    4     1.41 sqrt(ln 3) = 1.48    80 + 1.48                              -60 + 1.48
    5     1.41 sqrt(ln 4) = 1.66    (80 - 80) / 2 + 1.41 sqrt(ln 4 / 2)    -60 + 1.66
    """
    world = World(
        moves={"": ["x", "y", "z"], "y": ["w"], "x": ["u"]},
        values={"x": 0.5, "y": 0.9, "z": 0.2, "y w": 0.1},
        turns=True,
    )
    done = trace(swe_search("paper"), world, 5, tmp_path / "run")
    assert done.expanded == ["", "", "", "y", "x"]


class TwoFaced(Judge):
    """Answers the first question of WebPilot by one table, the second by another, both in words."""

    effect: ClassVar[dict[str, float]] = {"a": 0.2, "b": 0.9, "b c": 1.0}
    promise: ClassVar[dict[str, float]] = {"a": 0.6, "b": 0.7, "b c": 0.9}

    def _score(self, item: Evidence) -> Score:
        path = item.state.rsplit("\n", 1)[-1].strip()
        table = self.effect if "last action" in item.question else self.promise
        return Score(table.get(path, 0.0), Usage(1, 0, 0, 1), "judge", feedback=f"Of {path}.")


def test_webpilot_searches_one_subgoal_after_the_other(tmp_path: Path) -> None:
    """Two branches; S = (S_eff + S_fut) / 2; scores Q + 5 sqrt(N(s)) / (1 + N(s,a)).

    plan at the root; its two children: a (.2 + .6) / 2 = .4, b (.9 + .7) / 2 = .8
    a .4 + 5 sqrt(2) / 2, b .8 + 5 sqrt(2) / 2: b; its child c (1 + .9) / 2 = .95 is above .9: done
    plan at c, search from there: right. Q is the maximum of what lies below: 1 for b.
    """
    world = World(
        moves={"": ["a", "b"], "b": ["c"], "b c": ["right"]},
        ends={"b c right": 1.0},
        says={"Plan what is left": lambda asked: ["go there" if "b c" in asked.user else "find it\n2. go there"]},
        turns=True,
    )  # fmt: skip
    judge: Any = TwoFaced(world)
    done = trace(webpilot(branches=2, simulate=False), world, 20, tmp_path / "run", judge=judge)
    assert done.roles == [
        ("plan", ""), ("propose", ""), ("propose", ""), ("propose", "b"), ("plan", "b c"), ("propose", "b c"),
    ]  # fmt: skip
    assert (done.node("a").value, done.node("b").value) == (pytest.approx(0.4), pytest.approx(0.8))
    assert (done.node("a").q, done.node("b").q) == (pytest.approx(0.4), 1.0)
    assert (done.result.answer, done.result.stopped) == ("right", "solved")
    assert "1. find it\n2. go there" in done.shown("b"), "the plan"
    assert "Of a." in done.shown("", 2), "what came of a sibling"
    assert "Of b.\nOf b." in done.shown("b"), "what was said of the state itself, to either question"
    assert "2. go there" not in done.shown("b c", 1), "the second plan has taken the first one's place"
    assert all("1. find it" in item.state for item in judge.asked[:2]), "the judge knows the plan that it judges by"


def test_webpilot_gives_a_subgoal_up_when_its_states_are_used_up(tmp_path: Path) -> None:
    world = World(
        moves={"": ["a", "b"], "a": ["a"], "b": ["a"]}, values={"a": 0.3, "b": 0.6},
        says={"Plan what is left": lambda _: ["find it"]}, turns=True,
    )  # fmt: skip
    done = trace(webpilot(branches=2, nodes=2, simulate=False), world, 4, tmp_path / "run")
    assert done.roles == [("plan", ""), ("propose", ""), ("propose", ""), ("plan", "b")]


def test_webpilot_simulates_in_words_before_it_acts(tmp_path: Path) -> None:
    """What is gone on from is simulated first, once; where a search starts is not. N is the start's visits.

    a .4 + 5 sqrt(N) / 2, b .8 + 5 sqrt(N) / 2: b, whose first child d is worth 0
    a .4 + 5 sqrt(N) / 2, b .8 + 5 sqrt(N) / 3: a, whose child e is worth 0
    a .4 + 5 sqrt(N) / 3, b .8 + 5 sqrt(N) / 3: b; its second child c, .95, is the fifth state, and done
    """
    world = World(
        moves={"": ["a", "b"], "a": ["e"], "b": ["d", "c"], "b c": ["right"]},
        says={
            "Plan what is left": lambda _: ["find it"],
            "only imagined": lambda asked: [f"After {asked.user.rsplit(maxsplit=1)[-1]}: a list."],
        },
        turns=True,
    )  # fmt: skip
    judge: Any = TwoFaced(world)
    done = trace(webpilot(branches=2, nodes=6), world, 10, tmp_path / "run", judge=judge)
    assert done.roles == [
        ("plan", ""), ("propose", ""), ("propose", ""), ("write", "b"), ("propose", "b"), ("write", "a"),
        ("propose", "a"), ("propose", "b"), ("plan", "b c"), ("propose", "b c"),
    ]  # fmt: skip
    assert "Simulation:" not in done.shown("b")
    assert [("Simulation:\nAfter b: a list." in done.shown("b", time)) for time in (1, 2)] == [True, True]
    assert "Of b." in done.shown("b"), "the simulation is told what was said of the state"
    assert all("a list" not in item.state for item in judge.asked)
    tree = done.result.tree
    simulated = tree.of_kind("simulation")
    assert [(node.acts, node.value, tree.nodes[node.parent].text) for node in simulated] == [
        (False, None, "b"), (False, None, "a"),
    ]  # fmt: skip


def test_webpilots_simulations_leave_a_state_its_branches_and_its_plan(tmp_path: Path) -> None:
    """As above; when five states are made, b, twice branched and once simulated, is still the best: planned from."""
    world = World(
        moves={"": ["a", "b"], "a": ["x"], "b": ["d", "e"]}, otherwise=0.1, values={"a": 0.3, "b": 0.6},
        says={"Plan what is left": lambda _: ["find it"], "only imagined": lambda _: ["a list"]}, turns=True,
    )  # fmt: skip
    done = trace(webpilot(branches=2, nodes=5), world, 9, tmp_path / "run")
    assert done.roles[3:] == [
        ("write", "b"), ("propose", "b"), ("write", "a"), ("propose", "a"), ("propose", "b"), ("plan", "b"),
    ]  # fmt: skip


def test_goalact_plans_before_every_step(tmp_path: Path) -> None:
    world = World(
        moves={"": ["bad", "a"], "a": ["right"]}, ends={"a right": 1.0}, turns=True,
        says={"Plan what is left": lambda prompt: [f"go on from {prompt.user.splitlines()[-1]}"]},
    )  # fmt: skip
    done = trace(goalact(), world, 20, tmp_path / "run")
    assert done.roles == [("plan", ""), ("propose", ""), ("propose", ""), ("plan", "a"), ("propose", "a")]
    assert "1. go on from nothing" in done.shown("", 1)
    assert "1. go on from a" in done.shown("a", 1)
    assert "from nothing" not in done.shown("a", 1)
    assert done.result.answer == "right"


def test_agent_occam_branches_and_prunes_by_its_own_commands(tmp_path: Path) -> None:
    """Asked at: the root (branch), under the plan (a), after a (prune 1: back to the plan), under the plan (b), b."""
    script = iter(["branch [0] [find the door]", "a", "prune [1] [a wall]", "b", "right"])
    prompts: list[Prompt] = []

    def agent(prompt: Prompt) -> Sequence[str]:
        prompts.append(prompt)
        return [next(script)]

    world = World(moves={}, ends={"b right": 1.0}, says={"Instead of an action": agent})
    done = trace(agent_occam(), world, 20, tmp_path / "run")
    assert done.expanded == ["", "", "a", "", "b"]
    assert done.result.answer == "right"
    assert "this is plan 1" in prompts[1].user
    assert "a wall" not in prompts[2].user
    assert "a wall" in prompts[3].user
    assert [prompt.prefix for prompt in prompts] == ["", "", "a ", "", "b "]


def test_agent_occam_lets_a_judge_pick_among_proposals(tmp_path: Path) -> None:
    world = World(
        moves={"": ["a", "b"], "b": ["x", "right"]}, values={"a": 0.2, "b": 0.7},
        ends={"b x": 0.0, "b right": 1.0},
    )  # fmt: skip
    done = trace(agent_occam(judge=True, n=2), world, 20, tmp_path / "run")
    assert (done.expanded, done.result.answer) == (["", "b"], "right")


def test_agent_occam_stops_when_nothing_leads_on(tmp_path: Path) -> None:
    done = trace(agent_occam(), World(moves={"": ["bad"]}), 20, tmp_path / "run")
    assert (len(done.calls), done.result.stopped) == (4, "exhausted")


def test_best_first_takes_new_actions_at_half(tmp_path: Path) -> None:
    """Its card: the root's actions wait with .5, all others with their parent's value.

    a and b wait with .5 (the root's own .9 is not looked at): a, the first, is worth .6, so its child c is next with
    .6; c is worth .1, so what is below it waits with .1, and b is next with .5.
    """
    world = World(
        moves={"": ["a", "b"], "a": ["c"], "a c": ["d"], "b": ["right"]},
        values={"": 0.9, "a": 0.6, "a c": 0.1, "b": 0.4},
        ends={"b right": 1.0},
    )
    done = trace(best_first(n=2), world, 20, tmp_path / "run")
    assert done.expanded == ["", "a", "a c", "b"]
    by_the_root = trace(best_first(n=2, root=None), world, 20, tmp_path / "other")
    assert by_the_root.expanded == ["", "a", "b"], "with the root's own .9, b is next before c with its .6"
