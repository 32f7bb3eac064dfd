"""What becomes of one call on its way: its time, what it costs its trial, its event in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from ..value_models.protocols import Usage
from .expansion import Expansion
from .journal import Event, EventKind, Journal
from .journal.event import OF_VALUE
from .journaled import Answer, described, described_expansion, model_of, plain
from .trial import Trial


@dataclass(slots=True)
class Spent:
    """What a trial has used so far, also where it then fails, and whether its policy has yet to answer."""

    policy: Usage = field(default_factory=Usage)
    value: Usage = field(default_factory=Usage)
    unanswered: bool = True

    def book(self, kind: EventKind, usage: Usage) -> None:
        """Adds what one call used."""
        if kind in OF_VALUE:
            self.value += usage
        else:
            self.policy += usage


@dataclass(slots=True)
class Call:
    """One model call or step on its way: since when, and since when it is its turn (seconds of `monotonic`)."""

    asked: float = field(default_factory=monotonic)
    sent: float | None = None
    started: float = field(default_factory=time)

    def send(self) -> None:
        """Notes that the wait is over."""
        self.sent = monotonic()

    @property
    def times(self) -> tuple[float, float]:
        """Seconds waited, and seconds taken since."""
        now, sent = monotonic(), self.asked if self.sent is None else self.sent
        return sent - self.asked, now - sent


class Record:
    """Writes what trials did to the journal, where there is one.

    Args:
        journal: takes the events; None keeps no record.
    """

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal

    def answer(
        self, kind: EventKind, trial: Trial, asked: Mapping[str, Any], told: Answer, call: Call, *, cached: bool = False
    ) -> None:
        """A model's answer; one from a cache costs nothing.

        Raises:
            JournalError: the journal cannot be written any more.
        """
        if self._journal is not None:
            usage = Usage() if cached else told.usage
            self._write(kind, trial, asked, described(told), call, usage, model=model_of(told), cached=cached)

    def step(self, trial: Trial, asked: Mapping[str, Any], expansion: Expansion, call: Call) -> None:
        """A domain's step.

        Raises:
            JournalError: the journal cannot be written any more.
        """
        if self._journal is not None:
            self._write("step", trial, asked, described_expansion(expansion), call, Usage())

    def failure(
        self, kind: EventKind, trial: Trial, asked: Mapping[str, Any], error: Exception, call: Call, usage: Usage
    ) -> None:
        """A call or step that failed, and what it cost.

        Raises:
            JournalError: the journal cannot be written any more.
        """
        if self._journal is not None:
            self._write(kind, trial, asked, None, call, usage, error=str(error))

    def _write(
        self,
        kind: EventKind,
        trial: Trial,
        asked: Mapping[str, Any],
        answer: Any,
        call: Call,
        usage: Usage,
        model: str | None = None,
        error: str | None = None,
        *,
        cached: bool = False,
    ) -> None:
        assert self._journal is not None
        waited, seconds = call.times
        operator = None if kind in OF_VALUE else trial.operator.name
        self._journal.record(
            Event(
                trial.task.id, trial.node, kind, plain(asked), answer, usage, call.started, seconds, model,
                error, trial.number, operator, waited, cached,
            )
        )  # fmt: skip
