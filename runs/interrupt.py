"""Ctrl-C during a run."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..search import Status


@contextmanager
def pause_on_interrupt(status: Status, say: Callable[[str], None]) -> Iterator[None]:
    """Makes Ctrl-C finish what is in flight and pause the run; a second one drops it. Use it in the search's event
    loop.

    Outside the main thread, where signals do not arrive, it does nothing.

    Args:
        status: of the search.
        say: shows a line to the user.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    before = signal.getsignal(signal.SIGINT)

    def interrupt() -> None:
        if status.pausing:
            if task is not None:
                task.cancel()
        else:
            say(f"finishing {status.requests} requests in flight; Ctrl-C again drops them")
            status.pause()

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
