"""States had again: by faithful copies, by checked replay, and never by anything else."""

from __future__ import annotations

import pytest

pytest.importorskip("gymnasium", reason="needs treewright[gym]")

from gym_environments import Fatigued

from treewright.domains import DomainError, Task
from treewright.domains.gym import Diverged, Gym, Specification


def restored(domain: Gym, text: str) -> str:
    return domain.prepared(Specification.read(text)).restore


@pytest.mark.parametrize(
    ("kind", "restore", "why"),
    [
        ("Corridor", "fork", ""),
        ("Windy", "fork", ""),
        ("Uncopyable", "replay", "raises TypeError: holds a socket"),
        ("Aliased", "replay", "goes on otherwise than the original"),
    ],
)
def test_the_probe_tells_faithful_copies_from_others(kind: str, restore: str, why: str) -> None:
    domain = Gym()
    found = domain.prepared(Specification(f"test/{kind}-v0"))
    assert found.restore == restore
    assert why in found.probed.why_not
    assert restored(Gym(restore="replay"), f"test/{kind}-v0") == "replay"
    if restore == "replay":
        with pytest.raises(DomainError, match="cannot be copied"):
            restored(Gym(restore="fork"), f"test/{kind}-v0")


def test_what_no_seed_reaches_cannot_be_searched() -> None:
    with pytest.raises(Diverged, match="cannot be searched"):
        Gym().reset(Task("", "test/Unseeded-v0"))


@pytest.mark.parametrize("text", ["FrozenLake8x8-v1 seed=1", "Taxi-v4 seed=1", "CartPole-v1 seed=1"])
def test_copies_and_replays_see_the_same(text: str) -> None:
    forks, replays = Gym(restore="fork", loops=True), Gym(restore="replay", loops=True)
    assert restored(forks, text) == "fork"
    ways: list[tuple[Gym, list[str]]] = [(forks, []), (replays, [])]
    for domain, seen in ways:
        state = root = domain.reset(Task("", text))
        for number in range(12):
            step = domain.step(state, state.legal[number * 7 % len(state.legal)])
            seen.append(f"{step.key} {step.reward} {step.state.screen}")
            state = step.state
            if step.terminated:
                break
        # An old state is as it was, whatever was played from it since.
        seen.append(domain.step(root, root.legal[-1]).state.screen)
    assert ways[0][1] == ways[1][1]


@pytest.mark.parametrize(("restore", "most"), [("fork", 8), ("replay", 9)])
def test_rollouts_use_environments_again(restore: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr("gym_environments.Corridor.__init__", lambda self: made.append(self))
    domain = Gym(restore=restore)  # type: ignore[arg-type]
    state = domain.step(domain.reset(Task("", "test/Corridor-v0")), "1").state
    value = domain.playouts(state, 20, 40, 1)
    assert value > 0.9, "a corridor of five cells is walked through in forty steps"
    assert len(made) <= most
    assert domain.playouts(state, 20, 40, 1) == value


def test_a_replay_that_ends_elsewhere_is_counted_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    domain, task = Gym(), Task("", "test/Fatigued-v0")
    root = domain.reset(task)
    ahead = domain.step(domain.step(root, "1").state, "1").state
    found = domain.prepared(Specification.read(task.text))
    assert (found.restore, found.divergences) == ("replay", 0)
    monkeypatch.setattr(Fatigued, "good", 0)
    # The environment that stands there serves once more; then the state must be played again.
    domain.step(ahead, "0")
    with pytest.raises(Diverged, match="does not show what it showed before"):
        domain.step(ahead, "1")
    assert found.divergences == 1
