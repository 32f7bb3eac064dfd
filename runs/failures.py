"""What failed in a run, by class of error."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..search import RunReader
from ..search.journal import failures

_CLASS = re.compile(r"^([A-Za-z_][\w.]*): ")
OTHER = "other"


@dataclass(frozen=True, slots=True)
class FailureClass:
    """The failed nodes of one class of error.

    Attributes:
        name: the error's type.
        nodes: where, as (task, node).
        example: what the first of them says.
    """

    name: str
    nodes: tuple[tuple[str, int], ...]
    example: str


def failure_classes(run: RunReader) -> list[FailureClass]:
    """The failed nodes of a run's finished trees by the type of the error, the most frequent first."""
    groups: dict[str, list[tuple[str, int, str]]] = {}
    for task, node, why in failures(run):
        groups.setdefault(error_class(why), []).append((task, node, why))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [FailureClass(name, tuple((task, node) for task, node, _ in found), found[0][2]) for name, found in ordered]


def error_class(failure: str) -> str:
    """The type of the error that a node failed with: the first word before a colon; for an error that was raised in the
    domain, the error itself.
    """
    match = _CLASS.match(failure.removeprefix("DomainFailed: "))
    return match.group(1) if match else OTHER
