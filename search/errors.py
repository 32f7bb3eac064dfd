"""Errors of the search API.

SearchError
+-- UnknownName      a domain, policy, value model, recipe, suite or constant that is not there
+-- NameCollision    two installed packages register one name
+-- MissingPart      a recipe needs a model or an ability that it was not given
+-- UnknownTrial     a trial that this engine did not hand out
+-- JournalError     a run directory that cannot be used
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


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


def nearest(name: str, available: Iterable[str]) -> str:
    """The end of an error message: the nearest valid name, if one is near, and all valid names."""
    available = list(available)
    close = get_close_matches(name, available, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else "."
    return f"{guess} Available: {', '.join(available) or 'none'}"
