"""What the journal records: events (what was done) and turns (in which order the engine heard of it)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from ...value_models.protocols import Usage

EventKind = Literal["propose", "rank", "score", "doubt", "step", "grade"]
OF_POLICY: tuple[EventKind, ...] = ("propose", "rank")
OF_VALUE: tuple[EventKind, ...] = ("score", "doubt")


@dataclass(frozen=True, slots=True)
class Event:
    """One model call, domain step or grade.

    Attributes:
        task, node: where in which tree.
        kind: what was done.
        request: what was asked, as plain data; `key` is its digest.
        answer: what came back, as plain data; None where it failed with `error`.
        usage: what it cost.
        started: seconds since the epoch.
        seconds: how long it took, once it was its turn.
        model: who answered.
        error: why there is no answer.
        trial: the number of the trial that it was done for; None for a grade.
        operator: the operator whose request it was; None where no operator asked.
        waited: seconds that it waited for its turn before that.
        cached: the answer came from a cache and cost nothing.
    """

    task: str
    node: int
    kind: EventKind
    request: Any
    answer: Any
    usage: Usage
    started: float
    seconds: float
    model: str | None = None
    error: str | None = None
    trial: int | None = None
    operator: str | None = None
    waited: float = 0.0
    cached: bool = False

    @property
    def key(self) -> str:
        """Digest of kind and request: equal for two events exactly when they asked the same."""
        return request_key(self.kind, self.request)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the engine: the outcomes that it was told, in this order, and the leaves that it was then asked for.

    A run is re-executed by repeating its turns: between two of them the engine's state does not change.

    Attributes:
        told: numbers of the trials, in the order in which they were told.
        limit: what `Engine.ask` was then called with.
        at: seconds on the run's own clock, which stands still while nobody works on the run.
        asked: trials that had been handed out before this turn.
        errors: why a trial failed, by its number.
        after: number of the last event before this turn; set by the journal.
    """

    told: tuple[int, ...]
    limit: int
    at: float
    asked: int
    errors: Mapping[int, str] = field(default_factory=dict)
    after: int = 0


def request_key(kind: str, request: Any) -> str:
    """Digest of a request, as 32 hexadecimal digits."""
    return blake2b(_canonical([kind, request]), digest_size=16).hexdigest()


def dumps(data: Any) -> str:
    """Compact JSON; equal data give equal text."""
    return _encode(data)


def _canonical(data: Any) -> bytes:
    """What `dumps` gives, as bytes, in a seventh of its time.

    Floats below 1e-4 or from 1e16 on, and NaN, which no request has, are written otherwise.
    """
    try:
        return _encode_alike(data)
    except (UnicodeEncodeError, TypeError):
        return dumps(data).encode(errors="surrogatepass")


_encode_alike = msgspec.json.Encoder(order="sorted").encode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
