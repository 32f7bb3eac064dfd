"""One environment while it is played: what it showed last, and what it paid so far."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import gymnasium
import numpy as np

from ..protocol import DomainError
from .specification import Specification

Environment = gymnasium.Env[Any, Any]

gymnasium.register("treewright/TextGame-v0", entry_point="treewright.domains.gym.text_game:TextGame")


class Episode:
    """An environment that was reset, and every step since.

    Attributes:
        env: the environment, wrapped as Gymnasium wraps it.
        observation, info: of the last step, or of the reset.
        reward: of the last step.
        total: sum of the rewards.
        steps: steps since the reset.
        terminated, truncated: as the environment said last.
    """

    __slots__ = ("env", "info", "observation", "reward", "steps", "terminated", "total", "truncated")

    def __init__(self, env: Environment, seed: int, sample: int | None = None) -> None:
        """Resets `env`.

        Args:
            env: belongs to this episode from now on.
            seed: of the start.
            sample: draws the environment's random numbers after the start anew: another sample, another future. None
                leaves them to the seed.
        """
        self.env = env
        self.observation, self.info = env.reset(seed=seed)
        self.reward = self.total = 0.0
        self.steps = 0
        self.terminated = self.truncated = False
        if sample is not None:
            self.resample(seed, sample)

    def resample(self, *numbers: int) -> None:
        """Draws all random numbers from here on from a generator seeded with `numbers`."""
        self.env.unwrapped.np_random = np.random.default_rng(numbers)

    @property
    def ended(self) -> bool:
        """Whether the environment takes no further step."""
        return self.terminated or self.truncated

    def play(self, action: Any) -> None:
        """One step."""
        self.observation, reward, terminated, truncated, self.info = self.env.step(action)
        self.reward = float(reward)
        self.total += self.reward
        self.steps += 1
        self.terminated, self.truncated = bool(terminated), bool(truncated)

    def copy(self, shared: Mapping[int, Any]) -> Episode:
        """A deep copy; `shared` holds objects that nobody writes to, by their id: they are kept as they are."""
        other = object.__new__(Episode)
        memo: dict[int, Any] = dict(shared)
        for name in Episode.__slots__:
            setattr(other, name, deepcopy(getattr(self, name), memo))
        return other

    def digest(self) -> str:
        """A hash of what the last step showed and paid: equal for equal episodes, in any process."""
        return digest((self.observation, self.reward, self.terminated, self.truncated))


def make(specification: Specification) -> Environment:
    """The environment of a specification, showing itself as text where it can.

    Raises:
        DomainError: Gymnasium has none such, or does not make it with these options.
    """
    options = dict(specification.options)
    try:
        if "render_mode" not in options and _shows_text(specification.id):
            options["render_mode"] = "ansi"
        return gymnasium.make(specification.id, disable_env_checker=True, **options)
    except (gymnasium.error.Error, ImportError, TypeError, ValueError, OSError) as error:
        raise DomainError(
            f"no environment {specification.text!r}: {error} An environment of another package is MODULE:ID, such as "
            "minigrid:MiniGrid-DoorKey-5x5-v0"
        ) from None


def digest(data: Any) -> str:
    """A hash of nested plain data and arrays."""
    hashing = hashlib.blake2b(digest_size=12)
    _feed(data, hashing.update)
    return hashing.hexdigest()


def _feed(data: Any, update: Callable[[bytes], None]) -> None:
    if isinstance(data, np.ndarray | np.generic):
        update(f"{data.dtype}{data.shape}".encode())
        update(data.tobytes())
    elif isinstance(data, Mapping):
        for key in sorted(data, key=str):
            update(f"{key}:".encode())
            _feed(data[key], update)
    elif isinstance(data, list | tuple):
        update(f"[{len(data)}".encode())
        for item in data:
            _feed(item, update)
    else:
        update(f"{data!r};".encode())


def _shows_text(environment: str) -> bool:
    module, colon, name = environment.partition(":")
    if colon:
        __import__(module)
    entry = gymnasium.spec(name if colon else environment).entry_point
    creator = gymnasium.envs.registration.load_env_creator(entry) if isinstance(entry, str) else entry
    return "ansi" in getattr(creator, "metadata", {}).get("render_modes", ())
