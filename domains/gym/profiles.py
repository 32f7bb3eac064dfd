"""What is known of families of environments: names of actions, what a whole state is, and when one is solved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium

from ..protocol import DomainError
from .episode import Environment, Episode


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of environment leaves unsaid.

    Attributes:
        actions: names of the actions, in the order of a Discrete space; or a mapping from names to the environment's
            own actions, which may then be of any kind.
        solved: whether an episode that has ended reached its goal; by default its return is the environment's
            `reward_threshold` or more, or, where there is none, it was terminated with a positive reward.
        state: all that the future depends on, as plain data; None where it is not known. Equal states are then one.
        shared: attributes of the bare environment that nothing ever writes to; copies need not copy them.
        describe: says in words what the environment's own text does not show.
        returns: lowest and highest return of an episode, for the pay "return".
    """

    actions: Sequence[str] | Mapping[str, Any] = ()
    solved: Callable[[Episode], bool] | None = None
    state: Callable[[Any], Any] | None = None
    shared: tuple[str, ...] = ()
    describe: Callable[[Any], str] | None = None
    returns: tuple[float, float] | None = None


def profile_of(environment: str, given: Mapping[str, Profile]) -> Profile:
    """What is known under the longest name that the environment's id begins with: first in `given`, then built in."""
    name = environment.rpartition(":")[2]
    for profiles in (given, _PROFILES):
        fitting = [prefix for prefix in profiles if name.startswith(prefix)]
        if fitting:
            return profiles[max(fitting, key=len)]
    return Profile()


def named_actions(env: Environment, profile: Profile) -> dict[str, Any] | None:
    """The environment's actions by name; None where an action is free text.

    Raises:
        DomainError: its actions are neither listed nor text and no mapping names them, or there are too few names.
    """
    if isinstance(profile.actions, Mapping):
        return dict(profile.actions)
    space, bare = env.action_space, env.unwrapped
    if isinstance(space, gymnasium.spaces.Text):
        return None
    if not isinstance(space, gymnasium.spaces.Discrete):
        raise DomainError(
            f"{env} takes actions of {space}; expected Discrete or Text, or a profile whose `actions` are a mapping"
        )
    names = list(profile.actions)
    if not names and hasattr(bare, "get_action_meanings"):
        names = [meaning.lower() for meaning in bare.get_action_meanings()]
    names = names or [str(number) for number in range(int(space.n))]
    if len(names) != space.n or len(set(names)) != len(names):
        raise DomainError(f"{env} has {space.n} actions; {len(set(names))} distinct names were given: {names}")
    return {name: int(space.start) + number for number, name in enumerate(names)}


def solved(episode: Episode, profile: Profile) -> bool:
    """Whether an episode has ended at its goal."""
    if not episode.ended:
        return False
    if profile.solved is not None:
        return profile.solved(episode)
    threshold = None if episode.env.spec is None else episode.env.spec.reward_threshold
    if threshold is not None:
        return episode.total >= threshold
    return episode.terminated and episode.reward > 0


def _terminated(episode: Episode) -> bool:
    return episode.terminated


def _won(episode: Episode) -> bool:
    return bool(episode.info["won"])


def _place(bare: Any) -> int:
    return int(bare.s)


def _grid_state(bare: Any) -> Any:
    carried = None if bare.carrying is None else bare.carrying.encode()
    held = None if bare.carrying is None or bare.carrying.contains is None else bare.carrying.contains.encode()
    inside = [
        (index, item.contains.encode())
        for index, item in enumerate(bare.grid.grid)
        if item is not None and item.contains is not None
    ]
    place = [int(number) for number in (*bare.agent_pos, bare.agent_dir)]
    return bare.grid.encode(), place, carried, held, inside


def _taxi_in_words(bare: Any) -> str:
    row, column, passenger, destination = (int(number) for number in bare.decode(bare.s))
    names = ("R (red)", "G (green)", "Y (yellow)", "B (blue)")
    where = "in the taxi" if passenger == len(names) else f"waiting at {names[passenger]}"
    return (
        f"The taxi is at row {row}, column {column}. The passenger is {where} and wants to go to {names[destination]}."
    )


def _grid_in_words(bare: Any) -> str:
    facing = ("right", "down", "left", "up")[int(bare.agent_dir)]
    carrying = "nothing" if bare.carrying is None else f"a {bare.carrying.color} {bare.carrying.type}"
    return f"Mission: {bare.mission}\n{bare.pprint_grid()}\nYou face {facing} and carry {carrying}."


_MINIGRID = Profile(
    ("left", "right", "forward", "pickup", "drop", "toggle", "done"),
    state=_grid_state,
    describe=_grid_in_words,
    returns=(0.0, 1.0),
)
_PROFILES: Mapping[str, Profile] = {
    "Acrobot": Profile(("left", "none", "right"), returns=(-500.0, 0.0)),
    "BabyAI-": _MINIGRID,
    "Blackjack": Profile(("stick", "hit"), returns=(-1.0, 1.0)),
    "CartPole": Profile(("left", "right"), returns=(0.0, 500.0)),
    "CliffWalking": Profile(("up", "right", "down", "left"), _terminated, _place, ("P",)),
    "FrozenLake": Profile(("left", "down", "right", "up"), state=_place, shared=("P", "desc"), returns=(0.0, 1.0)),
    "LunarLander": Profile(("none", "left engine", "main engine", "right engine"), returns=(-500.0, 300.0)),
    "MiniGrid-": _MINIGRID,
    "MountainCar-": Profile(("left", "none", "right"), returns=(-200.0, 0.0)),
    "Taxi": Profile(
        ("south", "north", "east", "west", "pickup", "dropoff"),
        _terminated,
        _place,
        ("P", "desc"),
        _taxi_in_words,
        (-200.0, 20.0),
    ),
    "TextGame": Profile(solved=_won, returns=(0.0, 1.0)),
}
