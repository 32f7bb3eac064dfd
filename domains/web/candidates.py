"""Actions enumerated from a page, so that a small model need only rank them."""

from __future__ import annotations

import re

from .actions import WebAction
from .outline import Found, Outline

MOST = 40
_TEXTS_A_FIELD = 4
_OPTIONS_A_LIST = 12
_ANSWERS = 6
_ANSWER_CHARACTERS = 60
_FIELDS = frozenset(("textbox", "searchbox", "spinbutton", "Date", "DateTime", "InputTime", "textarea", "ColorWell"))
_QUOTED = re.compile(r"\"([^\"]{1,80})\"|“([^”]{1,80})”|(?<!\w)'([^']{1,80})'(?!\w)")
_TOKEN = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}|\d{1,2}:\d{2}(?: ?[AP]M)?|#[0-9a-fA-F]{6}|"
    r"-?\d+(?:\.\d+)?|(?:[A-Z][\w'-]*,? )*[A-Z][\w'-]*"
)
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"(?:Start at )?https?://\S+")
_COMMON = frozenset(
    (
        *("a", "an", "and", "any", "are", "as", "at", "by", "do", "for", "from", "in", "into", "is", "it", "its", "of"),
        *("on", "one", "or", "that", "the", "then", "there", "this", "to", "what", "which", "with", "your", "you"),
        *("add", "buy", "choose", "click", "enter", "find", "go", "me", "press", "put", "say", "search", "select"),
    )
)


def candidates(page: Outline, goal: str, *, answers: bool) -> tuple[str, ...]:
    """What can be done on a page, each an action with a comment that names its element.

    Fields are filled with texts of the task: what it quotes, else its names, numbers and dates. Where there is too much
    to do, what shares words with the task goes before the rest.

    Args:
        page: as it is now.
        goal: the task's words.
        answers: the agent ends the task, so that stop(...) is among them, with lines of the page as answers.
    """
    texts = texts_of(goal)
    found = [text for element in page.elements.values() for text in _on(element, texts)]
    if len(found) > MOST:
        wanted = _words(goal)
        best = sorted(range(len(found)), key=lambda place: (-len(_words(found[place]) & wanted), place))[:MOST]
        found = [found[place] for place in sorted(best)]
    if answers:
        found += ["stop()", *(WebAction("stop", (text,)).text for text in _answers(page, goal))]
    return tuple(found)


def texts_of(goal: str) -> list[str]:
    """The texts of a task that a field could be meant to hold: quoted ones, else names and numbers, else its words."""
    goal = _ADDRESS.sub("", goal)
    quoted = [next(filter(None, groups)) for groups in _QUOTED.findall(goal)]
    # A sentence's first word is capital anyway.
    tokens = [found.group().rstrip(",") for found in _TOKEN.finditer(goal) if found.start() > 0]
    words = [word for word in _WORD.findall(goal) if word.lower() not in _COMMON]
    return list(dict.fromkeys(quoted or tokens or words))


def described(action: WebAction, page: Outline) -> str:
    """An action with a comment that names its elements, as it is ranked and told."""
    named = [page.elements[bid] for bid in action.bids if bid in page.elements]
    told = ", ".join(f"{found.element.role} {found.label!r}" if found.label else found.element.role for found in named)
    return f"{action.text} # {told}" if told else action.text


def _on(found: Found, texts: list[str]) -> list[str]:
    element, told = found.element, f"{found.element.role} {found.label!r}" if found.label else found.element.role
    if found.disabled:
        return []
    if element.tag == "select":
        others = [option for option in found.options if option != found.value][:_OPTIONS_A_LIST]
        return [f"{WebAction('select_option', (element.bid, option)).text} # {told}" for option in others]
    if element.role in _FIELDS or (element.tag in ("input", "textarea") and element.role == "combobox"):
        others = [text for text in texts if text != found.value][:_TEXTS_A_FIELD]
        return [f"{WebAction('fill', (element.bid, text)).text} # {told}" for text in others]
    return [f"{WebAction('click', (element.bid,)).text} # {told}"]


def _answers(page: Outline, goal: str) -> list[str]:
    wanted = _words(goal)
    lines = [line.text.removeprefix("# ") for line in page.lines if not line.bid]
    short = [text for text in lines if len(text) <= _ANSWER_CHARACTERS]
    likely = [text for text in short if any(map(str.isdigit, text)) or _words(text) & wanted]
    return list(dict.fromkeys(likely))[:_ANSWERS]


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if len(word) > 2}
