"""Frozen Lake and small corridors as a domain: actions, ends, pay, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("gymnasium", reason="needs treewright[gym]")

import gym_environments  # noqa: F401

from treewright.domains import BadProposal, DomainError, Task
from treewright.domains.gym import Gym, Profile
from treewright.domains.gym.profiles import profile_of
from treewright.domains.gym.samples import Situation

LAKE = "FrozenLake-v1 is_slippery=False seed=0"
WAY = "down, down, right, down, right, right"
CELL = {"test/Corridor": Profile(("left", "right"), state=lambda bare: bare.cell, returns=(0.0, 1.0))}


def played(domain: Gym, text: str, actions: str) -> Situation:
    state = domain.reset(Task("", text))
    for action in actions.split(", "):
        state = domain.step(state, action).state
    return state


def test_the_lake_is_shown_with_the_walker_in_brackets() -> None:
    domain = Gym()
    shown = domain.observe(played(domain, LAKE, "down"))
    assert "SFFF\n[F]HFH" in shown.notes
    assert shown.actions == ("left", "down", "right", "up")
    assert (shown.task, shown.path) == (LAKE, "down\n")
    assert domain.state_of(shown.task, f"{shown.notes}\n{shown.path}").actions == ("down",)


def test_the_goal_pays_and_a_hole_does_not() -> None:
    domain = Gym()
    before = played(domain, LAKE, WAY.rpartition(", ")[0])
    end = domain.step(before, "right")
    assert (end.terminated, end.reward, end.answer) == (True, 1.0, WAY)
    hole = domain.step(played(domain, LAKE, "down"), "right")
    assert (hole.terminated, hole.reward) == (True, 0.0)
    assert before == played(domain, LAKE, WAY.rpartition(", ")[0]) or before.samples[0].point.episode is not None
    assert domain.step(before, "up").reward == 0.0, "the state is as it was before the goal"


def test_grade_plays_the_answer() -> None:
    domain, task = Gym(), Task("", LAKE)
    assert domain.grade(task, WAY).correct is True
    assert domain.grade(task, WAY).detail == "return 1 in 6 steps"
    assert domain.grade(task, "down, right").correct is False
    assert domain.grade(task, "down").correct is False, "nothing has ended"
    assert domain.grade(task, None).correct is False


def test_equal_places_are_one_state_and_loops_are_dropped() -> None:
    domain, free = Gym(), Gym(loops=True)
    start = domain.reset(Task("", LAKE))
    with pytest.raises(BadProposal) as dropped:
        domain.step(start, "left")
    assert dropped.value.reason == "loop"
    with pytest.raises(BadProposal):
        domain.step(played(domain, LAKE, "down, down"), "up")
    round_about = free.step(played(free, LAKE, "right, left"), "down")
    assert round_about.key == free.step(free.reset(Task("", LAKE)), "down").key


def test_without_a_known_state_paths_are_the_keys() -> None:
    domain = Gym()
    state = domain.reset(Task("", "test/Corridor-v0"))
    assert domain.step(state, "0").key != domain.step(state, "1").key
    assert not domain.step(state, "0").terminated


def test_proposals() -> None:
    domain = Gym()
    state = domain.reset(Task("", LAKE))
    assert domain.parse(state, " down\nRight, up. ") == ("down", "Right", "up")
    assert domain.step(state, "Down").state.actions == ("down",)
    for text, reason in (("", "format"), ("fly", "illegal")):
        with pytest.raises(BadProposal) as refused:
            domain.step(state, domain.parse(state, text)[0])
        assert refused.value.reason == reason
    over = played(domain, LAKE, WAY)
    for refusal in (lambda: domain.parse(over, "down"), lambda: domain.step(over, "down")):
        with pytest.raises(BadProposal) as refused:
            refusal()
        assert refused.value.reason == "ended"


def test_masked_actions_are_not_listed() -> None:
    domain = Gym()
    state = domain.reset(Task("", "Taxi-v4 seed=0"))
    assert state.legal == ("south", "north")
    assert "The taxi is at row 3, column 0. The passenger is waiting at B (blue)" in state.screen


def test_the_return_can_be_what_is_paid() -> None:
    profiles = {"test/Corridor": Profile(("left", "right"), returns=(-1.0, 3.0))}
    domain = Gym("return", profiles)
    end = domain.step(played(domain, "test/Corridor-v0", "right, right, right"), "right")
    assert end.reward == pytest.approx((1.0 + 1.0) / 4.0)
    with pytest.raises(DomainError, match="needs the lowest and highest return"):
        Gym("return").reset(Task("", "test/Corridor-v0"))


def test_equal_places_that_paid_differently_are_two_where_returns_are_paid() -> None:
    # From the start, left runs into the wall for -1, and right falls off the cliff, back to the start, for -100.
    profile = replace(profile_of("CliffWalking-v1", {}), returns=(-300.0, 0.0))
    for domain, kinds in ((Gym(loops=True), 1), (Gym("return", {"CliffWalking": profile}, loops=True), 2)):
        start = domain.reset(Task("", "CliffWalking-v1"))
        assert len({domain.step(start, action).key for action in ("left", "right")}) == kinds


def test_actions_of_any_kind_by_a_mapping() -> None:
    text = "test/Steered-v0"
    with pytest.raises(DomainError, match="are a mapping"):
        Gym().reset(Task("", text))
    domain = Gym(profiles={"test/Steered": Profile({"left": [-1.0], "right": [1.0]})})
    assert domain.step(played(domain, text, "right, right, right"), "right").reward == 1.0


def test_free_text_needs_a_list_to_be_probed() -> None:
    with pytest.raises(DomainError, match="admissible_commands"):
        Gym().reset(Task("", "test/Typed-v0"))


@pytest.mark.parametrize(
    ("options", "says"),
    [({"pay": "score"}, "'success' or 'return'"), ({"restore": "copy"}, "'auto'"), ({"samples": 0}, "at least 1")],
)
def test_wrong_options_are_named(options: dict[str, object], says: str) -> None:
    with pytest.raises(DomainError, match=says):
        Gym(**options)  # type: ignore[arg-type]


def test_an_unknown_environment_is_named() -> None:
    with pytest.raises(DomainError, match="FrozenLake9x9"):
        Gym().reset(Task("", "FrozenLake9x9-v1"))
    with pytest.raises(DomainError, match="slippy"):
        Gym().reset(Task("", "FrozenLake-v1 slippy=True"))
    with pytest.raises(DomainError, match="distinct names were given"):
        Gym(profiles={"test/Corridor": Profile(("left",))}).reset(Task("", "test/Corridor-v0"))
