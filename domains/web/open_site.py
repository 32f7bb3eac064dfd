"""Any address: the web itself as a site, with nothing to be judged by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..protocol import DomainError, Task
from .domain import Web
from .gate import EVERYWHERE
from .site import Element, Sight, Verdict, Visit

_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")


class OpenSite:
    """Starts where the task's text says: at the last address in it.

    Args:
        origins: what pages may reach beside the task's own origin; by default all of the public web.
    """

    name = "web"
    served: Mapping[str, str] = MappingProxyType({})
    page_from_context = False
    answers = True
    stateless = False
    inspect = ""

    def __init__(self, origins: Sequence[str] = (EVERYWHERE,)) -> None:
        self.origins: tuple[str, ...] = tuple(origins)

    def check(self, task: Task) -> None:
        """Raises DomainError where the text has no address."""
        self.open(task)

    def open(self, task: Task) -> Visit:
        """The task's own address."""
        found = _ADDRESS.findall(task.text)
        if not found:
            raise DomainError(
                f"task {task.id!r} says no address to start at; write one into it, or give --start: {task.text[:80]!r}"
            )
        return Visit(found[-1].rstrip(".,;)"))

    def close(self, visit: Visit) -> None:
        """Nothing is kept of a visit."""

    def sight(self, task: Task, visit: Visit, inspected: Any) -> Sight:  # noqa: ARG002
        """Nothing is known of how the task stands."""
        return Sight()

    def judge(self, task: Task, visit: Visit, inspected: Any, said: str | None) -> Verdict | None:  # noqa: ARG002
        """There is no checker."""
        return None

    def irreversible(self, action: str, element: Element | None) -> bool | None:  # noqa: ARG002
        """Left to the guess."""
        return None


def web(*, origins: str | Sequence[str] = EVERYWHERE, **options: Any) -> Web:
    """Any address, with enumerated actions for a model to rank; `origins` as for `OpenSite`, `options` as for `Web`."""
    return Web(OpenSite([origins] if isinstance(origins, str) else origins), **options)


def web_written(**options: Any) -> Web:
    """Any address, with actions that the model writes; options as for `web`."""
    return web(ranked=False, **options)
