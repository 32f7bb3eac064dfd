"""What nothing can undo: declared by the user or the site, else guessed by a rule, by a model, or by both."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Literal, get_args

from ..protocol import DomainError, Doubt
from .actions import WebAction
from .candidates import described
from .counts import Counts
from .place import Seen
from .shown import as_data, in_brief
from .site import Element, Site

GuessedBy = Literal["rule", "model", "both"]

QUESTION = (
    "Does this action do something outside the browser that cannot be taken back, such as paying, ordering, sending, "
    "publishing, deleting or closing an account?"
)

_WORDS = re.compile(
    r"\b(pay|buy now|purchase|place( the| your| my)? order|order now|delete|remove|discard|erase|send|submit|publish|"
    r"post|confirm|book now|reserve|transfer|donate|subscribe|unsubscribe|sign up|register|cancel (order|account|"
    r"subscription)|deactivate|close account|log ?out)\b",
    re.IGNORECASE,
)
_CLICKS = ("click", "dblclick")
# What a model is asked about; the rest moves about or fills in.
_JUDGED = frozenset((*_CLICKS, "press", "drag_and_drop"))
_SUBMITTING = ("submit", "image")
_LIKELY = 0.5


class Irreversible:
    """Says of each action whether nothing can undo it.

    The first of these that has a word on it counts: the user's lists, the site, the guess. By "both", an action that
    the rule or the model takes for irreversible is; the model is then asked only where the rule says nothing.

    Args:
        site: its `irreversible` is asked.
        counts: kept up to date.
        by: who guesses.
        irreversible, reversible: regular expressions that the whole of an element's name matches, whatever the case.

    Attributes:
        by: who guesses.

    Raises:
        ValueError: no such way to guess, or an expression that is none.
    """

    def __init__(
        self,
        site: Site,
        counts: Counts,
        by: GuessedBy = "rule",
        irreversible: str | Sequence[str] = (),
        reversible: str | Sequence[str] = (),
    ) -> None:
        if by not in get_args(GuessedBy):
            raise ValueError(f"irreversible_by is one of {', '.join(map(repr, get_args(GuessedBy)))}, not {by!r}")
        self._site = site
        self._counts = counts
        self.by = by
        self._declared = [(_names(irreversible), True), (_names(reversible), False)]
        self._lock = threading.Lock()
        self._judged: dict[tuple[str, Doubt], bool] = {}

    def known(self, seen: Seen, action: WebAction) -> bool:
        """Whether an action is irreversible as far as no model need be asked."""
        found = _element(seen, action)
        said = self._said(action, found)
        return (self.by != "model" and guess(action, found)) if said is None else said

    def doubt(self, seen: Seen, action: WebAction) -> Doubt | None:
        """What a model is to be asked about an action; None where that is not for a model to say."""
        found = _element(seen, action)
        if self.by == "rule" or action.name not in _JUDGED or self._said(action, found) is not None:
            return None
        if self.by == "both" and guess(action, found):
            return None
        page = f"Page: {as_data(seen.page.title or seen.page.url)}\n<page>{in_brief(seen.page)}</page>\n"
        sends = f" (sends a form by {found.method})" if found is not None and found.method else ""
        return Doubt(f"{page}Action: {as_data(described(action, seen.page))}{sends}", QUESTION)

    def is_open(self, task: str, doubt: Doubt) -> bool:
        """Whether a doubt of a task has yet to be settled."""
        return (task, doubt) not in self._judged

    def settle(self, task: str, doubt: Doubt, value: float) -> None:
        """Takes the answer to a doubt: how likely Yes is."""
        with self._lock:
            if (task, doubt) not in self._judged:
                self._judged[task, doubt] = value >= _LIKELY
                self._counts.judge(irreversible=value >= _LIKELY)

    def __call__(self, task: str, seen: Seen, action: WebAction) -> bool:
        """Whether an action is irreversible.

        Raises:
            DomainError: a model was to be asked, and was not.
        """
        doubt = self.doubt(seen, action)
        if doubt is None:
            return self.known(seen, action)
        if self.is_open(task, doubt):
            raise DomainError(
                f"whether {described(action, seen.page)} can be undone is for a model to say, and none was asked: a "
                "search asks; who steps by hand asks about `doubts` and tells `settle`"
            )
        return self._judged[task, doubt]

    def _said(self, action: WebAction, found: Element | None) -> bool | None:
        for names, verdict in self._declared:
            if found is not None and names is not None and names.fullmatch(found.name.strip()):
                return verdict
        return self._site.irreversible(action.name, found)


def guess(action: WebAction, element: Element | None) -> bool:
    """Whether an action looks irreversible: it clicks on what is called so, or sends a form that is posted.

    A rule, and so wrong at times in both directions.
    """
    if element is None:
        return False
    sends = element.type in _SUBMITTING or (element.tag == "button" and element.type == "")
    if action.name in _CLICKS:
        return bool(_WORDS.search(element.name)) or (sends and element.method == "post")
    enter = action.name == "press" and str(action.arguments[1]).endswith("Enter")
    return enter and (element.method == "post" or bool(_WORDS.search(element.name)))


def _element(seen: Seen, action: WebAction) -> Element | None:
    return next((seen.page.elements[bid].element for bid in action.bids if bid in seen.page.elements), None)


def _names(texts: str | Sequence[str]) -> re.Pattern[str] | None:
    texts = [texts] if isinstance(texts, str) else list(texts)
    try:
        return re.compile("|".join(f"(?:{text})" for text in texts), re.IGNORECASE) if texts else None
    except re.error as error:
        raise ValueError(f"{texts} are no regular expressions: {error}") from error
