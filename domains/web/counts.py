"""What a search did to its browser: restores by kind, actions, divergences."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Kind = Literal["warm", "snapshot", "state", "reset", "ancestor", "replay"]
KINDS: tuple[Kind, ...] = ("warm", "snapshot", "state", "reset", "ancestor", "replay")


_COLLECTING: list[list[Counts]] = []


@contextmanager
def collected() -> Iterator[list[Counts]]:
    """A list that each web domain made in the `with` block puts its counts into.

    A run makes its domain by name and lets go of it in the end; this is how it can still be told what was done.
    """
    made: list[Counts] = []
    _COLLECTING.append(made)
    try:
        yield made
    finally:
        _COLLECTING.remove(made)


class Counts:
    """Counted since the domain was made; read from any thread.

    Attributes:
        pages: places reached for the first time.
        actions: actions done in a browser, replayed ones included.
        by_replay: actions that it would have taken to reach the same places, each by a reset and all its actions.
        all_by_replay: the same for all places that were made, of which most are never looked at.
        restores: times a recorded page was had again, by kind: the live page ("warm"), a snapshot, context state,
            a reset alone (the task's start), an ancestor's page and the actions since, or a reset and all actions.
        seconds: spent on restores, by kind.
        divergences: restored pages that were not the recorded ones, by kind.
        lost: sessions that died or hung.
        refused: irreversible actions that were not executed.
        judged, judged_irreversible: actions on a page that a model was asked about, and those of them that it took for
            irreversible.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        for made in _COLLECTING:
            made.append(self)
        self.pages = 0
        self.actions = 0
        self.by_replay = 0
        self.all_by_replay = 0
        self.restores: Counter[Kind] = Counter()
        self.seconds: dict[Kind, float] = dict.fromkeys(KINDS, 0.0)
        self.divergences: Counter[Kind] = Counter()
        self.lost = 0
        self.refused = 0
        self.judged = 0
        self.judged_irreversible = 0

    def reached(self, depth: int) -> None:
        """Books a new place that lies `depth` actions from the start."""
        with self._lock:
            self.pages += 1
            self.by_replay += depth

    def made(self, depth: int) -> None:
        """Books a child that lies `depth` actions from the start, whether or not it will be reached."""
        with self._lock:
            self.all_by_replay += depth

    def did(self) -> None:
        """Books one action in a browser."""
        with self._lock:
            self.actions += 1

    def restored(self, kind: Kind, seconds: float, *, same: bool) -> None:
        """Books one restore, and whether the page was the recorded one."""
        with self._lock:
            self.restores[kind] += 1
            self.seconds[kind] += seconds
            if not same:
                self.divergences[kind] += 1

    def lose(self) -> None:
        """Books a session that is gone."""
        with self._lock:
            self.lost += 1

    def refuse(self) -> None:
        """Books an irreversible action that was not executed."""
        with self._lock:
            self.refused += 1

    def judge(self, *, irreversible: bool) -> None:
        """Books what a model said of an action."""
        with self._lock:
            self.judged += 1
            self.judged_irreversible += irreversible

    @property
    def share_without_replay(self) -> float:
        """Share of restores that replayed no action, in [0, 1]; 1.0 where there was none.

        A restore that gave another page and was followed by another way is left out: that one is counted.
        """
        gone_on = {kind: self.divergences[kind] for kind in KINDS if kind not in ("reset", "replay")}
        total = self.restores.total() - sum(gone_on.values())
        replayed = self.restores["replay"] + self.restores["ancestor"] - gone_on["ancestor"]
        return 1.0 if total == 0 else 1 - replayed / total

    def report(self) -> str:
        """All of it in a few lines."""
        kinds = ", ".join(
            f"{self.restores[kind]} {kind} ({1000 * self.seconds[kind] / self.restores[kind]:.0f} ms each)"
            for kind in KINDS
            if self.restores[kind]
        )
        lines = [
            f"pages reached {self.pages}, browser actions {self.actions} "
            f"(by reset and replay {self.by_replay}; of every child as it is made {self.all_by_replay})",
            f"restores: {kinds or 'none'}; {100 * self.share_without_replay:.0f}% without replay",
            f"divergences {self.divergences.total()}, sessions lost {self.lost}, "
            f"irreversible actions not executed {self.refused}",
        ]
        if self.judged:
            lines.append(f"judged by a model {self.judged} actions, irreversible {self.judged_irreversible}")
        return "\n".join(lines)
