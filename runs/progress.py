"""Progress of a run: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from ..search import Status


class Progress:
    """Shows how far a search is: tasks done and solved, tokens a second, requests in flight, time left.

    Args:
        console: where to show; None shows nothing.
        every: seconds between two plain lines where the console is no terminal.
    """

    def __init__(self, console: Console | None, every: float = 10.0) -> None:
        self._console = console
        self._every = every

    @classmethod
    def silent(cls) -> Progress:
        """Shows nothing."""
        return cls(None)

    def say(self, text: str) -> None:
        """Shows a line."""
        if self._console is not None:
            self._console.print(text, soft_wrap=True, markup=False, highlight=False)

    @contextmanager
    def follow(self, name: str, status: Status) -> Iterator[None]:
        """Shows `status` under `name` until the block ends."""
        if self._console is None:
            yield
        elif self._console.is_terminal:
            with self._bar(self._console, name, status):
                yield
        else:
            with _repeat(lambda: self._print(name, status), self._every):
                yield
            self._print(name, status)

    def _print(self, name: str, status: Status) -> None:
        assert self._console is not None
        # Not through rich's markup or wrapping: a log line is one line.
        line = f"{name}: {status.done}/{status.tasks} tasks, {_numbers(status)}{_left(status)}"
        self._console.print(line, soft_wrap=True, highlight=False)

    @contextmanager
    def _bar(self, console: Console, name: str, status: Status) -> Iterator[None]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        with RichProgress(*columns, console=console) as bars:
            bar = bars.add_task(name, total=None, numbers="")

            def show() -> None:
                bars.update(bar, total=status.tasks or None, completed=status.done, numbers=_numbers(status))

            with _repeat(show, 0.25):
                yield
            show()


def _numbers(status: Status) -> str:
    tokens = status.policy_tokens + status.value_tokens
    rate = tokens / status.seconds if status.seconds else 0.0
    return f"{status.solved} solved, {rate:,.0f} tokens/s, {status.requests} in flight"


def _left(status: Status) -> str:
    if not 0 < status.done < status.tasks:
        return ""
    return f", about {status.seconds / status.done * (status.tasks - status.done):.0f} s left"


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
