"""A guess at what nothing can undo, where a site does not say: by what an element is called and what it sends."""

from __future__ import annotations

import re

from .actions import WebAction
from .site import Element

_WORDS = re.compile(
    r"\b(pay|buy now|purchase|place( the| your| my)? order|order now|delete|remove|discard|erase|send|submit|publish|"
    r"post|confirm|book now|reserve|transfer|donate|subscribe|unsubscribe|sign up|register|cancel (order|account|"
    r"subscription)|deactivate|close account|log ?out)\b",
    re.IGNORECASE,
)
_CLICKS = ("click", "dblclick")
_SUBMITTING = ("submit", "image")


def guess(action: WebAction, element: Element | None) -> bool:
    """Whether an action looks irreversible: it clicks on what is called so, or sends a form that is posted.

    A rule, and so wrong at times in both directions; a site's own word goes before it.
    """
    if element is None:
        return False
    sends = element.type in _SUBMITTING or (element.tag == "button" and element.type == "")
    if action.name in _CLICKS:
        return bool(_WORDS.search(element.name)) or (sends and element.method == "post")
    enter = action.name == "press" and str(action.arguments[1]).endswith("Enter")
    return enter and (element.method == "post" or bool(_WORDS.search(element.name)))
