"""Errors of the search API.

SearchError
+-- UnknownName      a domain, policy, value model, recipe, suite or constant that is not there
+-- NameCollision    two installed packages register one name
+-- MissingPart      a recipe needs a model or an ability that it was not given
+-- UnknownTrial     a trial that this engine did not hand out
+-- JournalError     a run directory that cannot be used
|   +-- RunInUse     another process writes it
+-- Interrupted      a search that was asked to stop
+-- RunPaused        a run that stopped before its end and can be resumed
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class SearchError(Exception):
    """Any error of the search API."""


class UnknownName(SearchError, LookupError):
    """A name that is not there; the message gives the nearest one and all that there are."""

    def __init__(self, kind: str, name: str, available: Iterable[str]) -> None:
        available = list(available)
        super().__init__(f"no {name!r} among the {kind}{nearest(name, available)}")


class NameCollision(SearchError):
    """Two installed packages register one name."""

    def __init__(self, kind: str, name: str, first: str, second: str) -> None:
        super().__init__(f"{name!r} among the {kind} is registered twice, as {first} and as {second}; uninstall one")


class MissingPart(SearchError):
    """A recipe needs a model or an ability that it was not given."""


class UnknownTrial(SearchError):
    """A trial that this engine did not hand out."""


class JournalError(SearchError):
    """A run directory that cannot be used."""


class RunInUse(JournalError):
    """Another process writes the run."""


class Interrupted(SearchError):
    """A search was asked to stop before its end, and has."""


class RunPaused(SearchError):
    """A run stopped before its end; all that was answered is in its journal, and resuming it pays for none of it again.

    Attributes:
        directory: the run directory.
    """

    def __init__(self, why: str, directory: Path) -> None:
        super().__init__(f"{why}\nThe run is paused; go on with: treewright resume {directory}")
        self.directory = directory


def nearest(name: str, available: Iterable[str]) -> str:
    """The end of an error message: the nearest valid name, if one is near, and all valid names."""
    available = list(available)
    close = get_close_matches(name, available, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else "."
    return f"{guess} Available: {', '.join(available) or 'none'}"
