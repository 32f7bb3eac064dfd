"""One sandbox for all threads of a domain, opened when it is first needed."""

from __future__ import annotations

import threading
import weakref

from .sandbox.protocol import Sandbox

AUTO = "auto"


def strength_of(sandbox: Sandbox | str | None) -> str:
    """What a grader opens beside a given sandbox: the strength that was asked for by name, else the strongest."""
    return sandbox if isinstance(sandbox, str) else AUTO


class SharedSandbox:
    """Opens a sandbox on first use and closes it with this object, or at exit.

    Args:
        given: a sandbox of the caller's, which is used as it is and never closed here; or the strength of one to open,
            by its name; None opens the strongest that stands here.
        workers: programs run at once.
        packages: installed packages that programs may import.
        unsafe: no wall at all.
    """

    def __init__(
        self, given: Sandbox | str | None = None, *, workers: int, packages: tuple[str, ...] = (), unsafe: bool = False
    ) -> None:
        self._given = None if isinstance(given, str) else given
        self._strength = strength_of(given)
        self._opened: Sandbox | None = None
        self._workers = workers
        self._packages = packages
        self._unsafe = unsafe
        self._lock = threading.Lock()
        self._finalizer: weakref.finalize[[], SharedSandbox] | None = None

    def open(self) -> Sandbox:
        """The sandbox.

        Raises:
            NoSandbox: no wall stands on this machine, and none at all was not asked for.
        """
        if self._given is not None:
            return self._given
        with self._lock:
            if self._opened is None:
                from .sandbox import open_sandbox

                self._opened = open_sandbox(
                    self._strength, workers=self._workers, packages=self._packages, unsafe_no_sandbox=self._unsafe
                )
                self._finalizer = weakref.finalize(self, self._opened.close)
            return self._opened

    def close(self) -> None:
        """Closes the sandbox, if it was opened here; the next use opens another."""
        with self._lock:
            if self._finalizer is not None:
                self._finalizer()
            self._opened = self._finalizer = None
