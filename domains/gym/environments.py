"""One kind of environment, made ready: its actions by name, its profile, and how its episodes are had again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from ..protocol import DomainError
from .episode import Episode, digest, make
from .profiles import Profile, named_actions, profile_of, solved
from .restoring import Copies, Point, Probed, Replays, Restorer, probe
from .samples import Sample
from .screen import screen
from .specification import Specification


class Prepared:
    """An environment at one start that was probed.

    Attributes:
        specification: which.
        profile: what is known of its kind.
        probed: what the probe found.
        stochastic: as declared, else as probed.
        restore: "fork" or "replay".
    """

    def __init__(
        self,
        specification: Specification,
        profiles: Mapping[str, Profile],
        restore: str,
        stochastic: bool | None,
    ) -> None:
        self.specification = specification
        self.profile = profile_of(specification.id, profiles)
        self._make = partial(make, specification)
        first = self._make()
        self._actions = named_actions(first, self.profile)
        copies = Copies(self.profile.shared)
        self.probed: Probed = probe(specification, self._make, copies, self.draw)
        if restore == "fork" and not self.probed.copies:
            raise DomainError(f"{specification.text!r} cannot be copied: {self.probed.why_not}; leave it to replay")
        self.stochastic = self.probed.stochastic if stochastic is None else stochastic
        self.restore = "fork" if self.probed.copies and restore != "replay" else "replay"
        self._replays = Replays(specification, self._make)
        self._restorer: Restorer = copies if self.restore == "fork" else self._replays

    @property
    def divergences(self) -> int:
        """Replays that ended elsewhere."""
        return self._replays.divergences

    def start(self, sample: int | None) -> Episode:
        """A new episode."""
        return Episode(self._make(), self.specification.seed, sample)

    def at(self, point: Point) -> Episode:
        """An episode at a point, the caller's own."""
        return self._restorer.at(point)

    def done(self, episode: Episode) -> None:
        """Takes back an episode that nobody wants to have again."""
        self._restorer.done(episode)

    def sample(self, episode: Episode, sample: int | None, actions: tuple[Any, ...]) -> Sample:
        """What is kept of an episode, which its owner plays no more."""
        place = None if self.profile.state is None else digest(self.profile.state(episode.env.unwrapped))
        return Sample(
            self._restorer.point(episode, sample, actions),
            episode.total,
            episode.ended,
            solved(episode, self.profile),
            place,
        )

    def screen(self, episode: Episode) -> str:
        """What an episode shows."""
        return screen(episode, self.profile)

    def legal(self, episode: Episode) -> tuple[str, ...]:
        """The actions that an episode offers: those that its mask leaves, or the commands that it admits."""
        if episode.ended:
            return ()
        if self._actions is None:
            return tuple(episode.info.get("admissible_commands") or ())
        mask = episode.info.get("action_mask")
        names = tuple(self._actions)
        return names if mask is None else tuple(name for name, allowed in zip(names, mask, strict=True) if allowed)

    @property
    def separator(self) -> str:
        """What stands between the actions of an answer: names hold no comma, texts may."""
        return "\n" if self._actions is None else ", "

    def action(self, text: str) -> Any:
        """The environment's action of this name."""
        return text if self._actions is None else self._actions[text]

    def draw(self, episode: Episode, numbers: np.random.Generator) -> Any:
        """One of an episode's legal actions, each with the same probability.

        Raises:
            DomainError: its actions are free text and it lists none.
        """
        legal = self.legal(episode)
        if not legal:
            raise DomainError(
                f"{self.specification.text!r} offers no action at step {episode.steps}; expected Discrete actions, or "
                "an info['admissible_commands'] that lists texts"
            )
        return self.action(legal[int(numbers.integers(len(legal)))])
