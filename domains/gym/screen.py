"""What an environment shows, as text for a model."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from .episode import Episode
from .profiles import Profile

_BACKGROUND = re.compile(r"\x1b\[(?:\d+;)*4[0-7]m(.*?)\x1b\[0m", re.DOTALL)
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def screen(episode: Episode, profile: Profile) -> str:
    """The environment's own text (render mode ansi), its description, or its observation, whichever it has.

    A place that a terminal would show on a coloured background stands in brackets.
    """
    shown = episode.env.render() if episode.env.render_mode == "ansi" else None
    parts = [_plain(shown)] if isinstance(shown, str) else []
    if profile.describe is not None:
        parts.append(profile.describe(episode.env.unwrapped))
    return "\n".join(parts) if parts else _observed(episode.observation)


def _plain(shown: str) -> str:
    return _ESCAPE.sub("", _BACKGROUND.sub(r"[\1]", shown)).strip("\n")


def _observed(observation: Any) -> str:
    if isinstance(observation, np.ndarray):
        return np.array2string(observation, precision=4, threshold=200)
    if isinstance(observation, dict):
        return "\n".join(f"{key}: {_observed(value)}" for key, value in observation.items())
    return str(observation).strip()
