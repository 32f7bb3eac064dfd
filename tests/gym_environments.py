"""Small environments with a fault or a property of their own, registered under `test/`."""

from __future__ import annotations

import random
from typing import Any, ClassVar

import gymnasium
from gymnasium.spaces import Box, Discrete, Text


class Corridor(gymnasium.Env[int, int]):
    """Cells 0 to 4 in a row, the goal at the right end; action 1 goes right, 0 left."""

    observation_space = Discrete(5)
    action_space: gymnasium.Space[Any] = Discrete(2)

    def __init__(self) -> None:
        self.cell = self.start()

    def start(self) -> Any:
        return 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        self.cell = self.start()
        return self.shown(), {}

    def shown(self) -> int:
        return int(self.cell)

    def move(self, by: int) -> None:
        self.cell = min(max(self.cell + by, 0), 4)

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self.move(1 if action else -1)
        return self.shown(), float(self.shown() == 4), self.shown() == 4, False, {}


class Aliased(Corridor):
    """Keeps its cell where copies share it."""

    board: ClassVar[list[int]] = [0]

    def start(self) -> Any:
        Aliased.board[0] = 0
        return 0

    def shown(self) -> int:
        return Aliased.board[0]

    def move(self, by: int) -> None:
        Aliased.board[0] = min(max(Aliased.board[0] + by, 0), 4)


class Uncopyable(Corridor):
    """Refuses to be copied."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Uncopyable:
        raise TypeError("holds a socket")


class Unseeded(Corridor):
    """Draws from a source that no seed reaches."""

    def move(self, by: int) -> None:
        self.cell = random.SystemRandom().randrange(4)


class Fatigued(Uncopyable):
    """After `good` resets it starts one cell further on: a replay that looks right and is not."""

    good: ClassVar[int] = 1_000_000
    resets: ClassVar[int] = 0

    def start(self) -> Any:
        Fatigued.resets += 1
        return int(Fatigued.resets > Fatigued.good)


class Windy(Corridor):
    """Stays where it is in half of its steps."""

    def move(self, by: int) -> None:
        if self.np_random.random() < 0.5:
            super().move(by)


class Typed(Corridor):
    """Takes any text; only "right" and "left" move."""

    action_space = Text(20)

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self.move({"right": 1, "left": -1}.get(action, 0))
        return self.shown(), float(self.shown() == 4), self.shown() == 4, False, {}


class Steered(Corridor):
    """Takes a number in [-1, 1]."""

    action_space = Box(-1.0, 1.0)

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict[str, Any]]:
        return super().step(int(action[0] > 0))


for kind in (Corridor, Aliased, Uncopyable, Unseeded, Fatigued, Windy, Typed, Steered):
    gymnasium.register(f"test/{kind.__name__}-v0", entry_point=kind)
