"""Legality as data: which actions may follow which, so that an illegal child is never made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from ..domains.protocol import Action, BadProposal, Domain, State, Step


class Mask(Protocol):
    """Says which actions may follow a history of actions, all as they were written."""

    def allowed(self, history: Sequence[str], actions: Sequence[str]) -> list[str]:
        """Those of `actions` that may come next, in their order."""
        ...

    def may_end(self, history: Sequence[str]) -> bool:
        """Whether a task may end with this history."""
        ...


@dataclass(frozen=True, slots=True)
class Machine:
    """A finite state machine over actions.

    Attributes:
        start: its first state.
        moves: for each state, the next state by a regular expression that the action's text matches from its beginning;
            the first that matches counts, and an action that none matches is illegal there.
        final: states in which a task may end; none named, all of them.

    Raises:
        ValueError: a state that `moves` does not have, or an expression that is none.
    """

    start: str
    moves: Mapping[str, Mapping[str, str]]
    final: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = ", ".join(map(repr, self.moves))
        named = [self.start, *self.final, *(after for row in self.moves.values() for after in row.values())]
        for state in named:
            if state not in self.moves:
                raise ValueError(f"state {state!r} has no moves; the machine's states are {known}")
        for row in self.moves.values():
            for text in row:
                compiled(text)

    def state(self, history: Sequence[str]) -> str | None:
        """The state after a history; None where an action of it is illegal."""
        state: str | None = self.start
        for action in history:
            if state is None:
                return None
            state = self._after(state, action)
        return state

    def allowed(self, history: Sequence[str], actions: Sequence[str]) -> list[str]:
        """Those of `actions` that have a move from the state after `history`."""
        state = self.state(history)
        return [] if state is None else [action for action in actions if self._after(state, action) is not None]

    def may_end(self, history: Sequence[str]) -> bool:
        """Whether the state after `history` is a final one."""
        state = self.state(history)
        return state is not None and (not self.final or state in self.final)

    def _after(self, state: str, action: str) -> str | None:
        moves = self.moves[state].items()
        return next((after for text, after in moves if compiled(text).match(action.strip())), None)


@lru_cache(maxsize=1024)
def compiled(text: str) -> re.Pattern[str]:
    """A regular expression.

    Raises:
        ValueError: it is none.
    """
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error


class Lawful:
    """A domain as it is at one leaf, for proposals to be parsed and stepped there, with illegal ones refused.

    An action is refused before it is stepped, so that nothing irreversible is done. Only an end that comes too early is
    known from the step itself.

    Args:
        domain: the domain.
        mask: which actions may follow which.
        history: the actions that led to the leaf.
    """

    def __init__(self, domain: Domain, mask: Mask, history: Sequence[str]) -> None:
        self.name = domain.name
        self.restore: Literal["fork", "replay", "snapshot"] = domain.restore
        self.reset, self.observe, self.grade = domain.reset, domain.observe, domain.grade
        self._domain = domain
        self._mask = mask
        self._history = history
        self._proposed = ""

    def parse(self, state: State, proposal: str) -> Sequence[Action]:
        """The domain's actions.

        Raises:
            BadProposal: "illegal", or the domain's own.
        """
        if not self._mask.allowed(self._history, [proposal]):
            raise BadProposal("illegal", f"{proposal!r} may not follow here")
        self._proposed = proposal
        return self._domain.parse(state, proposal)

    def step(self, state: State, action: Action) -> Step:
        """The domain's step.

        Raises:
            BadProposal: "illegal", where it ends a task that may not end here; or the domain's own.
        """
        step = self._domain.step(state, action)
        if step.terminated and not self._mask.may_end([*self._history, self._proposed]):
            raise BadProposal("illegal", f"the task may not end with {self._proposed!r}")
        return step
