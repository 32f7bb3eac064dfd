"""The states of the web domain: where the agent is, what was seen there, and what it thought on the way."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from ..protocol import Task
from .actions import WebAction
from .outline import Outline
from .site import Sight


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found at a place when it was first reached.

    Attributes:
        goal: the task in words.
        trouble: why the last action was not done; "" when it was.
        events: dialogs, downloads, pop-ups and refused addresses on the way here.
        tabs: the open tabs' addresses, and which one is active.
        sight: what search may see of how the task stands.
        context: cookies and storage, where the site's pages are a function of them.
        snapshot: the site's own.
        html: an excerpt of the page's source, where it was asked for.
        picture: a PNG, where it was asked for.
    """

    page: Outline
    goal: str
    trouble: str
    events: tuple[str, ...]
    tabs: tuple[tuple[str, ...], int]
    sight: Sight
    context: Any = None
    snapshot: Any = None
    html: str = ""
    picture: bytes | None = None


class Place:
    """A point of a task's tree of page actions; it is seen when somebody first has to know what is there.

    Attributes:
        task: without its hidden part.
        parent: where the action was done; None at the start.
        action: what leads here from there.
        title: the action with its element's name, for the history.
        depth: actions from the start.
        seen: None until it has been reached.
        lock: held while it is reached, so that it is reached once.
        reopens: whether its context has given its page so far, where it was asked.
        follows: whether an ancestor's context and the actions since have, likewise.
    """

    __slots__ = ("__weakref__", "action", "depth", "follows", "lock", "parent", "reopens", "seen", "task", "title")

    def __init__(
        self, task: Task, parent: Place | None = None, action: WebAction | None = None, title: str = ""
    ) -> None:
        self.task = task
        self.parent = parent
        self.action = action
        self.title = title
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.seen: Seen | None = None
        self.lock = threading.Lock()
        self.reopens = True
        self.follows = True

    @property
    def is_over(self) -> bool:
        """Whether the site has ended the task here, so that no action will be done here any more."""
        return self.seen is not None and self.seen.sight.done

    @property
    def path(self) -> list[Place]:
        """The places after the start, in order, this one last."""
        return [self, *self.ancestors][-2::-1]

    @property
    def ancestors(self) -> list[Place]:
        """The places on the way here, the parent first and the start last."""
        places: list[Place] = []
        place = self.parent
        while place is not None:
            places.append(place)
            place = place.parent
        return places


@dataclass(frozen=True, slots=True)
class PageState:
    """A state: a place, the agent's own notes and plan, and how many actions it took, thoughts included."""

    place: Place
    notes: tuple[str, ...] = ()
    steps: int = 0

    @property
    def script(self) -> tuple[str, ...]:
        """The page actions so far, in their canonical form."""
        return tuple(place.action.text for place in self.place.path if place.action is not None)
