"""Progress of a run: bars on a terminal, plain lines elsewhere, or JSON lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from ..search import Result, Status
from .figures import Figures
from .metrics import Metrics


class Progress:
    """Shows how far a search is: tasks done and solved, tokens a second, dollars, requests in flight, time left.

    Args:
        console: where to show; None shows nothing.
        every: seconds between two plain lines where the console is no terminal.
        lines: where to write JSON lines instead, an object each, `event` first: "progress", "task", "note".
        metrics: is told of each search, to serve its figures.
    """

    def __init__(
        self,
        console: Console | None,
        every: float = 10.0,
        *,
        lines: IO[str] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._console = console
        self._every = every
        self._lines = lines
        self._metrics = metrics
        self._lock = threading.Lock()

    @classmethod
    def silent(cls) -> Progress:
        """Shows nothing."""
        return cls(None)

    def say(self, text: str) -> None:
        """Shows a line."""
        if self._lines is not None:
            self.emit("note", {"text": text})
        elif self._console is not None:
            self._console.print(text, soft_wrap=True, markup=False, highlight=False)

    def finished(self, name: str, result: Result) -> None:
        """Notes a finished task; shown as a JSON line alone."""
        if self._lines is not None:
            verdict = {"task": result.task.id, "answer": result.answer, "verdict": result.verdict}
            cost = {**asdict(result.cost), "policy_tokens": result.cost.policy_tokens}
            cost["value_tokens"] = result.cost.value_tokens
            self.emit("task", {"run": name, **verdict, "value": result.value, "stopped": result.stopped, "cost": cost})

    def emit(self, event: str, data: dict[str, Any]) -> None:
        """Writes one JSON line, where there are such."""
        if self._lines is not None:
            with self._lock:
                self._lines.write(json.dumps({"event": event, **data}) + "\n")
                self._lines.flush()

    @contextmanager
    def follow(self, name: str, status: Status) -> Iterator[None]:
        """Shows `status` under `name` until the block ends."""

        def figures() -> Figures:
            return Figures.of(name, status)

        if self._metrics is not None:
            self._metrics.follow(name, figures)
        if self._lines is not None:
            with _repeat(lambda: self.emit("progress", figures().plain()), self._every):
                yield
            self.emit("progress", figures().plain())
        elif self._console is None:
            yield
        elif self._console.is_terminal:
            with bars(self._console, name) as show:
                with _repeat(lambda: show(figures()), 0.25):
                    yield
                show(figures())
        else:
            with _repeat(lambda: self.say(figures().line()), self._every):
                yield
            self.say(figures().line())


@contextmanager
def bars(console: Console, name: str) -> Iterator[Callable[[Figures], None]]:
    """A bar on a terminal; the block is given what brings it up to date."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=console) as shown:
        bar = shown.add_task(name, total=None, numbers="")

        def show(now: Figures) -> None:
            shown.update(bar, total=now.tasks or None, completed=now.done, numbers=now.words())

        yield show


@contextmanager
def _repeat(show: Callable[[], None], every: float) -> Iterator[None]:
    """Calls `show` from a thread every so many seconds until the block ends."""
    over = threading.Event()

    def loop() -> None:
        while not over.wait(every):
            show()

    thread = threading.Thread(target=loop, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
