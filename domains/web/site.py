"""What a site is: where its tasks start, what they may reach, how they are set back, how they are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from ..protocol import Task


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser context's own stay at a site, from a task's start or from a snapshot.

    Attributes:
        url: the page to open first; of a restored visit, "" (the domain opens the page that it recorded).
        headers: sent with every request to the site's origins, so that the site can tell visits apart.
        script: JavaScript function text run once when the first page has loaded ("" for none), such as
            "() => begin(7)"; a string that it returns is the task as the page words it, and replaces `Task.text`.
        token: the site's own, such as the database that this visit works on.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    script: str = ""
    token: Any = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What search may see of how a task stands.

    Attributes:
        done: the site itself has ended the task.
        progress: visible sub-goals reached, in [0, 1]; None where the site has none.
    """

    done: bool = False
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The hidden judgement on a finished task: a reward in [0, 1], 1.0 being success, and why."""

    reward: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """An element as an action meets it.

    Attributes:
        bid: the number that the observation shows it by.
        role: its accessibility role: "button", "link", "textbox", ...
        name: its accessible name.
        tag: lower-case tag name.
        type: its `type` attribute ("submit", "checkbox"), or "".
        href: the absolute address of a link, or "".
        method: "get" or "post" of the form that it belongs to, else "".
        form: the absolute address that this form is sent to, or "".
    """

    bid: str
    role: str
    name: str
    tag: str = ""
    type: str = ""
    href: str = ""
    method: str = ""
    form: str = ""


class Site(Protocol):
    """A place on the web with tasks. Methods are called from several threads and may block.

    Attributes:
        name: as shown.
        origins: what pages may reach, such as "http://127.0.0.1:8123"; ("*",) is everything but loopback and private
            addresses.
        served: origins of the site that are served at another address, {"http://shop.test": "http://127.0.0.1:41234"}:
            pages, and so prompts and recorded states, then have the same addresses in every run. They need not be
            listed in `origins`.
        page_from_context: a page is a function of its visit, cookies, storage and address (no unsaved work lives in
            the page), so that a recorded page may be had again by opening its address; checked by its hash each time.
        answers: the agent ends a task by stop(answer); False where the page itself ends it.
        stateless: nothing of a visit outlives its page (no cookies, no storage), so that its context may serve another.
        inspect: JavaScript function text whose JSON value `sight` and `judge` are given, evaluated in the page after
            each action; "" for none.
    """

    name: str
    origins: tuple[str, ...]
    served: Mapping[str, str]
    page_from_context: bool
    answers: bool
    stateless: bool
    inspect: str

    def check(self, task: Task) -> None:
        """Looks whether a task is one of this site's, without any work.

        Raises:
            DomainError: it is not; the message says what was expected.
        """
        ...

    def open(self, task: Task) -> Visit:
        """A fresh visit at a task's start; the same task begins equally every time."""
        ...

    def close(self, visit: Visit) -> None:
        """Forgets a visit; its context is gone."""
        ...

    def sight(self, task: Task, visit: Visit, inspected: Any) -> Sight:
        """What search may see; `task` comes without its hidden part."""
        ...

    def judge(self, task: Task, visit: Visit, inspected: Any, said: str | None) -> Verdict | None:
        """The task's own checker; None where the task has nothing to be judged by.

        Args:
            task: with its hidden part; as an oracle's reward during the search, without it.
            visit: at the state that the answer's actions led to.
            inspected: the value of `inspect` there.
            said: the agent's answer in words (stop("12.99")); None where it gave none.
        """
        ...

    def irreversible(self, action: str, element: Element | None) -> bool | None:
        """Whether nothing can undo an action ("click", "press", ...) on an element; None leaves it to the guess."""
        ...


@runtime_checkable
class SnapshotSite(Site, Protocol):
    """A site that can copy its own state; copies are made only where `page_from_context` too."""

    def snapshot(self, visit: Visit) -> Any:
        """A token of the site's state as the visit sees it now."""
        ...

    def restore(self, task: Task, snapshot: Any) -> Visit:
        """A new visit that sees the state of a snapshot and shares nothing with any other visit."""
        ...

    def drop(self, snapshot: Any) -> None:
        """Forgets a snapshot."""
        ...
