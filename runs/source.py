"""What stands behind a suite's name: where its tasks come from, under which licence, and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..domains.protocol import Task

Generate = Callable[[int, int], Sequence[Task]]
Read = Callable[[Path, list[str] | None], Sequence[Task]]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a suite does not bring along.

    Attributes:
        what: in words, with how to get it.
        module: the module whose absence shows that it is not here; None where that cannot be told beforehand.
    """

    what: str
    module: str | None = None

    @property
    def missing(self) -> bool:
        """Whether it is known not to be here."""
        return self.module is not None and find_spec(self.module) is None


@dataclass(frozen=True, slots=True)
class SuiteCard:
    """What is to be known of a suite before its tasks are loaded.

    Attributes:
        domain: the registered domain that grades its tasks.
        about: one line.
        licence: of the tasks.
        size: how many there are, in words.
        version: changes whenever the same seed or file would give other tasks.
        needs: what it does not bring along.
    """

    domain: str
    about: str
    licence: str
    size: str
    version: str = "1"
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class SuiteSource(SuiteCard):
    """A suite's card and how its tasks are had; a package offers one under the entry point group `treewright.suites`.

    Attributes:
        generate: makes the first `count` tasks of a seed: (count, seed).
        read: the tasks of a file; why a row was passed over goes into the list, without one the first bad row raises
            a DomainError that names line, field and value.
        default: finds the file where none is given; without it one must be.

    Raises:
        ValueError: both of `generate` and `read`, or neither.
    """

    generate: Generate | None = None
    read: Read | None = None
    default: Callable[[], Path] | None = None

    def __post_init__(self) -> None:
        if (self.generate is None) == (self.read is None):
            raise ValueError("a suite is generated or read from a file; give one of generate and read")
