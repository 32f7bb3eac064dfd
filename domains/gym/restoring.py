"""How an episode is had again: by a copy where copies are faithful, else by reset and replay, each of them checked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..protocol import Diverged
from .episode import Environment, Episode
from .specification import Specification

PROBE_STEPS = 24
Choose = Callable[[Episode, np.random.Generator], Any]


@dataclass(frozen=True, slots=True)
class Point:
    """A place in an episode: enough to have it again.

    Attributes:
        sample: whose random numbers; None for the environment's own.
        actions: since the start, as the environment takes them.
        digest: of what the last of them showed.
        episode: the episode itself, where copies are made of it. Nobody plays it.
    """

    sample: int | None
    actions: tuple[Any, ...]
    digest: str
    episode: Episode | None = None


class Restorer(Protocol):
    """Gives episodes at points."""

    def point(self, episode: Episode, sample: int | None, actions: tuple[Any, ...]) -> Point:
        """The point at which an episode is, which is not played by its owner any more."""
        ...

    def at(self, point: Point) -> Episode:
        """An episode at a point, to be played by the caller alone.

        Raises:
            Diverged: it could not be had again.
        """
        ...

    def done(self, episode: Episode) -> None:
        """Takes back an episode that its owner plays no more and does not want to have again."""
        ...


class Copies:
    """Deep copies of kept episodes.

    Args:
        shared: attributes of the bare environment that copies may share.
    """

    def __init__(self, shared: Sequence[str] = ()) -> None:
        self._shared = tuple(shared)

    def point(self, episode: Episode, sample: int | None, actions: tuple[Any, ...]) -> Point:
        """Keeps the episode."""
        return Point(sample, actions, episode.digest(), episode)

    def at(self, point: Point) -> Episode:
        """A copy of the kept episode."""
        assert point.episode is not None
        return self.copy(point.episode)

    def done(self, episode: Episode) -> None:
        """Nothing; the copy is forgotten."""

    def copy(self, episode: Episode) -> Episode:
        """A copy of any episode."""
        bare = episode.env.unwrapped
        parts = [getattr(bare, name) for name in self._shared if hasattr(bare, name)]
        return episode.copy({id(part): part for part in parts})


class Replays:
    """Environments that are reset and played again, the one that is at the point already where there is one.

    Args:
        specification: which environment.
        make: makes another one.
        kept: played environments that wait for another use; those beyond are closed.

    Attributes:
        divergences: replays that ended elsewhere; none of them was used.
    """

    def __init__(self, specification: Specification, make: Callable[[], Environment], kept: int = 8) -> None:
        self.divergences = 0
        self._kept = kept
        self._specification = specification
        self._make = make
        self._lock = threading.Lock()
        self._played: list[tuple[int | None, tuple[Any, ...], Episode]] = []
        self._idle: list[Environment] = []

    def point(self, episode: Episode, sample: int | None, actions: tuple[Any, ...]) -> Point:
        """Keeps the environment for the next caller."""
        with self._lock:
            self._played.append((sample, actions, episode))
            spare = self._spare(self._kept)
        if spare is not None:
            spare.close()
        return Point(sample, actions, episode.digest())

    def done(self, episode: Episode) -> None:
        """Keeps the environment for another replay, where there is room."""
        with self._lock:
            self._idle.append(episode.env)
            spare = self._spare(self._kept)
        if spare is not None:
            spare.close()

    def close(self) -> None:
        """Closes the environments that wait."""
        with self._lock:
            waiting = [*self._idle, *(episode.env for _, _, episode in self._played)]
            self._idle, self._played = [], []
        for env in waiting:
            env.close()

    def at(self, point: Point) -> Episode:
        """An episode at the point, by replay where none stands there.

        Raises:
            Diverged: the replay ended elsewhere.
        """
        with self._lock:
            there = [i for i, (sample, actions, _) in enumerate(self._played) if (sample, actions) == _place(point)]
            if there:
                return self._played.pop(there[0])[2]
            env = self._idle.pop() if self._idle else self._spare(self._kept - 1)
        episode = Episode(env or self._make(), self._specification.seed, point.sample)
        for action in point.actions:
            if episode.ended:
                break
            episode.play(action)
        if episode.digest() != point.digest or episode.steps != len(point.actions):
            self.done(episode)
            with self._lock:
                self.divergences += 1
            raise Diverged(
                f"{self._specification.text!r} played again for {len(point.actions)} steps does not show what it "
                f"showed before ({self.divergences} so far); it has a source of chance that its seed does not fix"
            )
        return episode

    def _spare(self, most: int) -> Environment | None:
        """An environment beyond `most`: one that nobody will ask for, else the one that was played first."""
        if len(self._idle) + len(self._played) <= most:
            return None
        return self._idle.pop() if self._idle else self._played.pop(0)[2].env


@dataclass(frozen=True, slots=True)
class Probed:
    """What the probe of an environment found.

    Attributes:
        copies: whether deep copies go on as the original does.
        why_not: what stands against copies.
        stochastic: whether other random numbers after the start lead elsewhere.
    """

    copies: bool
    why_not: str
    stochastic: bool


def probe(
    specification: Specification,
    make: Callable[[], Environment],
    copies: Copies,
    choose: Choose,
) -> Probed:
    """Plays an environment a few steps, its copies and itself again, and compares what they show and pay.

    Args:
        choose: draws one legal action of an episode.

    Raises:
        Diverged: the same seed and actions led elsewhere, so that nothing could be had again.
    """
    actions: list[Any] = []
    played, again = (_trace(Episode(make(), specification.seed), actions, choose) for _ in range(2))
    if played != again:
        raise Diverged(
            f"{specification.text!r} shows something else when its seed and its first {len(actions)} actions are "
            "repeated; such an environment cannot be searched"
        )
    futures = [_trace(Episode(make(), specification.seed, sample), actions, choose) for sample in range(3)]
    why_not = _against_copies(Episode(make(), specification.seed), copies, played, actions, choose)
    return Probed(why_not == "", why_not, any(future != played for future in futures))


def _against_copies(first: Episode, copies: Copies, played: list[str], actions: list[Any], choose: Choose) -> str:
    """Why copies of an episode are not to be used; nothing where they are."""
    try:
        twins = [copies.copy(first), copies.copy(first)]
    except Exception as error:  # whatever a third party's attribute says to being copied
        return f"a copy raises {type(error).__name__}: {error}"
    # The copies play before the original, in which whatever they share with it would show.
    traces = [_trace(episode, actions, choose) for episode in (*twins, first)]
    return "" if all(trace == played for trace in traces) else "a copy goes on otherwise than the original"


def _trace(episode: Episode, actions: list[Any], choose: Choose) -> list[str]:
    """What an episode shows while it plays `actions`; the first to play draws them."""
    numbers = np.random.default_rng(0)
    seen = [episode.digest()]
    while len(seen) <= PROBE_STEPS and not episode.ended:
        if len(actions) < len(seen):
            actions.append(choose(episode, numbers))
        episode.play(actions[len(seen) - 1])
        seen.append(episode.digest())
    return seen


def _place(point: Point) -> tuple[int | None, tuple[Any, ...]]:
    return point.sample, point.actions
