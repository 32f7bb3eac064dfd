"""A TextWorld game as a Gymnasium environment, so that `Gym` plays it: "treewright/TextGame-v0 file=PATH"."""

from __future__ import annotations

from copy import copy
from typing import Any

import gymnasium
import textworld
from gymnasium.spaces import Text

from ..protocol import DomainError

_SHOWN = textworld.EnvInfos(
    admissible_commands=True, won=True, score=True, max_score=True, objective=True, inventory=True
)
_LONGEST = 4096


class TextGame(gymnasium.Env[str, str]):
    """A game file of TextWorld (.z8, .ulx) or of Inform, in words.

    A step takes a command and pays the share of the game's score that it brought. `info` holds the commands that the
    game admits at the moment and whether it is won. Its copies are TextWorld's own.

    Args:
        file: the game.
        render_mode: None; the observation is text already.

    Raises:
        DomainError: the file cannot be played.
    """

    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(self, file: str, render_mode: None = None) -> None:
        self.observation_space = self.action_space = Text(_LONGEST)
        self.render_mode = render_mode
        try:
            self._game = textworld.start(str(file), _SHOWN)
        except Exception as error:  # its loaders raise whatever the file's kind makes them
            raise DomainError(f"{file} is no game that TextWorld plays: {type(error).__name__}: {error}") from error
        self._score = 0.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """The game's start; a game has one, and draws nothing unless it was made to."""
        super().reset(seed=seed, options=options)
        self._game.seed(seed or 0)
        state = self._game.reset()
        self._score = 0.0
        return _text(state), _info(state)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Types one command."""
        state, score, done = self._game.step(action)
        share = float(score) / max(float(state.max_score or 1), 1.0)
        reward, self._score = share - self._score, share
        return _text(state), reward, bool(done), False, _info(state)

    def close(self) -> None:
        """Ends the interpreter."""
        self._game.close()

    def __deepcopy__(self, memo: dict[int, Any]) -> TextGame:
        other = copy(self)
        memo[id(self)] = other
        other._game = self._game.copy()
        return other


def _text(state: Any) -> str:
    """What the game said, without its banner and without the status line that follows its prompt."""
    said = state.feedback.partition("\n>")[0]
    _, objective, rest = said.partition(state.objective or "")
    said = f"{objective}{rest}" if objective else said
    return "\n".join(part.strip() for part in (said, state.inventory or "") if part.strip())


def _info(state: Any) -> dict[str, Any]:
    return {"admissible_commands": sorted(state.admissible_commands or ()), "won": bool(state.won)}
