"""Search without any model: equal priors and rollouts solve Frozen Lake, Taxi, a grid and a text game."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("gymnasium", reason="needs treewright[gym]")

import gym_environments  # noqa: F401

from treewright.domains import DomainError, Task
from treewright.domains.gym import Gym, Rollout
from treewright.search import Budget, Result, mcts, solve
from treewright.value_models import Evidence, Uniform


def searched(text: str, domain: Gym, budget: int = 2000, count: int = 8, depth: int = 50) -> Result:
    return solve(
        text,
        domain=domain,
        policy=Uniform(),
        value=Rollout(domain, count, depth),
        recipe=mcts(c=0.05, max_depth=60),
        budget=Budget(expansions=budget),
        deterministic=True,
    )


@pytest.mark.parametrize("restore", ["fork", "replay"])
def test_frozen_lake(restore: str) -> None:
    result = searched("FrozenLake-v1 is_slippery=False seed=0", Gym(restore=restore))  # type: ignore[arg-type]
    assert result.solved
    assert result.stopped == "solved"
    assert result.failures == ()
    assert result.cost.policy_tokens == result.cost.value_tokens == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_large_lake(seed: int) -> None:
    assert searched(f"FrozenLake8x8-v1 is_slippery=False seed={seed}", Gym()).solved


@pytest.mark.parametrize("seed", [2, pytest.param(0, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_taxi(seed: int) -> None:
    assert searched(f"Taxi-v4 seed={seed}", Gym()).solved


def test_equal_searches_are_equal() -> None:
    one, again = (searched("FrozenLake-v1 is_slippery=False seed=0", Gym(), 12) for _ in range(2))
    assert [(node.text, node.visits, node.q) for node in one.tree.nodes] == [
        (node.text, node.visits, node.q) for node in again.tree.nodes
    ]


def test_a_plan_against_the_wind_goes_right() -> None:
    result = searched("test/Windy-v0", Gym(samples=4), 60, 4, 12)
    best = max(result.tree.nodes[0].children, key=lambda child: result.tree.nodes[child].visits)
    assert result.tree.nodes[best].text == "1"


@pytest.mark.parametrize("text", ["minigrid:MiniGrid-DoorKey-5x5-v0 seed=1", "minigrid:BabyAI-GoToRedBall-v0 seed=2"])
def test_grids(text: str) -> None:
    pytest.importorskip("minigrid", reason="needs the package minigrid")
    domain = Gym()
    shown = domain.observe(domain.reset(Task("", text)))
    assert "Mission: " in shown.notes
    assert shown.actions == ("left", "right", "forward", "pickup", "drop", "toggle", "done")
    result = searched(text, domain, 300, 4, 40)
    assert result.solved
    assert result.dropped["loop"] > 0, "turning round and bumping into walls lead nowhere new"


def made_game(folder: Path) -> Path:
    """A game of TextWorld's own generator: three rooms and a coin."""
    pytest.importorskip("textworld", reason="needs the package textworld")
    maker = shutil.which("tw-make") or shutil.which("tw-make", path=str(Path(sys.prefix) / "bin"))
    import textworld

    beside = Path(textworld.__file__).parents[4] / "bin" / "tw-make"
    maker = maker or (str(beside) if beside.exists() else None)
    if maker is None:
        pytest.skip("tw-make, which makes TextWorld games, is not on the path")
    file = folder / "coin.z8"
    command = [maker, "tw-coin_collector", "--level", "3", "--seed", "1", "--output", str(file), "--silent"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return file


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Game .* is not fully supported")
def test_a_text_game(tmp_path: Path) -> None:
    text = f"treewright/TextGame-v0 file={made_game(tmp_path)} seed=0"
    domain = Gym()
    state = domain.reset(Task("", text))
    assert "go south" in state.legal
    assert "Then, pick-up the coin" in state.screen
    assert "$$" not in state.screen, "the banner is left out"
    assert ">" not in state.screen, "so is the prompt"
    result = searched(text, domain, 60, 2, 10)
    assert result.solved
    assert result.answer == "go south\ngo east\ntake coin"


def test_no_game_there(tmp_path: Path) -> None:
    pytest.importorskip("textworld", reason="needs the package textworld")
    with pytest.raises(DomainError, match=r"none\.z8 is no game"):
        Gym().reset(Task("", f"treewright/TextGame-v0 file={tmp_path}/none.z8"))


def test_rollouts_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Rollout(count=0)


async def test_rollouts_read_states_and_nothing_else() -> None:
    rollout = Rollout(count=2, depth=5)
    with pytest.raises(DomainError, match="states of the domain 'gym'"):
        await rollout.score([Evidence("FrozenLake-v1", "7 * 8", "Good?")])
